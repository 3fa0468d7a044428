using System.CommandLine;
using SemanticSam.Engine;
using TorchSharp;

namespace SemanticSam.Cli.Requests;

/// <summary>Options that every verb which runs a model has.</summary>
internal sealed class CommonOptions
{
    public Option<string?> Model { get; } = new("--model") { Description = "Name of a model or path of its folder or file (see: semsam models). Default: the embedded one.", HelpName = "NAME|PATH" };

    public Option<string> Device { get; } = new("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu", HelpName = "DEVICE" };

    public Option<int?> Threads { get; } = new("--threads") { Description = "Threads for computing. Default: all cores.", HelpName = "N" };

    public Option<bool> Json { get; } = new("--json") { Description = "Print the JSON alone." };

    public Option<bool> Quiet { get; } = new("--quiet") { Description = "Print nothing but errors." };

    public void AddTo(Command command)
    {
        command.Options.Add(Model);
        command.Options.Add(Device);
        command.Options.Add(Threads);
        command.Options.Add(Json);
        command.Options.Add(Quiet);
    }

    /// <summary>Applies threads, checks the device.</summary>
    public torch.Device Apply(ParseResult parsed)
    {
        if (parsed.GetValue(Threads) is { } threads)
        {
            if (threads is < 1 or > 1024) throw new UsageException($"--threads {threads}: 1 to 1024 are allowed.");
            torch.set_num_threads(threads);
        }
        string device = parsed.GetValue(Device)!.ToLowerInvariant();
        if (device == "cpu") return torch.CPU;
        int index = 0;
        if (device != "cuda" && !(device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(device[5..], out index) && index >= 0))
            throw new UsageException($"--device {device}: cpu, cuda or cuda:N are allowed.");
        if (!torch.cuda.is_available())
            throw new UsageException($"--device {device}: no CUDA device is available to the tensor library in use; take --device cpu.");
        if (index >= torch.cuda.device_count())
            throw new UsageException($"--device {device}: there are {torch.cuda.device_count()} CUDA devices, counted from 0.");
        return torch.device(device);
    }

    /// <summary>Opens the model asked for.</summary>
    public SegmentationModel OpenModel(ParseResult parsed) => ModelLocator.Open(parsed.GetValue(Model), Apply(parsed));
}
