// One click, six masks: from the scene to the detail at that pixel.  dotnet run --project samples/Click photo.jpg 320 240
using System.Globalization;
using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;

if (args.Length != 3) throw new ArgumentException("Click IMAGE X Y");
var image = ImageDecoder.Decode(args[0]);
float x = float.Parse(args[1], CultureInfo.InvariantCulture), y = float.Parse(args[2], CultureInfo.InvariantCulture);

using var model = SegmentationModel.Default();
using var session = model.Open(image); // encoded once; every further click costs only the decoder

var masks = session.Segment(Prompt.At(x, y));
foreach (var mask in masks)
    Console.WriteLine($"{mask.Level,-8} {mask.Area,8} pixels, predicted IoU {mask.PredictedIou:f2}");

var whole = session.WholeOf(Prompt.At(x, y));
Console.WriteLine($"It belongs to {whole.Count} larger things; its parts: {session.PartsOf(Prompt.At(x, y)).Count - 1}");
File.WriteAllBytes("click.png", ImageEncoder.Png(OverlayPainter.Paint(image, masks, new() { Points = [(x, y, true)] })));
