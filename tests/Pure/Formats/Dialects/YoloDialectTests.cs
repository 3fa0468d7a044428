using SemanticSam.Formats;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>YOLO sets as Ultralytics, Roboflow, Darknet and scripts lay them out.</summary>
public sealed class YoloDialectTests : DialectFolder
{
    private const string Polygon = "0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8", Read1271 = "cat 1271 [10,10,41,31]";

    [Theory]
    [InlineData("train/images/t.png", "train/labels/t.txt", "data.yaml", "train/images/t.png")]
    [InlineData("images/train/t.png", "labels/train/t.txt", "data.yaml", "train/t.png")]
    [InlineData("images/t.png", "labels/t.txt", "data.yml", "t.png")]
    [InlineData("images/t.png", "labels/t.txt", "coco128-seg.yaml", "t.png")]
    [InlineData("t.png", "t.txt", "data.yaml", "t.png")]
    [InlineData("obj_train_data/t.png", "obj_train_data/t.txt", "obj.names", "obj_train_data/t.png")]
    [InlineData("a/b/images/t.png", "a/b/labels/t.txt", "data.yaml", "a/b/images/t.png")]
    [InlineData("images/t", "labels/t.txt", "data.yaml", "t")] // an image without an ending
    [InlineData("images/t.png", "labels/t.png.txt", "data.yaml", "t.png")]
    [InlineData("Images/t.png", "Labels/t.txt", "data.yaml", "t.png")]
    [InlineData("TRAIN/IMAGES/t.PNG", "TRAIN/Labels/t.txt", "data.yaml", "TRAIN/IMAGES/t.PNG")]
    public void Layout_OfAnyKind_FindsImagesAndNames(string image, string label, string names, string expected)
    {
        Picture($"set/{image}", 100, 50);
        Write($"set/{label}", Polygon + "\n");
        Write($"set/{names}", names.EndsWith("names") ? "cat\ndog\n" : "train: ../train/images\nval: ../valid/images\n\nnc: 2\nnames: ['cat', 'dog']\n");
        Write("set/README.roboflow.txt", "1 2 3 4 5\n");
        var (images, problems) = Read(Folder.File("set"), AnnotationFormat.Yolo);
        Assert.Equal([$"{expected} 100x50: {Read1271}"], images);
        Assert.Empty(problems);
    }

    [Fact]
    public void Layout_ASplitAlone_TakesNamesFromAbove()
    {
        Picture("set/train/images/t.png", 100, 50);
        Write("set/train/labels/t.txt", Polygon);
        Write("set/data.yaml", "names: [cat]");
        var (images, problems) = Read(Folder.File("set/train"));
        Assert.Equal([$"t.png 100x50: {Read1271}"], images);
        Assert.Equal(FormatOutcome.Noted, Assert.Single(problems).Outcome);
    }

    [Fact]
    public void Layout_WithoutTheOther_SaysSo()
    {
        Picture("set/images/a.png", 100, 50);
        Picture("set/images/empty.png", 8, 8);
        Write("set/labels/a.txt", Polygon);
        Write("set/labels/gone.txt", Polygon);
        Write("set/data.yaml", "names: [cat]");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal([$"a.png 100x50: {Read1271}", "empty.png 8x8: "], images);
        Assert.Contains(problems, p => p is { Outcome: FormatOutcome.LeftOut, File: "gone.txt", Need: AnnotationNeed.Images });
        Assert.Contains(problems, p => p is { Outcome: FormatOutcome.Noted, File: "empty.png" });
        Picture("elsewhere/x/gone.png", 100, 50);
        Picture("elsewhere/a.png", 100, 50);
        Assert.Contains($"x/gone.png 100x50: {Read1271}", Read(Folder.File("set"), images: Folder.File("elsewhere")).Images);
    }

