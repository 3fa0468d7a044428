using System.Text;
using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;
using SemanticSam.Tests.Pure.Imaging;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;

namespace SemanticSam.Tests.Pure.Formats;

/// <summary>
/// Small files of every format and dialect, changed at random by words that hurt: whatever they are, reading ends soon, in little memory, with images, a
/// report or an <see cref="AnnotationFileException"/>. A few inputs a kind in every run; SEMSAM_FUZZ says how many in the slow one (1,000,000 by
/// default, hours).
/// </summary>
public sealed class ReaderFuzzTests(ITestOutputHelper log) : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    /// <summary>Words that hurt: other types, numbers at the limits, structure.</summary>
    private static readonly byte[][] Words =
    [
        .. ((string[])["null", "-1", "99999999999999999999", "1e308", "-1e308", "NaN", "-Infinity", "\"x\"", "[]", "{}", "[[", "}}", "true", "0", "65535",
        "2147483647", "\"\\ud800\"", "..", "/", "\\",
            "\"", ",", ":", "<", ">", "&#x0;", "<track>", "&x b", "*x", "- ", "\n", "\0", "\u00e9", "1,1;", "id", "image_id", "segmentation",
            "bbox", "[[[[", "../../x", "\u202E", "<a>", "&x;", "2147483648", ": "]).Select(Encoding.UTF8.GetBytes), [0xFF], [0xC3, 0x28], [0xFE, 0xFF],
    ];

    public static TheoryData<string> Kinds() => ReaderSeed.Kinds();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Read_ChangedFiles_EndsWell(string kind) => Fuzz(kind, 200);

    [Theory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Kinds))]
    public void Read_AMillionChangedFiles_EndsWell(string kind) => Fuzz(kind, FuzzRun.Inputs);

    private void Fuzz(string kind, int inputs)
    {
        var seed = ReaderSeed.Write(kind, _folder);
        byte[] content = File.ReadAllBytes(seed.File);
        AnnotationFormat? format = null;
        long problems = 0, annotations = 0;
        new FuzzRun(log, kind).Run(inputs, Make, _ => Read(), e => e is AnnotationFileException or ImageException or FileNotFoundException);
        log.WriteLine($"{problems} problems reported, {annotations} annotations read");
        Assert.True(annotations > 0, "small changes leave something to be read");

        byte[] Make(int number)
        {
            format = number % 2 == 0 ? seed.Format : null; // told, and to be told from what is left of the content
            var random = new Random(number);
            byte[] changed = Changed(content, random);
            if (changed.AsSpan().StartsWith(PngChunks.Signature) && random.Next(10) < 7) PngBytes.FixCheckSums(changed);
            File.WriteAllBytes(seed.File, changed);
            return changed;
        }

        void Read()
        {
            using var set = AnnotationFiles.Open(seed.Open, format,
                new() { Problem = p => problems += p.ToString().Length > 0 ? 1 : 0, Images = seed.Images });
            foreach (var image in set.Read())
                foreach (var annotation in image.Annotations)
                {
                    Assert.Equal((image.Height, image.Width), (annotation.Mask.Height, annotation.Mask.Width));
                    annotations++;
                }
        }
    }

    /// <summary>One to three changes: cut off, taken out, a word put in or in the place of something, doubled there or elsewhere, a bit or a byte.</summary>
    private static byte[] Changed(byte[] seed, Random random)
    {
        byte[] file = seed;
        for (int changes = random.Next(1, 4); changes > 0 && file.Length > 0; changes--)
        {
            int at = random.Next(file.Length), end = Math.Min(file.Length, at + random.Next(1, 25)), to = random.Next(file.Length + 1);
            byte[] word = Words[random.Next(Words.Length)];
            file = random.Next(20) switch
            {
                0 => file[..at],
                < 4 => [.. file[..at], .. file[end..]],
                < 8 => [.. file[..at], .. word, .. file[at..]],
                < 13 => [.. file[..at], .. word, .. file[end..]],
                < 15 => [.. file[..end], .. file[at..]],
                15 => [.. file[..to], .. file[at..end], .. file[to..]],
                16 => [.. file[..at], (byte)random.Next(256), .. file[(at + 1)..]],
                _ => [.. file[..at], (byte)(file[at] ^ (1 << random.Next(8))), .. file[(at + 1)..]],
            };
        }
        return file;
    }
}
