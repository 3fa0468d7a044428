// A folder of images, one result each; stop it at any time and run it again.  dotnet run --project samples/Batch photos/ results/
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;

if (args.Length != 2) throw new ArgumentException("Batch IMAGES RESULTS");
string[] names = ["person", "car"];
var runner = new BatchRunner([args[0]], new BatchOptions { Description = new() { ["text"] = string.Join(", ", names) } });

using var model = SegmentationModel.Default();
var done = await runner.Run(args[1], model, (_, session, _) => Task.FromResult(session.Segment(Prompt.Named(names))));
Console.WriteLine($"{done.Before} were done before, {done.Done} are now, {done.Failed} failed.");
