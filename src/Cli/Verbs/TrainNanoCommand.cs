using System.CommandLine;
using SemanticSam.Cli.Requests;
using SemanticSam.Training.Data;
using SemanticSam.Training.Nano;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam train-nano</c>: trains the embedded model from a backbone that knows ImageNet.</summary>
internal static class TrainNanoCommand
{
    public static Command Create()
    {
        var defaults = new NanoTrainerOptions();
        var data = Text("--data", "Folder with annotations_train.json and images/train.", "FOLDER", true);
        var backbone = Text("--backbone", "ImageNet weights of the backbone, safetensors.", "FILE", true);
        var text = Text("--text", "Folder of the sentence encoder: model.safetensors and vocab.txt.", "FOLDER", true);
        var output = Text("--out", "Folder for weights, state and metrics.", "FOLDER", true);
        var vocabulary = Text("--vocabulary", "Names with synonyms and relations. Default: the embedded one.", "FILE", false);
        var init = Text("--init", "Weights to start from; what they lack begins fresh.", "FILE", false);
        var resume = new Option<bool>("--resume") { Description = "Go on with the training in --out." };
        var steps = Number("--steps", "Steps in all.", (int)defaults.Steps);
        var batch = Number("--batch", "Images a step.", defaults.Batch);
        var size = Number("--size", "Side of the square training images, a multiple of 32.", defaults.Samples.Size);
        var workers = Number("--workers", "Threads that prepare images.", defaults.Workers);
        var seed = Number("--seed", "Decides order, samples and fresh weights.", (int)defaults.Seed);
        var every = Number("--checkpoint-every", "Steps between two checkpoints.", defaults.CheckpointEvery);
        var log = Number("--log-every", "Steps between two lines of metrics.", defaults.LogEvery);
        var rate = new Option<double>("--lr") { Description = "Largest learning rate of the heads.", HelpName = "X", DefaultValueFactory = _ => defaults.Rate };
        var backboneRate = new Option<double>("--backbone-lr") { Description = "Largest learning rate of the backbone.", HelpName = "X", DefaultValueFactory = _ => defaults.BackboneRate };
        var licenses = new Option<string[]>("--licenses", "--licences")
        {
            Description = "License classes to learn from, such as MIT,CC-BY-4.0; 'all' takes every one. Default: all but research and research-upstream.", HelpName = "NAMES", AllowMultipleArgumentsPerToken = true,
        };
        var common = new CommonOptions();
        var command = new Command("train-nano", "Trains the embedded model.")
        {
            data, backbone, text, output, vocabulary, init, resume, steps, batch, size, workers, seed, every, log, rate, backboneRate, licenses, common.Device, common.Threads,
        };
        command.Does((parsed, cancellation) =>
        {
            var device = common.Read(parsed).Apply();
            var options = new NanoTrainerOptions
            {
                Steps = parsed.GetValue(steps), Batch = parsed.GetValue(batch), Seed = parsed.GetValue(seed), Workers = parsed.GetValue(workers),
                CheckpointEvery = parsed.GetValue(every), LogEvery = parsed.GetValue(log), Rate = parsed.GetValue(rate), BackboneRate = parsed.GetValue(backboneRate),
                Filter = Filter(parsed.GetValue(licenses)), Samples = new NanoSampleOptions { Size = parsed.GetValue(size) },
            };
            var sources = new NanoSources(parsed.GetValue(data)!, parsed.GetValue(output)!, parsed.GetValue(backbone)!, parsed.GetValue(text)!, parsed.GetValue(vocabulary), parsed.GetValue(init));
            var writer = parsed.InvocationConfiguration.Output;
            using var trainer = NanoTrainer.Create(sources, options, device, parsed.GetValue(resume), Say);
            bool done = trainer.Run(cancellation);
            Say(done ? $"done: the weights are in {sources.Out}" : $"stopped after step {trainer.Step}; go on with --resume");
            return Task.FromResult(done ? ExitCodes.Ok : ExitCodes.Interrupted);

            void Say(string line)
            {
                writer.WriteLine(line);
                writer.Flush();
            }
        });
        return command;
    }

    private static DatasetFilter Filter(string[]? licenses)
    {
        string[] names = [.. (licenses ?? []).SelectMany(l => l.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        if (names.Length == 0) return DatasetFilter.NotResearch;
        return names is ["all"] ? new DatasetFilter() : new DatasetFilter { OnlyLicenses = names.ToHashSet() };
    }

    private static Option<string> Text(string name, string description, string help, bool required) => new(name) { Description = description, HelpName = help, Required = required };

    private static Option<int> Number(string name, string description, int value) => new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };
}
