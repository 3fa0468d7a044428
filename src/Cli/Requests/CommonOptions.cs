using System.CommandLine;
using SemanticSam.Engine;

namespace SemanticSam.Cli.Requests;

/// <summary>Options that every verb which runs a model has.</summary>
internal sealed class CommonOptions
{
    public Option<string?> Model { get; } = new("--model")
    {
        Description = "Name of a model or path of its folder or file (see: semsam models). Default: the embedded one.", HelpName = "NAME|PATH",
    };

    public Option<string> Device { get; } = new Option<string>("--device")
    {
        Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu", HelpName = "DEVICE",
    }
        .Check(device => ModelRequest.ProblemWith(device.ToLowerInvariant()));

    public Option<int?> Threads { get; } = new Option<int?>("--threads") { Description = "Threads for computing. Default: all cores.", HelpName = "N" }
        .Within(1, 1024);

    private const int ThreadsPerCore = 2;

    public Option<string?> Vocabulary { get; } = new Option<string?>("--vocabulary")
    {
        Description = "A vocabulary file of your own, for models that have one (see: semsam vocabulary).", HelpName = "FILE",
    }.Check(file => string.IsNullOrWhiteSpace(file) ? "--vocabulary is empty: name a file." : null);

    public Option<VocabularyUse> Use { get; } =
        new("--vocabulary-use") { Description = "extend: it is added to the model's; replace: it stands alone. Default: extend." };

    public Option<ModelPrecision> Precision { get; } = new("--precision")
    {
        Description = "What the embedded model convolves in. Automatic: bfloat16 where the machine is fast at it; float32 gives nearly the same everywhere.",
        HelpName = "automatic|float32|bfloat16",
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Print the JSON alone." };

    public Option<bool> Quiet { get; } = new("--quiet") { Description = "Print nothing but errors." };

    public void AddTo(Command command)
    {
        command.Options.Add(Model);
        command.Options.Add(Device);
        command.Options.Add(Threads);
        command.Options.Add(Precision);
        command.Options.Add(Vocabulary);
        command.Options.Add(Use);
        command.Options.Add(Json);
        command.Options.Add(Quiet);
    }

    public ModelRequest Read(ParseResult parsed) => new(parsed.GetValue(Model), parsed.GetValue(Device)!.ToLowerInvariant(), Useful(parsed))
    {
        Precision = parsed.GetValue(Precision),
        Vocabulary = parsed.GetValue(Vocabulary) is { } file ? new VocabularyOption(file, parsed.GetValue(Use)) : null,
    };

    /// <summary>More threads than the cores can run only wait for each other: a thousand on two cores take twenty times as long as two.</summary>
    private int? Useful(ParseResult parsed)
    {
        int most = ThreadsPerCore * Environment.ProcessorCount;
        if (parsed.GetValue(Threads) is not { } asked || asked <= most) return parsed.GetValue(Threads);
        parsed.InvocationConfiguration.Error.WriteLine(
            $"semsam: --threads {asked}: {most} are used, {ThreadsPerCore} for each of the {Environment.ProcessorCount} cores.");
        return most;
    }
}
