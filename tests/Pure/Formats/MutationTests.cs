using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;

namespace SemanticSam.Tests.Pure.Formats;

/// <summary>
/// Every reader on mutants of sound files: no exception but its own, no mutant that takes long or more than 512 MB. A million mutants a reader;
/// SEMSAM_FUZZ takes another number.
/// </summary>
public sealed class MutationTests(ITestOutputHelper log) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData("coco")]
    [InlineData("sa1b")]
    [InlineData("result")]
    [InlineData("labelme")]
    [InlineData("yolo")]
    [InlineData("data.yaml")]
    [InlineData("cvat")]
    [InlineData("index-png")]
    [InlineData("mask-png")]
    public void Readers_OnMutants_SayWhatIsWrongAndEnd(string kind) => Run(kind, FuzzRun.Inputs);

    /// <summary>The same, briefly, with every run of the tests.</summary>
    [Theory]
    [InlineData("coco")]
    [InlineData("labelme")]
    [InlineData("cvat")]
    [InlineData("data.yaml")]
    public void Readers_OnSomeMutants_SayWhatIsWrongAndEnd(string kind) => Run(kind, 300);

    private void Run(string kind, int count)
    {
        var (file, open) = Seed(kind);
        byte[] seed = File.ReadAllBytes(file);
        var random = new Random(20261126);
        long problems = 0, read = 0;
        new FuzzRun(log, kind).Run(count, Make, _ => Read(), e => e is AnnotationFileException or ImageException or FileNotFoundException);
        log.WriteLine($"{problems} problems reported, {read} annotations read");

        byte[] Make(int number)
        {
            byte[] mutant = Mutate(seed, random);
            File.WriteAllBytes(file, mutant);
            return mutant;
        }

        void Read()
        {
            using var reader = AnnotationFiles.Open(open, null,
                new() { Problem = _ => problems++, Images = Directory.Exists(_folder.File("images")) ? _folder.File("images") : null });
            foreach (var image in reader.Read()) read += image.Annotations.Count;
        }
    }

    /// <summary>A few bytes changed, taken away, doubled or put elsewhere; words of files among them.</summary>
    private static byte[] Mutate(byte[] seed, Random random)
    {
        string[] words = ["null", "-1", "1e308", "99999999999", "\"\\ud800\"", "[]", "{}", "[[[[", "../../x", "\u202E", "<a>", "&x;", "\0", "NaN", "true",
            "2147483648", ",", "\"", ": ", "\n- "];
        var bytes = new List<byte>(seed);
        for (int changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            int at = random.Next(bytes.Count), length = Math.Min(random.Next(1, 24), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes.RemoveRange(at, length); break;
                case 2: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 3: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
                case 4: bytes.InsertRange(at, System.Text.Encoding.UTF8.GetBytes(words[random.Next(words.Length)])); break;
                default: bytes[at] = (byte)random.Next(256); break;
            }
        }
        return [.. bytes];
    }

    /// <summary>A sound set of the kind: the file to change, and what to open.</summary>
    private (string File, string Open) Seed(string kind)
    {
        var image = new AnnotatedImage
        {
            FileName = "a.png", Width = 12, Height = 10, Id = 1,
            Annotations =
            [
                new() { Mask = Rle.FromBox(10, 12, new(1, 2, 8, 9)), Id = 1, Whole = new("car", 0.5f), Role = AnnotationRole.Whole },
                new() { Mask = Rle.FromBox(10, 12, new(2, 3, 5, 6)), Id = 2, Parent = 1, Whole = new("car"), Part = new("wheel"), Role = AnnotationRole.Part },
            ],
        };
        Directory.CreateDirectory(_folder.File("images"));
        File.WriteAllBytes(_folder.File("images/a.png"), ImageEncoder.Png(new RgbImage(12, 10)));
        if (kind == "result")
        {
            string path = _folder.File("r/a.json");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, SemanticSam.Formats.Results.ResultJson.ToText("a.png", 12, 10, new("m", new string('0', 64)), null,
                [new MaskResult { Mask = image.Annotations[0].Mask, PredictedIou = 0.5f, StabilityScore = 1 },
                new MaskResult { Mask = image.Annotations[1].Mask, PredictedIou = 0.5f, StabilityScore = 1, Parent = 0 }]));
            return (path, path);
        }
        var format = kind switch
        {
            "coco" => AnnotationFormat.Coco, "sa1b" => AnnotationFormat.Sa1b, "labelme" => AnnotationFormat.LabelMe, "cvat" => AnnotationFormat.Cvat,
            "index-png" => AnnotationFormat.IndexPng, "mask-png" => AnnotationFormat.MaskPng, _ => AnnotationFormat.Yolo,
        };
        string to = format is AnnotationFormat.Coco ? _folder.File("set.json")
            : format is AnnotationFormat.Cvat ? _folder.File("set.xml") : _folder.File("set");
        using (var writer = AnnotationFiles.Create(to, format, new() { Polygons = true, Problem = _ => { } }))
        {
            writer.Write(image);
            writer.Complete();
        }
        return kind switch
        {
            "coco" or "cvat" => (to, to),
            "data.yaml" => (Path.Combine(to, "data.yaml"), to),
            "yolo" => (Path.Combine(to, "labels", "a.txt"), to),
            "mask-png" => (Path.Combine(to, "a", "masks.json"), to),
            "index-png" => (Path.Combine(to, "a.png"), Path.Combine(to, "a.json")),
            _ => (Path.Combine(to, "a.json"), Path.Combine(to, "a.json")),
        };
    }
}
