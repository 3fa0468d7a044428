// Everything in an image, as it is found, until a key is pressed.  dotnet run --project samples/Everything photo.jpg
using SemanticSam.Engine;
using SemanticSam.Masks;

if (args.Length != 1) throw new ArgumentException("Everything IMAGE");
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };

using var model = SegmentationModel.Default();
using var session = model.Open(args[0]);
var options = new EverythingOptions { Levels = [GranularityLevel.Whole, GranularityLevel.Part], PointsPerSide = 16 };
var masks = new List<MaskResult>();
try
{
    await foreach (var mask in session.SegmentEverything(options, cancellation: stop.Token))
    {
        masks.Add(mask);
        Console.WriteLine($"{masks.Count,4}  {mask.Level,-8} {mask.Area,8} pixels  {mask.Whole?.Label}");
    }
}
catch (OperationCanceledException)
{
    Console.WriteLine("Stopped; what was found so far stays.");
}
