// Paints photos with what was found of the names that a file asks of each (docs/gallery is made this way, by scripts/gallery.sh).
//   dotnet run --project samples/Gallery photos/ docs/gallery/asked.txt docs/gallery
// A line of the file is "photo.jpg: name, name"; the overlays are JPEG files with the photos' names.
using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;

if (args.Length != 3) throw new ArgumentException("Gallery PHOTOS ASKED OUTPUT");
using var model = SegmentationModel.Default();
foreach (string line in File.ReadLines(args[1]).Where(l => l.Contains(':') && !l.StartsWith('#')))
{
    var (photo, names) = (line[..line.IndexOf(':')].Trim(), line[(line.IndexOf(':') + 1)..].Trim());
    var image = ImageDecoder.Decode(Path.Combine(args[0], photo));
    using var session = model.Open(image);
    var answer = session.Answer([Prompt.Named(names)]);
    File.WriteAllBytes(Path.Combine(args[2], Path.ChangeExtension(photo, ".jpg")), ImageEncoder.Jpeg(OverlayPainter.Paint(image, answer.Masks), 82));
    Console.WriteLine(FormattableString.Invariant($"{photo}: {string.Join(", ", answer.Names.Select(n => $"{n.Text} {n.Found} ({n.Presence:0.00})"))}"));
}