    [Theory]
    [InlineData("0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8 0.91", "cat 1271 [10,10,41,31] 0.91")]
    [InlineData("1 0.3 0.5 0.4 0.6 0.87", "dog 1200 [10,10,40,30] 0.87")]
    [InlineData("1 0.3 0.5 0.4 0.6", "dog 1200 [10,10,40,30]")]
    [InlineData("0.000000e+00 3.0e-01 5.0e-01 4.0e-01 6.0e-01", "cat 1200 [10,10,40,30]")]
    [InlineData("1.0\t0.3\t0.5\t0.4\t0.6\r", "dog 1200 [10,10,40,30]")]
    [InlineData("1,0.3,0.5,0.4,0.6", "dog 1200 [10,10,40,30]")]
    [InlineData("9 0.3 0.5 0.4 0.6", "9 1200 [10,10,40,30]")]
    [InlineData("1 0.1 0.5 0.4 0.6", "dog 900 [0,10,30,30]")] // sticks out
    [InlineData("1 0.3 0.5 -0.4 0.6", "dog 1200 [10,10,40,30]")] // drawn from right to left
    [InlineData("0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8 \u00A0", "cat 1271 [10,10,41,31]")]
    [InlineData("dog 0.3 0.5 0.4 0.6", "dog 1200 [10,10,40,30]")] // its name instead of its number
    [InlineData("1 0,3 0,5 0,4 0,6", "dog 1200 [10,10,40,30]")] // commas as decimal points
    [InlineData("1 0.3 0.5 0.4 0.6 0.87 12", "dog 1200 [10,10,40,30] 0.87")] // with the number of a track
    [InlineData("1 0.3 0.5 0.4 0.6 12", "dog 1200 [10,10,40,30]")]
    [InlineData("1 0.3 0.5 0.4 0.6 0.1 0.1 2 0.2 0.2 1", "dog 1200 [10,10,40,30]")] // key points, which nothing tells of
    [InlineData("1 0.3 0.5 0.4 0.6 0.1 0.1 2 0 0 0 0.2 0.2 2", "dog 1200 [10,10,40,30]")]
    [InlineData("1 0.3 0.5 0.4 0.6 # checked", "dog 1200 [10,10,40,30]")]
    [InlineData("0 0.3 0.5 0.4 0.6 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8", "cat 1271 [10,10,41,31]")] // its box before the outline
    [InlineData("0 0.3 0.5 0.4 0.6 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8 0.91", "cat 1271 [10,10,41,31] 0.91")]
    [InlineData("0 1952 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8", "cat 1271 [10,10,41,31]")] // with the number of an instance
    [InlineData("0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8 0 1", "cat 1435 [0,10,51,40]")] // an outline whose corners lie at 0 and 1
    public void Line_OfAnyKind_IsRead(string line, string expected)
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labels/a.txt", "# made by hand\n" + line + "\n");
        Write("set/data.yaml", "names: [cat, dog]");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal([$"a.png 100x50: {expected}"], images);
        Assert.All(problems, p => Assert.True(p.Outcome is FormatOutcome.Repaired or FormatOutcome.Noted));
        if (line.Contains('-')) Assert.Equal(line.Contains("e-") ? 0 : 1, problems.Count(p => p.What.Contains("negative")));
    }

    [Fact]
    public void KeyPoints_BesideBoxes_AreNotTakenForPolygons()
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labels/a.txt", "0 0.3 0.5 0.4 0.6 0.1 0.1 2 0.2 0.2 2 0.3 0.3 1\n");
        Write("set/data.yaml", "kpt_shape: [3, 3]\nnames: [cat]");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal(["a.png 100x50: cat 1200 [10,10,40,30]"], images);
        Assert.Contains("key points are not", Assert.Single(problems).Done);
    }

    [Fact]
    public void Names_OfSplits_AreNumberedByTheSet()
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labels/a.txt", Polygon);
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal(["a.png 100x50: 0 1271 [10,10,41,31]"], images);
        Assert.Equal("they are called by their numbers", Assert.Single(problems).Done);
        Assert.Equal(["a.png 100x50: zebra 1271 [10,10,41,31]"], Read(Folder.File("set"), names: Write("names.txt", "zebra\napple\n")).Images);
        Write("set/data.yaml", "nc: 1\nnames: classes.names\n");
        Write("set/classes.names", "okapi\n");
        Assert.Equal(["a.png 100x50: okapi 1271 [10,10,41,31]"], Read(Folder.File("set")).Images);
    }

    [Theory]
    [InlineData("0: 0.3 0.5 0.4 0.6")]
    [InlineData("[0, 0.3, 0.5, 0.4, 0.6]")]
    [InlineData("(0 0.3 0.5 0.4 0.6)")]
    public void Line_InBrackets_IsRead(string line)
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labels/a.txt", line);
        Write("set/data.yaml", "names: [cat, dog]");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal(["a.png 100x50: cat 1200 [10,10,40,30]"], images);
        Assert.Equal("these are taken off", Assert.Single(problems).Done);
    }

    [Theory]
    [InlineData("JPEGImages/t.png", "labels/t.txt")]
    [InlineData("img/t.png", "label/t.txt")]
    [InlineData("photos/x/t.png", "annotations/x/t.txt")]
    public void Images_WhereNoLayoutHasThem_AreFoundByName(string image, string label)
    {
        Picture($"set/{image}", 100, 50);
        Write($"set/{label}", Polygon);
        Write("set/data.yaml", "names: [cat]");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal([$"{image} 100x50: {Read1271}"], images);
        Assert.Contains("looked for by their names", Assert.Single(problems).Done);
    }

    [Fact]
    public void Images_OfOneNameAndTwoEndings_ShareTheirLabels()
    {
        Picture("set/images/a.png", 100, 50);
        Picture("set/images/a.jpg", 100, 50); // its content tells that it is none
        Write("set/labels/a.txt", Polygon);
        Write("set/data.yaml", "names: [cat]");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal([$"a.jpg 100x50: {Read1271}", $"a.png 100x50: {Read1271}"], images);
        Assert.Equal("it is taken for both", Assert.Single(problems).Done);
    }

    [Theory]
    [InlineData("cat\ndog\n", 0)]
    [InlineData("dog\ncat\n", 1)]
    public void Names_OfTwoFilesThatContradict_AreTold(string classes, int told)
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labels/a.txt", Polygon);
        Write("set/data.yaml", "names: [cat, dog]");
        Write("set/classes.txt", classes);
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal([$"a.png 100x50: {Read1271}"], images);
        Assert.Equal(told, problems.Count(p => p.What.Contains("than data.yaml")));
    }

    [Theory]
    [InlineData("cat\ndog\n", "cat")]
    [InlineData("dog\ncat\n", "0")]
    public void Names_OfDarknetsSplits_AreTakenWhereTheyAgree(string second, string name)
    {
        Picture("set/train/a.png", 100, 50);
        Write("set/train/a.txt", Polygon);
        Write("set/train/_darknet.labels", "cat\ndog\n");
        Write("set/valid/_darknet.labels", second);
        Assert.Equal([$"train/a.png 100x50: {Read1271.Replace("cat", name)}"], Read(Folder.File("set")).Images);
    }

    [Fact]
    public void Islands_TiedByALine_AreOneMaskWithoutIt()
    {
        Picture("set/images/a.png", 100, 100);
        Write("set/data.yaml", "names: [cat]");
        // Two squares as Ultralytics' converter joins them, and its closing line.
        Write("set/labels/a.txt", "0 0.2 0.2 0.1 0.2 0.1 0.1 0.2 0.1 0.2 0.2 0.6 0.6 0.8 0.6 0.8 0.8 0.6 0.8 0.6 0.6\n");
        Assert.Equal([$"a.png 100x100: cat {11 * 11 + 21 * 21} [10,10,71,71]"], Read(Folder.File("set")).Images);
    }

    /// <summary>One box in pixels may be several things; of a set one reading has all of them in their images.</summary>
    [Theory]
    [InlineData("a center and a size", "0 30 20 20 10\n1 60 30 20 20 0.5\n0 90 10 20 20\n",
        "cat 200 [20,15,20,10] | dog 400 [50,20,20,20] 0.5 | cat 400 [80,0,20,20]")]
    [InlineData("a corner and a size", "0 5 5 20 10\n1 60 30 20 20\n0 80 40 20 10\n",
        "cat 200 [5,5,20,10] | dog 400 [60,30,20,20] | cat 200 [80,40,20,10]")]
    [InlineData("two corners", "0 5 5 20 10\n1 60 30 90 45\n", "cat 75 [5,5,15,5] | dog 450 [60,30,30,15]")]
    [InlineData("may be a center and a size, or a corner and a size", "0 30 20 20 10\n", "")]
    [InlineData("neither as a center and a size nor as corners", "0 30 20 200 10\n", "")]
    public void Boxes_InPixels_AreTakenAsSuitsAllOfThem(string what, string labels, string expected)
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labels/a.txt", labels);
        Write("set/data.yaml", "names: [cat, dog]");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal([$"a.png 100x50: {expected}"], images);
        Assert.All(problems, p => Assert.Contains(what, p.ToString()));
        Assert.Equal(labels.Count('\n'), problems.Count);
        Assert.All(problems, p => Assert.Equal(expected.Length == 0 ? FormatOutcome.LeftOut : FormatOutcome.Repaired, p.Outcome));
    }

    /// <summary>Another format's line of numbers in pixels does not begin with a class.</summary>
    [Theory]
    [InlineData("377 117 463 117 465 130 378 130 0", "0")]
    [InlineData("377 117 463 117 465 130 378 130 0", "cat")]
    [InlineData("307 40 30 20 10", "0")]
    public void Pixels_BehindWhatIsNoClass_AreLeftOut(string line, string name)
    {
        Picture("set/images/a.png", 1000, 500);
        Write("set/labels/a.txt", line);
        if (name == "cat") Write("set/data.yaml", "names: [cat]");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal(["a.png 1000x500: "], images);
        Assert.Contains("is no class", Assert.Single(problems, p => p.IsLoss).What);
    }

    [Theory]
    [InlineData("1.5707963", "0.5", "radians")]
    [InlineData("-1.5707963", "0.5", "radians")]
    [InlineData("90", "0.5", "degrees")]
    [InlineData("-90", "0", "degrees")]
    [InlineData("270.0", "30.5", "degrees")]
    [InlineData("90\n0 0.5 0.5 0.4 0.2 90", "0", "degrees")] // tracks would not be there twice
    public void FiveNumbers_AnglesInTheSet_TurnAllBoxes(string angle, string other, string unit)
    {
        Picture("set/images/a.png", 100, 50);
        Picture("set/images/b.png", 100, 50);
        Write("set/labels/a.txt", $"0 0.5 0.5 0.4 0.2 {other}\n");
        Write("set/labels/b.txt", $"0 0.5 0.5 0.4 0.2 {angle}\n");
        Write("set/data.yaml", "names: [cat]\n");
        var (images, problems) = Read(Folder.File("set"));
        Assert.StartsWith("b.png 100x50: cat 400 [45,5,10,40]", images[1], StringComparison.Ordinal);
        Assert.EndsWith("]", images[0], StringComparison.Ordinal); // no score
        if (other == "0.5" && unit == "radians") Assert.Contains("[30,11,40,28]", images[0], StringComparison.Ordinal);
        var noted = Assert.Single(problems);
        Assert.Equal((FormatOutcome.Noted, $"they are taken as angles in {unit}, clockwise"), (noted.Outcome, noted.Done));
    }

    [Theory]
    [InlineData("0.9 0.1 1 0", " 0.9|0.1|1|0")] // confidences
    [InlineData("0 1 2 3", "||| ")] // numbers of tracks
    public void FiveNumbers_WithoutAngles_AreAsBefore(string numbers, string scores)
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labels/a.txt", string.Concat(numbers.Split(' ').Select(n => $"0 0.5 0.5 0.4 0.2 {n}\n")));
        Write("set/data.yaml", "names: [cat]\n");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal("a.png 100x50: " + string.Join(" | ", scores.Split('|').Select(s => $"cat 400 [30,20,40,10] {s.Trim()}".Trim())), images[0]);
        Assert.Equal(scores[0] == ' ' ? 0 : 1, problems.Count);
    }

    [Fact]
    public void FiveNumbers_AFewThatAreNone_AreLeftOutAlone()
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labels/a.txt", string.Concat(Enumerable.Repeat("0 0.5 0.5 0.4 0.2 0.9\n", 11)) + "0 0.5 0.5 0.4 0.2 -1\n");
        Write("set/data.yaml", "names: [cat]\n");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal("a.png 100x50: " + string.Join(" | ", Enumerable.Repeat("cat 400 [30,20,40,10] 0.9", 11)), images[0]);
        Assert.Equal(FormatOutcome.LeftOut, Assert.Single(problems).Outcome);
    }
}
