// Names in, labeled masks out; each mask as a PNG of its own.  dotnet run --project samples/Words photo.jpg "person, hair, wheel of a car"
using SemanticSam.Engine;
using SemanticSam.Imaging;

if (args.Length != 2) throw new ArgumentException("Words IMAGE NAMES");
using var model = SegmentationModel.Default();
using var session = model.Open(args[0]);

int number = 0;
foreach (var mask in session.Segment(Prompt.Named(args[1])))
{
    var label = mask.Part ?? mask.Whole;
    Console.WriteLine($"{label?.Label}: score {label?.Score:f2}, {mask.Area} pixels, box {mask.Box}");
    File.WriteAllBytes($"mask-{++number}.png", ImageEncoder.Png(mask.Mask));
}
if (number == 0) Console.WriteLine("Nothing in the image has these names.");
