// A folder of images, one result each; stop it at any time and run it again.  dotnet run --project samples/Batch photos/ results/
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;

if (args.Length != 2) throw new ArgumentException("Batch IMAGES RESULTS");
string[] names = ["person", "car"];
var inputs = new InputCollector(except: args[1]);
inputs.Add(args[0]);
var runner = new BatchRunner(inputs.ToInput(), new BatchOptions { Description = new() { ["text"] = string.Join(", ", names) } });

using var model = SegmentationModel.Default();
using var folder = BatchFolder.Claim(args[1], BatchStart.Resume);
var done = await runner.Run(folder, model, (_, session, _) => Task.FromResult(session.Segment(Prompt.Named(names))));

Console.WriteLine($"{done.Before} were done before, {done.Done} are now, {done.Failed} failed.");
var report = BatchVerifier.Verify(args[1]);
Console.WriteLine($"{report.Masks} masks; {(report.Problems.Count == 0 ? "complete and valid" : $"{report.Problems.Count} problems")}");
