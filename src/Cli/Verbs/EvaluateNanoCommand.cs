using System.CommandLine;
using System.Globalization;
using SemanticSam.Cli.Requests;
using SemanticSam.Training.Data;
using SemanticSam.Training.Nano;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam evaluate-nano</c>: measures weights of the embedded model while they are being trained.</summary>
internal static class EvaluateNanoCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Folder with annotations_val.json and images/val.", HelpName = "FOLDER", Required = true };
        var split = new Option<string>("--split") { Description = "Which part of it.", HelpName = "NAME", DefaultValueFactory = _ => "val" };
        var weights = new Option<string>("--weights") { Description = "nano.safetensors of a training.", HelpName = "FILE", Required = true };
        var text = new Option<string>("--text") { Description = "Folder of the sentence encoder.", HelpName = "FOLDER", Required = true };
        var pictures = new Option<int?>("--pictures") { Description = "Only so many, spread evenly. Default: all.", HelpName = "N" };
        var size = new Option<int>("--size") { Description = "Longer side at which pictures are encoded.", HelpName = "N", DefaultValueFactory = _ => 384 };
        var everything = new Option<int>("--everything") { Description = "Pictures on which everything mode is measured.", HelpName = "N", DefaultValueFactory = _ => 24 };
        var common = new CommonOptions();
        var command = new Command("evaluate-nano", "Measures weights of the embedded model.") { data, split, weights, text, pictures, size, everything, common.Device, common.Threads };
        command.Does((parsed, cancellation) =>
        {
            var options = new NanoEvaluationOptions { Size = parsed.GetValue(size), MaxPictures = parsed.GetValue(pictures), EverythingPictures = parsed.GetValue(everything) };
            using var evaluator = new NanoEvaluator(parsed.GetValue(weights)!, parsed.GetValue(text)!, null, options, common.Read(parsed).Apply());
            var set = WholePartDataset.LoadSplit(parsed.GetValue(data)!, parsed.GetValue(split)!).Where(DatasetFilter.NotResearch);
            foreach (var (name, value, count) in evaluator.Run(set, cancellation))
                parsed.InvocationConfiguration.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-24}{value,8:0.0000}{count,8}"));
            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }
}
