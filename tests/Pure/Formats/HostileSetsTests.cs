using System.Diagnostics;
using System.Text;
using SemanticSam.Formats;
using SemanticSam.Formats.Shapes;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats;

/// <summary>Sets made to cost time or memory, or to lose the good with the bad.</summary>
public sealed class HostileSetsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static void Within(double seconds, Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        Assert.True(watch.Elapsed.TotalSeconds < seconds, $"{watch.Elapsed}");
    }

    /// <summary>A folder from elsewhere may lead writers to files of its maker's choice.</summary>
    [SkippableTheory]
    [InlineData("Yolo", "labels")]
    [InlineData("Yolo", "labels/sub")]
    [InlineData("LabelMe", "sub")]
    [InlineData("Sa1b", "sub")]
    [InlineData("IndexPng", "sub")]
    [InlineData("MaskPng", "sub")]
    [InlineData("MaskPng", "sub/a")]
    public void Writers_FolderThatIsALink_IsNotWrittenThrough(string format, string link)
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a privilege there");
        Directory.CreateDirectory(_folder.File("theirs"));
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File($"o/{link}"))!);
        Directory.CreateSymbolicLink(_folder.File($"o/{link}"), _folder.File("theirs"));
        var problems = new List<FormatProblem>();
        using var writer = AnnotationFiles.Create(_folder.File("o"), Enum.Parse<AnnotationFormat>(format), new() { Problem = problems.Add });
        foreach (string name in (string[])["sub/a.jpg", "b.jpg"])
            writer.Write(new() { FileName = name, Width = 2, Height = 2, Annotations = [new() { Mask = Rle.Full(2, 2), Id = 1, Whole = new("car") }] });
        writer.Complete();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.File("theirs")));
        Assert.Contains(problems, p => p.IsLoss && p.What.Contains("a link"));
        Assert.Equal(link == "labels" ? 0 : 1, writer.Written.Images);
    }

    [Fact]
    public void ClassNames_MillionsOfLines_AreRefused() => Within(5, () =>
    {
        File.WriteAllText(_folder.File("names.txt"), string.Concat(Enumerable.Repeat("a\n", 3_000_000)));
        Assert.Contains("at most 100000 names", Assert.Throws<AnnotationFileException>(() => ClassNames.Lines(_folder.File("names.txt"))).Message);
    });

    [Fact]
    public void OutputNames_ManyImagesOfOneName_AreNumberedInNoTime() => Within(5, () =>
    {
        var names = new OutputNames(_folder.Path);
        var all = Enumerable.Range(0, 100_000).Select(_ => names.PathFor("a.jpg", "f")).ToHashSet();
        Assert.Equal(100_000, all.Count);
    });

    /// <summary>What looks like an ending may be all of a name: "..." without it is the folder above.</summary>
    [Theory]
    [InlineData("...", "...")]
    [InlineData("x/....", "x/...")]
    [InlineData("a/...", "a/...")]
    [InlineData("x/.jpg", "x/.jpg")]
    [InlineData("..jpg", "..jpg")]
    public void OutputNames_NameOfDots_StaysBelow(string name, string expected) =>
        Assert.Equal(Path.Combine(_folder.Path, expected), new OutputNames(_folder.Path).PathFor(name, "f"));

    /// <summary>Names that are one on a file system that is not particular, such as those of Windows and macOS.</summary>
    [Theory]
    [InlineData("a.jpg", "A.png")]
    [InlineData("caf\u00e9.jpg", "cafe\u0301.jpg")]
    [InlineData("x/a.jpg", "x./a .jpg")]
    [InlineData("\uD55C.jpg", "\u1112\u1161\u11AB.jpg")]
    public void OutputNames_NamesThatAreOneElsewhere_AreCounted(string first, string second)
    {
        var names = new OutputNames(_folder.Path);
        names.PathFor(first, "f");
        Assert.False(names.IsCounted);
        Assert.EndsWith("-2", names.PathFor(second, "f"));
        Assert.True(names.IsCounted);
    }

    [Fact]
    public void OutputNames_NumberThatIsTaken_IsPassedOver()
    {
        var names = new OutputNames(_folder.Path);
        Assert.Equal(["a-2", "a", "a-3", "a-4"], new[] { "a-2.jpg", "a.jpg", "a.png", "A.jpg" }
            .Select(n => Path.GetFileName(names.PathFor(n, "f")).ToLowerInvariant()));
    }

    /// <summary>Scripts write names in the place of numbers; each is looked up, not searched for.</summary>
    [Fact]
    public void Coco_ManyCategoriesByName_TakeTimeByTheirNumber() => Within(15, () =>
    {
        const int count = 60_000;
        string categories = string.Join(',', Enumerable.Range(1, count).Select(i => $$"""{"id":{{i}},"name":"a name that is no other's until its end {{i}}"}"""));
        string annotations = string.Join(',', Enumerable.Range(1, count).Select(i =>
            $$"""{"id":{{i}},"image_id":1,"category_name":"a name that is no other's until its end {{count - i % 9}}","bbox":[0,0,1,1]}"""));
        File.WriteAllText(_folder.File("c.json"),
            $$"""{"images":[{"id":1,"file_name":"a.jpg","width":4,"height":4}],"categories":[{{categories}}],"annotations":[{{annotations}}]}""");
        using var reader = AnnotationFiles.Open(_folder.File("c.json"), null, new() { Problem = _ => { } });
        var read = Assert.Single(reader.Read()).Annotations;
        Assert.Equal(count, read.Count);
        Assert.EndsWith($"end {count - 1}", read[0].Category);
    });

    [Fact]
    public void ParentCheck_LongChain_IsWalkedOnce() => Within(8, () =>
    {
        const int count = 200_000;
        var mask = Rle.Full(1, 1);
        var image = new AnnotatedImage
        {
            FileName = "a", Width = 1, Height = 1,
            Annotations = [.. Enumerable.Range(0, count).Select(i => new Annotation { Mask = mask, Id = i, Parent = i == 0 ? null : i - 1 })],
        };
        int told = 0;
        Assert.Equal(count - 1, ParentCheck.Sound(image, "f", new(_ => told++)).Annotations.Count(a => a.Parent is not null));
        Assert.Equal(0, told);
        // The same chain, closed to a ring: one link is taken out.
        image = image with { Annotations = [image.Annotations[0] with { Parent = count - 1 }, .. image.Annotations.Skip(1)] };
        Assert.Equal(count - 1, ParentCheck.Sound(image, "f", new(_ => told++)).Annotations.Count(a => a.Parent is not null));
        Assert.Equal(1, told);
    });

    [Fact]
    public void ParentCheck_RingsAndTails_LoseOneLinkARing()
    {
        var random = new Random(3);
        for (int round = 0; round < 300; round++)
        {
            int count = random.Next(1, 9);
            var annotations = Enumerable.Range(0, count)
                .Select(i => new Annotation { Mask = Rle.Full(1, 1), Id = i, Parent = random.Next(3) == 0 ? null : random.Next(count) }).ToList();
            var sound = ParentCheck.Sound(new() { FileName = "a", Width = 1, Height = 1, Annotations = annotations }, "f", new(_ => { })).Annotations;
            var parent = sound.ToDictionary(a => a.Id!.Value, a => a.Parent);
            foreach (var a in sound)
            {
                int steps = 0;
                for (long? at = a.Id; at is { } id; at = parent[id]) Assert.True(++steps <= count, "a ring is left");
            }
            // Nobody loses a parent without being on a ring.
            foreach (var (before, after) in annotations.Zip(sound))
            {
                if (before.Parent == after.Parent) continue;
                long? at = before.Parent;
                for (int steps = 0; at is { } id && id != before.Id && steps < count; steps++) at = annotations[(int)id].Parent;
                Assert.Equal(before.Id, at);
            }
        }
    }

    [Fact]
    public void Merge_ManyMasks_TakesNoTimeAndEqualsOneAfterTheOther()
    {
        var random = new Random(1);
        Rle[] few = [.. Enumerable.Range(0, 37).Select(_ => Rle.FromBox(40, 50, new(random.Next(50), random.Next(40), random.Next(50), random.Next(40))))];
        Assert.Equal(few.Aggregate((a, b) => a.Union(b)), Rle.Merge(few));
        Assert.Equal(few[..3].Aggregate((a, b) => a.Intersect(b)), Rle.Merge(few[..3], intersect: true));
        Within(10, () => Assert.Equal(50_000 * 4, PolygonPixels.Fill([.. Enumerable.Range(0, 50_000).Select(i =>
        {
            double x = i % 1000 * 4, y = i / 1000 * 4;
            return (IReadOnlyList<(double, double)>)[(x, y), (x + 2, y), (x + 2, y + 2), (x, y + 2)];
        })], 4000, 4000, PolygonRule.Center).Area));
    }

    [Fact]
    public void PolygonFill_SmallShapesOfAWideImage_CostTheirOwnColumns() => Within(8, () =>
    {
        for (int i = 0; i < 20_000; i++) PolygonFill.Fill([[(i, 1.0), (i + 3.0, 1), (i + 3.0, 4), (i, 4.0)]], 100, 65_535);
    });

    /// <summary>Shapes of the largest images become runs without a plane of pixels.</summary>
    [Theory]
    [InlineData("ellipse")]
    [InlineData("circle")]
    [InlineData("inclusive")]
    [InlineData("center")]
    public void Shapes_AtTheLargestArea_TakeNoPlane(string shape)
    {
        const int height = 16_384, width = 32_768;
        IReadOnlyList<(double, double)> box = [(0, 0), (width, 0), (width, height), (0, height)];
        Rle Make() => shape switch
        {
            "ellipse" => Ellipses.Ellipse((width / 2.0, height / 2.0), width / 2.0, height / 2.0, 0, height, width),
            "circle" => Ellipses.Circle((width / 2.0, height / 2.0), (width / 2.0, 0), height, width),
            "inclusive" => PolygonPixels.Fill([box], height, width, PolygonRule.Inclusive),
            _ => PolygonPixels.Fill([box], height, width, PolygonRule.Center),
        };
        long before = GC.GetAllocatedBytesForCurrentThread();
        Within(10, () => Assert.True(Make().Area > 100_000_000));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 60L << 20);
    }

    /// <summary>By solving for the ends of each column exactly the pixels that the rule gives one by one.</summary>
    [Fact]
    public void Ellipse_AnyShape_IsTheRuleOfEachPixel()
    {
        var random = new Random(9);
        for (int round = 0; round < 400; round++)
        {
            double cx = random.NextDouble() * 60 - 10, cy = random.NextDouble() * 60 - 10, rx = random.NextDouble() * 30 + 0.01,
                ry = random.NextDouble() * 30 + 0.01, degrees = random.Next(4) * 45 + (round % 3 == 0 ? random.NextDouble() * 90 : 0);
            var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
            bool Inside(int x, int y)
            {
                double dx = x - (cx - .5), dy = y - (cy - .5), along = (dx * cos + dy * sin) / rx, across = (dy * cos - dx * sin) / ry;
                return along * along + across * across <= 1;
            }
            var expected = Rle.FromBools([.. Enumerable.Range(0, 40 * 50).Select(i => Inside(i % 50, i / 50))], 40, 50);
            Assert.Equal(expected, Ellipses.Ellipse((cx, cy), rx, ry, degrees, 40, 50));
        }
    }

    /// <summary>Large boxes take another way than small ones; both give the same.</summary>
    [Fact]
    public void InclusivePolygon_LargeBox_IsFilledAsASmallOne()
    {
        IReadOnlyList<(double, double)> polygon = [(10, 3), (4990, 20), (3000, 4400), (2000, 50), (100, 4000), (10, 3)];
        var large = PolygonPixels.Fill([polygon], 4500, 5000, PolygonRule.Inclusive);
        // Cut to a corner, the box is small enough for the other way.
        var corner = PolygonPixels.Fill([polygon], 900, 1000, PolygonRule.Inclusive);
        Assert.Equal(corner, large.Crop(new(0, 0, 1000, 900)));
    }

    [Fact]
    public void PolygonPixels_OutlineWithoutEnd_IsRefused()
    {
        IReadOnlyList<(double, double)> zigzag = [.. Enumerable.Range(0, 1000).Select(i => (i % 2 * 60_000.0, (double)i))];
        Assert.Contains("its outline is 6000", PolygonPixels.WhyNot([zigzag], 2000, 60_000));
    }

    private static List<(double, double)> Zigzag(int points, int side) =>
        [.. Enumerable.Range(0, points).Select(i => (i % 2 * (double)side, i * (double)side / points))];

    /// <summary>A few numbers that cross every column many times would be millions of runs; what people draw is not.</summary>
    [Fact]
    public void PolygonPixels_OutlineToAndFro_IsRefused()
    {
        Assert.Contains("runs to and fro, over 16600000 columns of the image in all; at most 1101696",
            PolygonPixels.WhyNot([Zigzag(830, 20_000)], 20_000, 20_000));
        Assert.Null(PolygonPixels.WhyNot([Zigzag(50, 20_000)], 20_000, 20_000)); // fifty slats across all of it
        Assert.NotNull(PolygonPixels.WhyNot([Zigzag(50, 20_000), Zigzag(50, 20_000)], 20_000, 20_000)); // an annotation's pieces together
        Assert.NotNull(PolygonPixels.WhyNot([Zigzag(830, 20_000)], 20_000, 40_000));
        Assert.Null(PolygonPixels.WhyNot([[.. Zigzag(830, 20_000).Select(p => (-p.Item1, p.Item2))]], 20_000, 40_000)); // outside there are no columns
        // Every pixel's corners written out: 3 million columns, and as many points.
        Assert.Null(PolygonPixels.WhyNot([[.. Enumerable.Range(0, 3_000_000).Select(i => ((double)(i % 2), (double)(i % 2000)))]], 2000, 2000));
    }

    [Theory]
    [InlineData("coco")]
    [InlineData("coco, in pieces")]
    [InlineData("labelme")]
    [InlineData("cvat")]
    [InlineData("yolo")]
    public void Readers_OutlinesToAndFro_AreLeftOutAndTheRestIsRead(string format)
    {
        const int Side = 20_000, Bad = 20;
        var corners = Zigzag(800, Side);
        string numbers = string.Join(',', corners.Select(p => $"{p.Item1},{p.Item2}")), pairs = string.Join(',', corners.Select(p => $"[{p.Item1},{p.Item2}]"));
        string pieces = string.Join(',', Enumerable.Repeat($"[{string.Join(',', Zigzag(50, Side).Select(p => $"{p.Item1},{p.Item2}"))}]", 16));
        IEnumerable<string> Each(Func<int, string> bad, string good) => [.. Enumerable.Range(1, Bad).Select(bad), good];
        string path = format switch
        {
            "labelme" => Text("a.json", Braces($"'imagePath':'a.jpg','imageHeight':{Side},'imageWidth':{Side},'shapes':["
                + string.Join(',', Each(_ => pairs, "[1,1],[9,1],[9,9]").Select(p => Braces($"'label':'x','shape_type':'polygon','points':[{p}]"))) + "]")),
            "cvat" => Text("a.xml", $"<annotations><image id=\"0\" name=\"a.jpg\" width=\"{Side}\" height=\"{Side}\">"
                + string.Concat(Each(_ => string.Join(';', corners.Select(p => $"{p.Item1},{p.Item2}")), "1,1;9,1;9,9")
                    .Select(p => $"<polygon label=\"x\" points=\"{p}\"/>")) + "</image></annotations>"),
            "yolo" => Text("a.txt", string.Join('\n', Each(_ => string.Join(' ', corners.Select(p => FormattableString.Invariant(
                $"{p.Item1 / Side} {p.Item2 / Side}"))), "0.1 0.1 0.9 0.1 0.9 0.9").Select(p => $"0 {p}"))),
            _ => Text("a.json", Braces($"'images':[{Braces($"'id':1,'file_name':'a.jpg','width':{Side},'height':{Side}")}],'annotations':["
                + string.Join(',', Each(_ => format == "coco" ? $"[{numbers}]" : pieces, "[1,1,9,1,9,9]").Select((p, i) =>
                    Braces($"'id':{i + 1},'image_id':1,'category_id':1,'segmentation':[{p}]")))
                + $"],'categories':[{Braces("'id':1,'name':'x'")}]")),
        };
        if (format == "yolo") _folder.Write("a.png", ImageEncoder.Png(new RgbImage(Side, 400)));
        var problems = new List<FormatProblem>();
        long before = GC.GetAllocatedBytesForCurrentThread();
        using (var reader = AnnotationFiles.Open(path, null, new() { Problem = problems.Add, Images = format == "yolo" ? _folder.Path : null }))
            Assert.Single(Assert.Single(reader.Read()).Annotations);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
        Assert.Equal(Bad, problems.Count(p => p.IsLoss && p.What.Contains("to and fro")));

        string Text(string name, string text) => _folder.Write(name, Encoding.UTF8.GetBytes(text));
        static string Braces(string json) => $"{{{json.Replace('\'', '"')}}}";
    }

    /// <summary>All masks of an image are in memory at a time.</summary>
    [Fact]
    public void MaskBudget_RunsOfAnImage_AreCounted()
    {
        static Rle Striped(int lengths) => Rle.FromCounts(5000, 4000, [.. Enumerable.Repeat(1, lengths - 1), 20_000_000 - lengths + 1]);
        Exception Bad(string what) => new AnnotationFileException("f", "", what);
        var budget = new MaskBudget();
        var most = Striped(MaskBudget.MostOfOne);
        Assert.Contains("2097153 runs", Assert.Throws<AnnotationFileException>(() => budget.Take(Striped(MaskBudget.MostOfOne + 2), 1 << 30, Bad)).Message);
        for (int i = 0; i < MaskBudget.MostOfAll / MaskBudget.MostOfOne; i++) Assert.Same(most, budget.Take(most, 0, Bad));
        Assert.Contains("before it 8388608; at most 8388608", Assert.Throws<AnnotationFileException>(() => budget.Take(Rle.Full(2, 2), 0, Bad)).Message);
        budget.Take(Rle.Full(2, 2), 1, Bad); // who says more may have more
        // Five hundred masks of detailed stuff at 20 megapixels, with 50,000 runs each: a character a run length at least.
        var (real, detailed) = (new MaskBudget(), Striped(100_001));
        for (int i = 0; i < 500; i++) real.Take(new Annotation { Mask = detailed }, detailed.ToCompressedString().Length, Bad);
    }

    /// <summary>A long side takes no more memory than a short one: the planes for tracing are used again, and the rest is what is written.</summary>
    [Theory]
    [InlineData(nameof(PolygonRule.Center))]
    [InlineData(nameof(PolygonRule.Inclusive))]
    public void Outlines_LongSides_TakeMemoryByTheirCorners(string name)
    {
        var rule = Enum.Parse<PolygonRule>(name);
        // A comb of 250 teeth: 2.5 million steps around, a thousand corners, and a hole in each tooth.
        const int Side = 5000;
        var changes = new List<int>();
        for (int x = 0; x < Side; x++)
        {
            int[] column = (x % 20) switch { < 5 => [0, Side - 1], < 8 => [0, 50, 60, Side - 1], < 10 => [0, Side - 1], _ => [0, 10] };
            changes.AddRange(column.Select(y => x * Side + y));
        }
        var mask = Rle.FromChanges(Side, Side, changes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var outline = Assert.Single(Outlines.Of(mask, rule));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
        Assert.Equal(mask, PolygonPixels.Fill([outline], Side, Side, rule));
    }

    private const string OneShape = """
        {"shapes": [{"label": "cat", "points": [[1, 1], [6, 1], [6, 5]], "shape_type": "polygon"}], "imagePath": "a.jpg", "imageHeight": 9, "imageWidth": 14}
        """;

    /// <summary>What lies in a folder whose name is no text cannot be read; the rest is, and it is said.</summary>
    [SkippableTheory]
    [InlineData("", null)]
    [InlineData("", AnnotationFormat.LabelMe)]
    [InlineData("deep/er", null)]
    public void Folder_BelowThatCannotBeRead_IsNamedAndTheRestIsRead(string below, AnnotationFormat? format)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "a name that is no UTF-8");
        string file = _folder.Write("set/ok.json", Encoding.UTF8.GetBytes(OneShape)), around = Path.Combine(_folder.File("set"), below);
        NamelessFolder.In(around, file);
        try
        {
            var problems = new List<FormatProblem>();
            using (var reader = AnnotationFiles.Open(_folder.File("set"), format, new() { Problem = problems.Add })) Assert.Single(reader.Read());
            var said = Assert.Single(problems);
            Assert.Equal($"set: the folder '{Path.Combine(below, NamelessFolder.Listed)}' cannot be read; it is passed over.", said.ToString());
            Assert.True(said.IsLoss);
            Assert.Throws<AnnotationFileException>(() => AnnotationFiles.Open(_folder.File("set"), format, new() { Problem = _ => { }, Strict = true }));
        }
        finally
        {
            NamelessFolder.RemoveFrom(around);
        }
    }

    /// <summary>A folder that is no one's to look into stands in no other's way, whatever a layout would take it for.</summary>
    [SkippableTheory]
    [InlineData("locked")]
    [InlineData("labels")]
    [InlineData("SegmentationClass")]
    [InlineData("Annotations")]
    public void Folder_BelowWithoutTheRightToReadIt_IsNamedAndTheRestIsRead(string name)
    {
        Skip.If(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "rights that bind this user");
        _folder.Write("set/ok.json", Encoding.UTF8.GetBytes(OneShape));
        string locked = Directory.CreateDirectory(_folder.File($"set/{name}")).FullName;
        SetMode(locked, UnixFileMode.None);
        try
        {
            var problems = new List<FormatProblem>();
            using var reader = AnnotationFiles.Open(_folder.File("set"), null, new() { Problem = problems.Add });
            Assert.Single(reader.Read());
            Assert.Equal($"set: the folder '{name}' cannot be read; it is passed over.", Assert.Single(problems).ToString());
            foreach (var open in (Action[])[() => AnnotationFiles.Recognize(locked), () => AnnotationFiles.Open(locked),
                () => AnnotationFiles.Open(_folder.File("set/ok.json"), null, new() { Images = locked })])
                Assert.Contains("the folder cannot be read", Assert.Throws<AnnotationFileException>(open).Message);
        }
        finally
        {
            SetMode(locked, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void SetMode(string folder, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, mode);
    }

    [SkippableFact]
    public void Folder_WithLinksThatLoopAndAPipe_IsReadOnce()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "links and pipes");
        Directory.CreateDirectory(_folder.File("a"));
        File.WriteAllText(_folder.File("a/x.json"), """{"image":{"image_id":1,"width":4,"height":4,"file_name":"x.jpg"},"annotations":[]}""");
        foreach (string link in new[] { "la", "lb" }) Directory.CreateSymbolicLink(_folder.File($"a/{link}"), ".");
        using (var made = Process.Start("mkfifo", _folder.File("a/pipe.json"))!) made.WaitForExit();
        Within(5, () =>
        {
            using var reader = AnnotationFiles.Open(_folder.File("a"), null, new() { Problem = _ => { } });
            Assert.Single(reader.Read());
        });
    }

    [Fact]
    public void Convert_NamesThatCannotBe_AreLeftOutOrCutAndTheRestWritten()
    {
        string[] names = ["a.jpg", "a.txt/b.jpg", new string('é', 200) + "1.jpg", new string('é', 200) + "2.jpg", "../c.jpg", "z.jpg"];
        string coco = _folder.File("c.json"), to = _folder.File("o");
        File.WriteAllText(coco,
            $$"""{"images":[{{string.Join(',', names.Select((n, i) => $"{{\"id\":{i},\"file_name\":{System.Text.Json.JsonSerializer.Serialize(n)},\"width\":4,\"height\":4}}"))}}],"categories":[],"annotations":[]}""");
        var problems = new List<FormatProblem>();
        using (var reader = AnnotationFiles.Open(coco, null, new() { Problem = problems.Add }))
        using (var writer = AnnotationFiles.Create(to, AnnotationFormat.Yolo, new() { Problem = problems.Add }))
        {
            reader.CopyTo(writer);
            Assert.True(writer.Written.Images >= 4);
        }
        var files = Directory.GetFiles(Path.Combine(to, "labels"), "*.txt", SearchOption.AllDirectories).Select(Path.GetFileName).ToList();
        Assert.Contains("z.txt", files);
        Assert.Equal(2, files.Count(f => f!.StartsWith('é')));
        Assert.All(files, f => Assert.True(Encoding.UTF8.GetByteCount(f!) <= 255));
        Assert.NotEmpty(problems);
        Assert.Empty(Directory.GetFiles(to, ".*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(70, false)]
    [InlineData(100_000, false)]
    public void Cvat_NestedDeeply_IsRefusedWithoutEndingTheProcess(int levels, bool taken)
    {
        string path = _folder.File("x.xml");
        File.WriteAllText(path, "<annotations><image id=\"0\" name=\"a.jpg\" width=\"4\" height=\"4\">" + string.Concat(Enumerable.Repeat("<a>", levels))
            + string.Concat(Enumerable.Repeat("</a>", levels)) + "</image></annotations>");
        void Read()
        {
            using var reader = AnnotationFiles.Open(path, AnnotationFormat.Cvat, new() { Problem = _ => { } });
            Assert.Single(reader.Read());
        }
        if (taken) Read();
        else Assert.Contains("nested more than 64 deep", Assert.Throws<AnnotationFileException>(Read).Message);
    }

    /// <summary>Half of a pair in a key or a text costs at most the annotation it stands in.</summary>
    [Theory]
    [InlineData("\"\\ud800\":1,")]
    [InlineData("\"id\\udc00\":1,")]
    [InlineData("\"a\\ud800\\ud800\":{},")]
    [InlineData("\"level\":\"\\ud800\",")]
    public void Coco_LoneSurrogate_CostsNoMoreThanItsAnnotation(string bad)
    {
        string path = _folder.File("c.json");
        string Annotation(int id, string extra) =>
            "{" + extra + $"\"id\":{id},\"image_id\":1,\"category_id\":1,\"segmentation\":[[0,0,3,0,3,3,0,3]],\"area\":9,\"iscrowd\":0,\"bbox\":[0,0,3,3]}}";
        File.WriteAllText(path,
            "{\"images\":[{\"id\":1,\"file_name\":\"a.jpg\",\"width\":4,\"height\":4}],\"categories\":[{\"id\":1,\"name\":\"a\"}],\"annotations\":["
            + $"{Annotation(1, "")},{Annotation(2, bad)},{Annotation(3, "")}]}}");
        using var reader = AnnotationFiles.Open(path, null, new() { Problem = _ => { } });
        Assert.True(Assert.Single(reader.Read()).Annotations.Count >= 2);
    }

    [Fact]
    public void Yolo_LongLineAndManyEmptyOnes_TakeNoMemory()
    {
        Directory.CreateDirectory(_folder.File("labels"));
        File.WriteAllText(_folder.File("classes.txt"), "a\n");
        File.WriteAllBytes(_folder.File("i.png"), SemanticSam.Imaging.ImageEncoder.Png(new SemanticSam.Imaging.RgbImage(8, 8)));
        File.WriteAllText(_folder.File("labels/i.txt"), "0 0.5 0.5 0.5 0.5\n" + new string('9', 17 << 20) + "\n" + new string('\n', 100_000)
            + "0 0.2 0.2 0.2 0.2\n");
        var problems = new List<FormatProblem>();
        using var reader = AnnotationFiles.Open(_folder.Path, AnnotationFormat.Yolo, new() { Problem = problems.Add, Images = _folder.Path });
        Assert.Equal(2, Assert.Single(reader.Read()).Annotations.Count);
        Assert.NotEmpty(problems);
    }

    [Fact]
    public void Convert_OutputTakenAway_IsNotCalledDone()
    {
        string coco = _folder.File("c.json"), to = _folder.File("o");
        File.WriteAllText(coco,
            """{"images":[{"id":1,"file_name":"a.jpg","width":4,"height":4},{"id":2,"file_name":"b.jpg","width":4,"height":4}],"categories":[],"annotations":[]}""");
        using var reader = AnnotationFiles.Open(coco);
        using var writer = AnnotationFiles.Create(to, AnnotationFormat.Yolo);
        int done = 0;
        var gone = Assert.Throws<IOException>(() => reader.CopyTo(writer, new Direct(() =>
        {
            if (++done == 1) Directory.Delete(to, recursive: true);
        })));
        Assert.Contains("1 of 2 images", gone.Message);
    }

    private sealed class Direct(Action report) : IProgress<int>
    {
        public void Report(int value) => report();
    }

    [Fact]
    public void Names_ThatCollide_AreTold()
    {
        var problems = new List<FormatProblem>();
        string to = _folder.File("collide");
        using (var writer = AnnotationFiles.Create(to, AnnotationFormat.Yolo, new() { Problem = problems.Add }))
            foreach (string name in (string[])["a.jpg", "a.png", "sub/a.jpg"]) writer.Write(new() { FileName = name, Width = 4, Height = 3 });
        var told = Assert.Single(problems);
        Assert.Equal((FormatOutcome.Noted, "a.png"), (told.Outcome, told.Place));
        Assert.Contains("'a-2'", told.Done);
    }
}
