using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;
using Spectre.Console;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam models check FILE</c>: what a checkpoint is. Nothing in it is executed.</summary>
internal static class ModelsCheckCommand
{
    public static Command Create()
    {
        var file = new Argument<string>(
            "FILE") { Description = "A checkpoint (.safetensors, .safetensors.index.json, .pth, .pt), a model folder, or the name of a known model." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("check", "Tell what a checkpoint is, whether its tensors are valid, and its SHA-256.") { file, json };
        command.Does((result, cancellation) =>
        {
            string path = new ModelStore(ModelFolders.FromEnvironment()).Resolve(result.GetRequiredValue(file));
            if (Directory.Exists(path) && !File.Exists(Path.Combine(path, ModelPackage.WeightsFile)))
                throw new CheckpointException(path, $"the file {ModelPackage.WeightsFile} is missing: this is not a model folder.");
            var report = Directory.Exists(path) ? Examine(Path.Combine(path, ModelPackage.WeightsFile), path, cancellation) : Examine(path, null, cancellation);
            if (result.GetValue(json)) Printing.Line(result.InvocationConfiguration.Output, JsonSerializer.Serialize(report, JsonSettings.Indented));
            else Print(report, Printing.Console(result.InvocationConfiguration.Output));
            return Task.FromResult(report.Loads ? ExitCodes.Ok : ExitCodes.BadModel);
        });
        return command;
    }

    private sealed record Report(string File, long Bytes, string Format, int Tensors, long Parameters, IReadOnlyDictionary<string, int> Types, string? Stripped,
        IReadOnlyList<string>? Outside, string? Family, string? Architecture, string? Names, IReadOnlyDictionary<string, string>? Details, bool Loads,
        string Sha256, string? Published, string? Problem);

    /// <param name="path">The weights.</param>
    /// <param name="folder">The model folder they lie in, with sizes and vocabulary; null when they stand alone.</param>
    /// <param name="cancellation">Stops the hashing.</param>
    private static Report Examine(string path, string? folder, CancellationToken cancellation)
    {
        using var checkpoint = ModelFault.Guard(path, () => Checkpoint.Open(path));
        var (weights, found, problem) = Weights(checkpoint);
        var tensors = weights is null ? checkpoint.Tensors : weights.Values.ToList();
        string sha256 = FileHash.Sha256(path, cancellation: cancellation);
        var published = ModelCatalog.Models.FirstOrDefault(m => m.Sha256 == sha256);
        var types = tensors.GroupBy(t => t.DType.Code()).OrderByDescending(g => g.Count()).ToDictionary(g => g.Key, g => g.Count());
        problem ??= folder is null ? CheckpointModel.WhyNot(weights!, found) : WhyNot(folder);
        return new(path, new FileInfo(path).Length, checkpoint.Format.ToString(), tensors.Count,
            tensors.Where(t => t.DType.IsFloat()).Sum(t => t.ElementCount), types,
            weights?.Stripped is { Length: > 0 } stripped ? stripped : null,
            weights?.Outside is { Count: > 0 } outside ? outside : null, found?.Family.ToString(), found?.Architecture, found?.Style.ToString(),
            found?.Details, problem is null, sha256, published?.Name, problem);
    }

    private static string? WhyNot(string folder)
    {
        try
        {
            if (PrompterFolder.Is(folder)) PrompterFolder.Open(folder, TorchSharp.torch.CPU).Dispose();
            else ModelPackage.FromFolder(folder).Check();
            return null;
        }
        catch (CheckpointException e)
        {
            return e.What;
        }
    }

    private static (StateDict? Weights, Recognition? Found, string? Problem) Weights(ICheckpoint checkpoint)
    {
        try
        {
            var (weights, found) = KnownWeights.Of(checkpoint);
            return (weights, found, null);
        }
        catch (CheckpointException e)
        {
            return (null, null, e.What);
        }
    }

    private static void Print(Report report, IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
        void Row(string what, string? value)
        {
            if (value is { Length: > 0 }) table.AddRow(what, Printing.Cell(value));
        }
        Row("file", report.File);
        Row("size", Printing.Bytes(report.Bytes));
        Row("format", report.Format);
        Row("model", report.Family is null ? null : $"{report.Family} {report.Architecture}");
        Row("names", report.Names);
        Row("weights under", report.Stripped);
        if (report.Outside is { } outside)
            Row("left out", $"{outside.Count} of other names, such as {string.Join(", ", outside.Take(3))}");
        foreach (var (key, value) in report.Details ?? new Dictionary<string, string>()) Row(key, value);
        Row("tensors", report.Tensors.ToString(CultureInfo.InvariantCulture));
        Row("parameters", report.Parameters.ToString("N0", CultureInfo.InvariantCulture));
        Row("types", string.Join(", ", report.Types.Select(t => $"{t.Key} {t.Value}")));
        Row("sha256", report.Sha256);
        Row("published as", report.Published);
        Row("loads", report.Loads ? "yes" : "no: " + report.Problem);
        console.Write(table);
    }
}
