using System.Diagnostics;
using System.Globalization;
using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.Nano;
using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Nano;
using SemanticSam.Imaging;
using static TorchSharp.torch;

namespace SemanticSam.Bench;

/// <summary>Processor time of the steps of the embedded model's answers, least of many runs.</summary>
internal static class NanoSteps
{
    /// <param name="args">Photo, a name that it shows, perhaps runs and threads; anywhere <see cref="NanoTimes.ModelSwitch"/> with a folder.</param>
    public static void Print(string[] args)
    {
        string? folder = NanoTimes.Take(ref args, NanoTimes.ModelSwitch);
        int runs = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 60;
        if (args.Length > 3) set_num_threads(int.Parse(args[3], CultureInfo.InvariantCulture));
        var image = ImageDecoder.Decode(args[0]);
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var files = folder is null ? PackageFiles.Embedded() : PackageFiles.FromFolder(folder);
        using var model = NanoPackage.Begin(files, null)(CPU);
        using var network = new NanoModel(NanoPackage.ReadConfig(files).Network);
        using var weights = SafetensorsFile.Open(files.ReadBytes(ModelPackage.WeightsFile), files.NameOf(ModelPackage.WeightsFile));
        StrictLoader.Load(network, weights);
        network.Freeze();
        using var encoded = (NanoEncodedImage)model.Encode(image);
        var answers = encoded.Answers;
        Console.WriteLine($"{Path.GetFileName(args[0])}, {answers.Width} x {answers.Height} cells, {get_num_threads()} threads, milliseconds: wall, processor");

        NanoPlace[] click = [encoded.Places.Of(Prompt.At(image.Width / 2f, image.Height / 2f))];
        var drawing = answers.Look(click).Drawing;
        PlaceAnswer[] six = [.. Enumerable.Range(0, 6).Select(s => new PlaceAnswer(0, s))];
        float[] low = answers.Draw(drawing, six);
        int plane = low.Length / 6;
        var labels = new NanoLabels(encoded, (NanoNames)model.NameBook, ((NanoNames)model.NameBook).Own);
        Time("click: prompts", runs, () => NanoPlace.ToPrompts(click, answers.Height, answers.Width, CPU));
        Time("click: look", runs, () => answers.Look(click));
        using var fused = network.Fuse(answers.Features)!;
        var asked = NanoPlace.ToPrompts(click, answers.Height, answers.Width, CPU);
        Time("   of it: small networks", runs, () => fused.Run(asked, given: false));
        Time("   the same by libtorch", runs, () => network.Places(answers.Features, asked, given: false));
        Time("click: draw", runs, () => answers.Draw(drawing, six));
        Time("click: upsample and cut", runs, () => MaskDrawing.Cut(low, encoded.Upsampler));
        Time("click: labels", runs, () =>
        {
            for (int i = 0; i < 6; i++) labels.Of(low.AsSpan(i * plane, plane));
        });
        Time("click: all", runs, () => encoded.AnswerPlaces([Prompt.At(image.Width / 2f, image.Height / 2f)], new(null)));

        var names = (NanoNames)model.NameBook;
        var name = names.Read([args[1]]);
        float threshold = (float)model.Settings.NameMapThreshold;
        float[] logits = TensorValues.Floats(answers.Maps(answers.Names(names.Embed([name[0].Asked])))[0]);
        var region = new NameRegion(logits, threshold, (int)answers.Height, (int)answers.Width);
        int[] clicks = region.Clicks();
        NanoPlace[] places = [.. clicks.Select(c => new NanoPlace { Clicks = [(c % answers.Width + 0.5f, c / (int)answers.Width + 0.5f, true)] })];
        var found = NanoInstances.Find(answers, [new(logits, false, _ => true)], threshold)[0].Things;
        NanoPlace[] masks = [.. found.Select(t => new NanoPlace { Previous = t.Logits })];
        Console.WriteLine($"  {args[1]}: {clicks.Length} clicks, {found.Count} things");
        Time("name: presence and map", runs, () => new NanoNameAnswers(encoded, names).Presence(name));
        Time("name: region", runs, () => new NameRegion(logits, threshold, (int)answers.Height, (int)answers.Width));
        Time("name: clicks", runs, () => region.Clicks());
        Time("name: look at the clicks", runs, () => answers.Look(places));
        var networks = answers.Look(places).Drawing;
        var prompts = NanoPlace.ToPrompts(places, answers.Height, answers.Width, CPU);
        using var canvas = new PlaceCanvas(network.Config, answers.Features, answers.Mask, 2);
        Time("   of it: prompts", runs, () => NanoPlace.ToPrompts(places, answers.Height, answers.Width, CPU));
        Time("   of it: coarse masks", runs, () => canvas.Look(prompts, networks.Weights, networks.Frames));
        var kinds = prompts.Maps;
        var ground = MapGround.Of(answers.Features, 2);
        Time("   of them: maps", runs, () => PlaceMaps.Of(answers.Features, ground, prompts, kinds));
        var placed = network.Places(answers.Features, prompts, given: false);
        var looked = canvas.Look(prompts, networks.Weights, networks.Frames);
        Time("   of it: small networks", runs, () => fused.Run(prompts, given: false));
        Time("   the same by libtorch", runs, () => network.Places(answers.Features, prompts, given: false));
        Time("   of it: predicted IoU", runs, () => network.Quality(answers.Features, placed, looked));
        Time("name: look at the masks", runs, () => answers.Look(masks));
        Time("name: things", runs, () => NanoInstances.Find(answers, [new(logits, false, _ => true)], threshold));
        Time("name: all", runs, () => encoded.AnswerNames([args[1]], 0));
    }

    private static void Time(string what, int runs, Action run)
    {
        var (wall, processor) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (int i = 0; i <= runs; i++)
        {
            using var scope = NewDisposeScope();
            var (before, watch) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
            run();
            var (after, passed) = (Environment.CpuUsage.TotalTime, watch.Elapsed);
            if (i == 0) continue;
            if (passed < wall) wall = passed;
            if (after - before < processor) processor = after - before;
        }
        Console.WriteLine(FormattableString.Invariant($"  {what,-32} {wall.TotalMilliseconds,10:f2} {processor.TotalMilliseconds,10:f2}"));
    }
}
