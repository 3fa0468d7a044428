// What README and docs show as C#, so that the compiler checks it; a test holds the pages to these lines.  dotnet run --project samples/Readme
// README.md, with photo.jpg in the current folder
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;

using var model = SegmentationModel.Default();          // embedded; Load(folder) and LoadCheckpoint(file) for others
using var session = model.Open("photo.jpg");            // encoded once; every prompt costs only the decoder
foreach (var mask in session.Segment(Prompt.Named("car", "wheel of a car")))
    Console.WriteLine($"{mask.Part?.Label ?? mask.Whole?.Label}: {mask.Area} pixels, box {mask.Box}");
var levels = session.Segment(Prompt.At(320, 240));      // six masks, scene to detail
var parts = session.PartsOf(Prompt.At(320, 240));       // the thing, then its parts
await foreach (var mask in session.SegmentEverything()) // each as soon as it is decided
    Console.WriteLine(mask.Level);

if (Directory.Exists("photos")) await Batch();
if (args is ["refine"]) Refine(session);

// docs/batch.md
static async Task Batch()
{
    var runner = new BatchRunner(["photos"], new BatchOptions { Description = new() { ["text"] = "car" } });
    using var model = SegmentationModel.Default();
    var done = await runner.Run("set", model, (item, session, stop) => Task.FromResult(session.Segment(Prompt.Named("car"))));
    Console.WriteLine($"{done.Done} done now, {done.Before} before, {done.Failed} failed");
}

// docs/prompts.md
static void Refine(ImageSession session)
{
    var first = session.Segment(Prompt.At(120, 80), new() { KeepLogits = true });
    var better = session.Segment(new Prompt { Points = [new(120, 80), new(200, 90, Positive: false)], Logits = first[0].Logits });
    Console.WriteLine($"{first.Count}, {better.Count}");
}
