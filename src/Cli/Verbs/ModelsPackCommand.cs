using System.CommandLine;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Requests;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam models pack</c>: makes a model folder of the embedded model's family from trained weights.</summary>
internal static class ModelsPackCommand
{
    public static Command Create()
    {
        var weights = new Option<string[]>("--weights")
        {
            Description = "The network's weights, as training writes them (nano.safetensors). Several files give their mean, which is often better than each "
                + "where their trainings went on from the same weights.",
            HelpName = "FILE", Required = true, AllowMultipleArgumentsPerToken = true,
        }.Check(files => files.Any(string.IsNullOrWhiteSpace) ? "--weights is empty: name a file." : null);
        var text = new Option<string>("--text")
        {
            Description = "Folder of the sentence encoder that it was trained with: model.safetensors and vocab.txt.", HelpName = "FOLDER", Required = true,
        }.NotEmpty("folder");
        var vocabulary = new Option<string?>("--vocabulary")
        {
            Description = "Names with synonyms and relations. Default: the embedded one.", HelpName = "FILE",
        };
        var settings = new Option<string?>("--inference")
        {
            Description = "Thresholds and calibration: the inference.json of such a folder. Default: none.", HelpName = "FILE",
        };
        var output = new Option<string>("--out")
        {
            Description = "The folder to make; one of that name is replaced when the new one is complete.", HelpName = "FOLDER", Required = true,
        }.NotEmpty("folder");
        var command = new Command("pack", "Make a model folder from trained weights of the embedded model's family.") { weights, text,
            vocabulary, settings, output };
        command.Does((parsed, _) =>
        {
            string folder = parsed.GetValue(output)!;
            RefuseForeign(folder);
            byte[] names = parsed.GetValue(vocabulary) is { } file ? RegularFile.ReadAllBytes(file, RegularFile.LargestText)
                : PackageFiles.Embedded().ReadBytes(NanoPackage.VocabularyFile);
            var thresholds = parsed.GetValue(settings) is { } path ? ReadSettings(path) : null;
            OutputException.Guard(() => NanoPackageWriter.Write(folder, parsed.GetValue(weights)!, parsed.GetValue(text)!, names, thresholds));
            long bytes = new DirectoryInfo(folder).EnumerateFiles().Sum(f => f.Length);
            Printing.Line(parsed.InvocationConfiguration.Output, $"{folder}: {Printing.Bytes(bytes)} in all; --model {folder} takes it.");
            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }

    /// <summary>A folder is only replaced by another model: a slip of the pen must not cost anybody's photos.</summary>
    private static void RefuseForeign(string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !File.Exists(Path.Combine(folder, ModelPackage.ConfigFile)))
            throw new UsageException($"--out {folder}: the folder is not empty and holds no model; name another.");
    }

    private static InferenceSettings ReadSettings(string path)
    {
        try
        {
            return InferenceSettings.FromJson(RegularFile.ReadAllText(path, RegularFile.LargestText));
        }
        catch (JsonException e)
        {
            throw new CheckpointException(path, $"{JsonMessage.Of(e)}.", inner: e);
        }
    }
}
