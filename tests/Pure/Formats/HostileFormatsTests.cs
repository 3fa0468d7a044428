using System.Text;
using CsCheck;
using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats;

/// <summary>Files with bytes changed, cut or doubled anywhere: whatever happens is an <see cref="AnnotationFileException"/> or a report.</summary>
public sealed class HostileFormatsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static readonly AnnotatedImage Image = new()
    {
        FileName = "p.png", Width = 14, Height = 9, Id = 3, License = new("MIT"),
        Annotations =
        [
            new()
            {
                Mask = Rle.FromBox(9, 14, new(1, 1, 8, 8)).Subtract(Rle.FromBox(9, 14, new(3, 3, 5, 5))), Id = 1, Whole = new("car", 0.5f),
                Role = AnnotationRole.Whole, Point = (2, 2.5),
            },
            new()
            {
                Mask = Rle.FromBox(9, 14, new(9, 1, 12, 3)).Union(Rle.FromBox(9, 14, new(9, 6, 12, 8))), Id = 2, Parent = 1, Part = new("wheel"),
                Whole = new("car"), Role = AnnotationRole.Part, Level = GranularityLevel.Part, IsWeak = true,
            },
        ],
    };

    [Theory]
    [InlineData(AnnotationFormat.Coco, false)]
    [InlineData(AnnotationFormat.Coco, true)]
    [InlineData(AnnotationFormat.Sa1b, null)]
    [InlineData(AnnotationFormat.LabelMe, true)]
    [InlineData(AnnotationFormat.LabelMe, false)]
    [InlineData(AnnotationFormat.Cvat, true)]
    [InlineData(AnnotationFormat.Cvat, false)]
    [InlineData(AnnotationFormat.Yolo, null)]
    [InlineData(AnnotationFormat.IndexPng, null)]
    [InlineData(AnnotationFormat.MaskPng, null)]
    public void Read_DamagedAnywhere_ReportsOrRefuses(AnnotationFormat format, bool? polygons)
    {
        string root = _folder.File("set"), path = AnnotationFormats.IsOneFile(format) ? Path.Combine(root, "file") : root;
        Directory.CreateDirectory(Path.Combine(root, "images"));
        File.WriteAllBytes(Path.Combine(root, "images", "p.png"), ImageEncoder.Png(new RgbImage(14, 9)));
        using (var writer = AnnotationFiles.Create(path, format, new() { Polygons = polygons }))
        {
            writer.Write(Image);
            writer.Complete();
        }
        string[] files = [.. Directory.GetFiles(root, "*", SearchOption.AllDirectories).Where(f => !f.Contains("images"))];
        int refused = 0, reported = 0, whole = 0;
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Int[0, 100_000], Gen.Int[0, 6], Gen.Byte).Sample(change =>
        {
            byte[] sound = File.ReadAllBytes(files[change.Item1]);
            File.WriteAllBytes(files[change.Item1], Damage(sound, change.Item2, change.Item3, change.Item4));
            try
            {
                int problems = 0;
                using var reader = AnnotationFiles.Open(path, format, new() { Problem = _ => problems++ });
                foreach (var image in reader.Read())
                    foreach (var annotation in image.Annotations)
                        Assert.Equal((image.Height, image.Width), (annotation.Mask.Height, annotation.Mask.Width));
                if (problems > 0) reported++;
                else whole++;
            }
            catch (AnnotationFileException)
            {
                refused++;
            }
            finally
            {
                File.WriteAllBytes(files[change.Item1], sound);
            }
        }, iter: 200, threads: 1);
        Assert.True(refused + reported > 30, $"{refused} refused, {reported} reported, {whole} read");
    }

    private static byte[] Damage(byte[] file, int place, int kind, byte value)
    {
        int at = place % file.Length;
        switch (kind)
        {
            case 0: return file[..at];
            case 1: return [.. file[..at], .. file[(at + 1)..]];
            case 2: return [.. file[..at], value, .. file[at..]];
            case 3: return [.. file[..at], .. file[Math.Max(0, at - 40)..]];
            case 4: // a digit becomes a large number
                int digit = file.AsSpan(at).IndexOfAnyInRange((byte)'0', (byte)'9');
                return digit < 0 ? file[..at] : [.. file[..(at + digit)], .. "99999999999"u8, .. file[(at + digit)..]];
            case 5: // a value becomes another kind of value
                int colon = file.AsSpan(at).IndexOf((byte)':');
                return colon < 0 ? file[..at]
                    : [.. file[..(at + colon + 1)], .. (value % 2 == 0 ? "null,\"x\":"u8 : "[[{}]],\"x\":"u8), .. file[(at + colon + 1)..]];
            default:
                byte[] changed = [.. file];
                changed[at] ^= (byte)(value | 1);
                return changed;
        }
    }

    [Fact]
    public void Folder_WithAFileThatIsNoJson_SaysSoAndReadsTheRest()
    {
        using (var writer = AnnotationFiles.Create(_folder.Path, AnnotationFormat.LabelMe))
            for (int i = 0; i < 2; i++) writer.Write(Image with { FileName = $"p{i}.png" });
        _folder.Write("empty.json", []);
        _folder.Write("other.json", "{\"a\": 1}"u8.ToArray());
        var problems = new List<string>();
        using var reader = AnnotationFiles.Open(_folder.Path, null, new() { Problem = p => problems.Add(p.ToString()) });
        Assert.Equal(["p0.png", "p1.png"], reader.Read().Select(p => p.FileName));
        Assert.StartsWith("empty.json: not valid JSON", Assert.Single(problems));
    }

    [Theory]
    [InlineData("""{"images": [], "annotations": [], "categories": [{"id": 1, "name": "a"}]""")]
    [InlineData("""{"images": {"a": 1}, "annotations": [], "categories": []}""")]
    [InlineData("""{"images": [7], "annotations": [], "categories": []}""")]
    [InlineData("""{"images": [], "annotations": []}""")]
    public void Coco_WrongStructure_IsRefused(string json) =>
        Assert.Throws<AnnotationFileException>(() => AnnotationFiles.Open(_folder.Write("c.json", Encoding.UTF8.GetBytes(json)), AnnotationFormat.Coco));

    [Theory]
    [InlineData("""<box label="a" xtl="0" ytl="0" xbr="2" ybr="2"><attribute name="semsam_prompt">4294967297</attribute></box>""",
        "semsam_prompt is '4294967297'")]
    [InlineData("""<box label="a" xtl="0" ytl="0" xbr="2" ybr="2"><attribute name="semsam_group">-2147483649</attribute></box>""",
        "semsam_group is '-2147483649'")]
    [InlineData("""<box label="a" xtl="0" ytl="0" xbr="2" ybr="2"><attribute name="semsam_level">7</attribute></box>""", "semsam_level is '7'")]
    public void Cvat_OwnNumberThatDoesNotFit_IsReportedAndTheShapeStays(string shape, string fault)
    {
        string xml = $"<annotations><image id=\"0\" name=\"a.png\" width=\"4\" height=\"4\">{shape}</image></annotations>";
        var problems = new List<string>();
        using var reader = AnnotationFiles.Open(_folder.Write("c.xml", Encoding.UTF8.GetBytes(xml)), AnnotationFormat.Cvat,
            new() { Problem = p => problems.Add(p.ToString()) });
        Assert.Equal(4, Assert.Single(Assert.Single(reader.Read()).Annotations).Mask.Area);
        Assert.Contains(fault, Assert.Single(problems));
    }

    [Fact]
    public void Yolo_NamesAsMapAndListMixed_AreRefused()
    {
        string names = _folder.Write("data.yaml", "names:\n  1: a\n  - b\n"u8.ToArray());
        Assert.Contains("line 3: not valid YAML", Assert.Throws<AnnotationFileException>(() => AnnotationFiles.Open(names, AnnotationFormat.Yolo)).Message);
    }

    [Fact]
    public void Sa1b_KeysOfOthersAboutTheImage_AreLeftAlone()
    {
        string file = _folder.Write("a.json",
            """{"image": {"image_id": 5, "width": 4, "height": 4, "license": 1, "source": {"by": "x"}}, "annotations": []}"""u8.ToArray());
        using var reader = AnnotationFiles.Open(file, AnnotationFormat.Sa1b);
        Assert.Equal((5, "a.jpg"), (Assert.Single(reader.Read()).Id!.Value, Assert.Single(reader.Read()).FileName));
    }

    [Fact]
    public void Coco_RunsForAHugeImage_AreRefusedWithoutMemory()
    {
        const string json =
            """{"images": [{"id": 1, "file_name": "a", "width": 65535, "height": 65535}], "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 65535, 0, 65535, 65535]]}], "categories": [{"id": 1, "name": "a"}]}""";
        var problems = new List<FormatProblem>();
        long before = GC.GetAllocatedBytesForCurrentThread();
        using var reader = AnnotationFiles.Open(_folder.Write("c.json", Encoding.UTF8.GetBytes(json)), null, new() { Problem = problems.Add });
        Assert.Empty(reader.Read());
        Assert.Contains(problems, p => p.What.Contains("65535 x 65535 is more than"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 << 20);
    }

    [Fact]
    public void Xml_EntitiesOfAnyKind_AreNeverResolved()
    {
        string secret = _folder.Write("secret.txt", "secret"u8.ToArray());
        string xml = $"<!DOCTYPE annotations [<!ENTITY s SYSTEM \"{new Uri(secret)}\">]><annotations><image id=\"0\" name=\"&s;\" width=\"1\" " +
            $"height=\"1\"/></annotations>";
        var e = Assert.Throws<AnnotationFileException>(() => AnnotationFiles.Open(_folder.Write("x.xml", Encoding.UTF8.GetBytes(xml))));
        Assert.DoesNotContain("secret", e.Message.Replace("secret.txt", ""));
        Assert.Contains("refused", e.Message);
    }
}
