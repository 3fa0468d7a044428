// One click at each of the six levels, then names, side by side in one picture (docs/images/levels.jpg is made this way).
//   dotnet run --project samples/Levels photo.jpg 320 240 "person, hair, skin, shoe" levels.jpg
using System.Globalization;
using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;

if (args.Length != 5) throw new ArgumentException("Levels IMAGE X Y NAMES OUTPUT");
var image = ImageDecoder.Decode(args[0]);
float x = float.Parse(args[1], CultureInfo.InvariantCulture), y = float.Parse(args[2], CultureInfo.InvariantCulture);

using var model = SegmentationModel.Default();
using var session = model.Open(image);
var marks = new OverlayOptions { Points = [(x, y, true)] };
var panels = session.Segment(Prompt.At(x, y), new() { Vocabulary = [] })
    .Select(mask => OverlayPainter.Paint(image, [new OverlayMask(mask.Mask, mask.Level?.ToString().ToLowerInvariant())], marks))
    .Append(OverlayPainter.Paint(image, session.Segment(Prompt.Named(args[3])))).ToArray();

const int gap = 6;
var sheet = new RgbImage((image.Width + gap) * panels.Length - gap, image.Height);
Array.Fill(sheet.Pixels, (byte)255);
for (int i = 0; i < panels.Length; i++)
    for (int row = 0; row < image.Height; row++)
        panels[i].Row(row).CopyTo(sheet.Pixels.AsSpan(3 * (row * sheet.Width + i * (image.Width + gap))));
File.WriteAllBytes(args[4], ImageEncoder.Jpeg(sheet, 88));
