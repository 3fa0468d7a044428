using SemanticSam.Formats;
using SemanticSam.Formats.Cvat;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>CVAT files with attributes of the user's own, of videos, and with shapes that stick out.</summary>
public sealed class CvatDialectTests : DialectFolder
{
    private static string Image(string shapes) => $"<annotations><image id=\"0\" name=\"a.jpg\" width=\"100\" height=\"50\">{shapes}</image></annotations>";

    private const string Car = "points=\"10.00,10.00;50.00,10.00;50.00,40.00;10.00,40.00\"";

    [Theory]
    [InlineData("id", "x7")]
    [InlineData("id", "1")]
    [InlineData("group", "B")]
    [InlineData("score", "high")]
    [InlineData("level", "2")]
    [InlineData("parent", "9")]
    [InlineData("point_coords", "here")]
    [InlineData("granularity", "coarse")]
    [InlineData("part", "door")]
    public void Attribute_OfTheUser_HarmsNothing(string name, string value)
    {
        string shape = $"<polygon label=\"car\" {Car}><attribute name=\"{name}\">{value}</attribute></polygon>";
        var (images, problems) = Read(Write("a.xml", Image(shape + shape)));
        Assert.Equal(["a.jpg 100x50: car 1200 [10,10,40,30] | car 1200 [10,10,40,30]"], images);
        Assert.Empty(problems);
    }

    [Fact]
    public void Shape_WithSomethingOddBeside_IsKept()
    {
        var (images, problems) = Read(Write("a.xml", Image($"""
            <polygon {Car}/><box label="car" xtl="90" ytl="40" xbr="140" ybr="70" group_id="x"/><mask label="car" rle="0, 16" left="98" top="48" width="4" height="4"/>
            <polygon label="car" points="1,1;2,2"/><skeleton label="car"><points points="1,1"/></skeleton>
            """)));
        Assert.Equal(["a.jpg 100x50: - 1200 [10,10,40,30] | car 100 [90,40,10,10] | car 4 [98,48,2,2]"], images);
        Assert.Equal([FormatOutcome.Repaired, FormatOutcome.Repaired, FormatOutcome.LeftOut, FormatOutcome.LeftOut], problems.Select(p => p.Outcome));
    }

    private static string Video(string tracks) =>
        $"<annotations><meta><task><original_size><width>100</width><height>50</height></original_size></task></meta>{tracks}</annotations>";

    [Fact]
    public void Video_KeyFrames_AreImagesAndBoxesMoveBetween()
    {
        string path = Write("v.xml", Video("""
            <track id="0" label="car"><box frame="0" outside="0" keyframe="1" xtl="10" ytl="10" xbr="20" ybr="20"/><box frame="4" outside="0" keyframe="1" xtl="30" ytl="10" xbr="40" ybr="28"/><box frame="5" outside="1" xtl="30" ytl="10" xbr="40" ybr="28"/></track>
            <track id="1" label="dog"><polygon frame="2" outside="0" points="1,1;5,1;5,5;1,5"/><polygon frame="4" outside="1" points="1,1;5,1;5,5;1,5"/></track>
            """));
        var (images, problems) = Read(path);
        Assert.Equal(
        [
            "frame_000000.PNG 100x50: car 100 [10,10,10,10]", "frame_000001.PNG 100x50: car 120 [15,10,10,12]",
            "frame_000002.PNG 100x50: car 140 [20,10,10,14] | dog 16 [1,1,4,4]", "frame_000003.PNG 100x50: car 160 [25,10,10,16] | dog 16 [1,1,4,4]",
            "frame_000004.PNG 100x50: car 180 [30,10,10,18]", "frame_000005.PNG 100x50: ",
        ], images);
        Assert.Equal(FormatOutcome.Noted, Assert.Single(problems).Outcome);
        Picture("frames/frame_000000.png", 50, 25);
        Assert.Contains("frame_000000.png 50x25: car 100 [10,10,10,10]", Read(path, images: Folder.File("frames")).Images);
        Assert.Contains("CVAT for video", Strict(path).What);
    }

    [Fact]
    public void Video_WithoutASize_NeedsTheImages() =>
        Assert.Equal(AnnotationNeed.Images, Assert.Single(
            Read(Write("v.xml", "<annotations><track id='0' label='car'><box frame='0' xtl='1' ytl='1' xbr='2' ybr='2'/></track></annotations>")).Problems,
            p => p.Outcome == FormatOutcome.LeftOut).Need);

    /// <summary>Key frames are all there, whatever lies between them; what is left out is said once.</summary>
    [Fact]
    public void Video_OfManyTracksOverManyFrames_KeepsKeyFramesAndSaysWhatIsLeftOut()
    {
        string track =
            "<track label='a'><box frame='0' xtl='1' ytl='1' xbr='2' ybr='2'/><box frame='1000000' outside='1' xtl='1' ytl='1' xbr='2' ybr='2'/></track>";
        var (images, problems) = Read(Write("v.xml", Video(string.Concat(Enumerable.Repeat(track, 10)))));
        var left = Assert.Single(problems, p => p.Outcome == FormatOutcome.LeftOut);
        // 20,000 and 1,000 for each of the 20 shapes of the file, 10 of them a frame.
        Assert.Contains("more than 40000 shapes", left.What);
        Assert.Contains("995999 frames between key frames are left out, the first of them 4001", left.Done);
        Assert.Equal(4002, images.Length);
        Assert.StartsWith("frame_000000.PNG", images[0]);
        Assert.StartsWith("frame_004000.PNG", images[^2]);
        Assert.Equal("frame_1000000.PNG 100x50: ", images[^1]);
    }

    /// <summary>A track that comes and goes costs the frames on which it is seen.</summary>
    [Fact]
    public void Video_OutsideForLong_HasNoFramesBetween()
    {
        var (images, problems) = Read(Write("v.xml", Video("<track label='a'><box frame='5' xtl='1' ytl='1' xbr='2' ybr='2'/>"
            + "<box frame='7' outside='1' xtl='1' ytl='1' xbr='2' ybr='2'/><box frame='900000' xtl='1' ytl='1' xbr='4' ybr='2'/></track>"
            + "<track label='b'><box frame='7' xtl='1' ytl='1' xbr='3' ybr='2'/></track>")));
        Assert.Equal(["frame_000005.PNG 100x50: a 1 [1,1,1,1]", "frame_000006.PNG 100x50: a 1 [1,1,1,1]", "frame_000007.PNG 100x50: b 2 [1,1,2,1]",
            "frame_900000.PNG 100x50: a 3 [1,1,3,1]"], images);
        Assert.DoesNotContain(problems, p => p.IsLoss);
    }

    private static string Task(string head, int width, int height) =>
        $"<task>{head}<mode>interpolation</mode><original_size><width>{width}</width><height>{height}</height></original_size></task>";

    private static string Box(int frame, int left, bool outside = false) =>
        $"<box frame='{frame}' keyframe='1' outside='{(outside ? 1 : 0)}' xtl='{left}' ytl='0' xbr='{left + 10}' ybr='10'/>";

    /// <summary>A project's tasks are videos of their own, whose frames have the same numbers.</summary>
    [Fact]
    public void Video_OfSeveralTasks_IsAFolderATask()
    {
        string path = Write("v.xml", "<annotations><meta><project><name>p</name><tasks>"
            + Task("<id>5</id><name>cam: 1</name>", 200, 100) + Task("<id>6</id><name>two</name>", 64, 48)
            + "</tasks><labels><label><name>car</name></label></labels></project></meta>"
            + $"<track label='car' task_id='6' subset='train'>{Box(0, 4)}{Box(1, 4, true)}</track>"
            + $"<track label='car' task_id='5' subset='train'>{Box(0, 10)}{Box(1, 10, true)}</track></annotations>");
        var (images, problems) = Read(path);
        Assert.Equal(["task_5/frame_000000.PNG 200x100: car 100 [10,0,10,10]", "task_5/frame_000001.PNG 200x100: ",
            "task_6/frame_000000.PNG 64x48: car 100 [4,0,10,10]", "task_6/frame_000001.PNG 64x48: "], images);
        Assert.Contains("a folder a task", Assert.Single(problems).Done);
        // Images are found in folders called as the tasks are; that of one task is none of the other's.
        Picture("frames/Two/frame_000000.png", 32, 24);
        Picture("frames/frame_000000.PNG", 16, 12);
        Assert.Equal(["task_5/frame_000000.PNG 200x100: car 100 [10,0,10,10]", "Two/frame_000000.png 32x24: car 100 [4,0,10,10]"],
            Read(path, images: Folder.File("frames")).Images.Where(i => i.Contains("car")));
    }

    /// <summary>The head lacks a task that a track is of.</summary>
    [Fact]
    public void Video_OfATaskThatIsNotNamed_HasTheSizeThatAllHave()
    {
        string head = "<meta><project><tasks>" + Task("<id>5</id>", 200, 100) + Task("<id>6</id>", 200, 100) + "</tasks></project></meta>";
        Assert.Equal(["task_5/frame_000000.PNG 200x100: a 100 [4,0,10,10]", "task_7/frame_000000.PNG 200x100: b 100 [5,0,10,10]",
            "frame_000000.PNG 200x100: c 100 [6,0,10,10]"], Read(Write("v.xml", $"<annotations>{head}<track label='b' task_id='7'>{Box(0, 5)}</track>"
            + $"<track label='c'>{Box(0, 6)}</track><track label='a' task_id='5'>{Box(0, 4)}</track></annotations>")).Images);
    }

    /// <summary>Of such a video CVAT has each fifth frame; the others are no images.</summary>
    [Theory]
    [InlineData("<start_frame>0</start_frame><stop_frame>15</stop_frame><frame_filter>step=5</frame_filter>", 0)]
    [InlineData("<start_frame>2</start_frame><stop_frame>17</stop_frame><frame_filter>step=5</frame_filter>", 2)]
    public void Video_WithAFrameStep_HasNoFramesBetween(string head, int start)
    {
        var (images, problems) = Read(Write("v.xml", $"<annotations><meta>{Task(head, 100, 50)}</meta><track label='car'>{Box(start, 0)}{Box(start + 5, 20)}"
            + $"{Box(start + 15, 40, true)}</track></annotations>"));
        Assert.Equal([$"frame_{start:d6}.PNG 100x50: car 100 [0,0,10,10]", $"frame_{start + 5:d6}.PNG 100x50: car 100 [20,0,10,10]",
            $"frame_{start + 10:d6}.PNG 100x50: car 100 [30,0,10,10]", $"frame_{start + 15:d6}.PNG 100x50: "], images);
        Assert.Single(problems);
    }

    /// <summary>Nothing is lost where the numbers do not follow the step.</summary>
    [Fact]
    public void Video_WithKeyFramesOffItsStep_HasAllFramesAndSaysSo()
    {
        var (images, problems) = Read(Write("v.xml", $"<annotations><meta>{Task("<frame_filter>step=5</frame_filter>", 100, 50)}</meta>"
            + $"<track label='car'>{Box(0, 0)}{Box(2, 20)}</track></annotations>"));
        Assert.Equal(["frame_000000.PNG", "frame_000001.PNG", "frame_000002.PNG"], images.Select(i => i[..16]));
        Assert.Contains("key frames between these", problems[1].What);
    }

    [Fact]
    public void Xml_Damaged_IsSaidWithLineAndColumn()
    {
        var e = Assert.Throws<AnnotationFileException>(() => Read(Write("a.xml", "<annotations>\n  <image name=\"a\"></imag>"), AnnotationFormat.Cvat));
        Assert.Equal("line 2, column 21", e.Place);
        Assert.DoesNotContain("osition 2", e.What.Replace("position 3", ""));
        Assert.Contains("its text is not UTF-8", Assert.Throws<AnnotationFileException>(() =>
            Read(Folder.Write("b.xml", [.. "<annotations><image name=\"a"u8, 0xE9, .. "\"/></annotations>"u8]), AnnotationFormat.Cvat)).What);
    }

    [Fact]
    public void OwnAttributes_BearAMark() => Assert.All(CvatAttributes.Of(new() { Mask = SemanticSam.Masks.Rle.Full(1, 1), Id = 1, Group = 2 }),
        a => Assert.StartsWith("semsam_", a.Name));

    [Fact]
    public void Images_WithTracksBeside_SayThatTheseAreLeftOut()
    {
        var (images, problems) = Read(Write("in.xml", "<annotations><track id=\"0\" label=\"car\"><box frame=\"0\" xtl=\"1\" ytl=\"1\" xbr=\"5\" ybr=\"5\"/>" +
            "</track><image id=\"3\" width=\"20\" height=\"10\"><polygon label=\"car\" points=\"1,1 5,1 5,5 1,5\"/></image></annotations>"));
        Assert.Equal(["3.jpg 20x10: car 16 [1,1,4,4]"], images); // a number in the place of the name, and points between spaces
        Assert.Equal([true, false], problems.Select(p => p.IsLoss));
        Assert.Contains("tracks", problems[0].What);
    }

    [Theory]
    [InlineData("<box label=\"car\" xtl=\"10,0\" ytl=\"10,00\" xbr=\"50\" ybr=\"40,0\"/>")]
    [InlineData("<polygon label=\"car\" points=\"10,0,10,0;50,0,10,0;50,0,40,0;10,0,40,0\"/>")]
    [InlineData("<polygon label=\"car\" points=\"10,0,10,0;50,10;50,0,40,0;10,0,40,0\"/>")]
    public void Numbers_WithDecimalCommas_AreRead(string shape)
    {
        var (images, problems) = Read(Write("a.xml", Image(shape)));
        Assert.Equal(["a.jpg 100x50: car 1200 [10,10,40,30]"], images);
        Assert.Contains("commas for decimal points", Assert.Single(problems).What);
        Assert.Contains("commas for decimal points", Strict(Folder.File("a.xml")).Message);
    }

    /// <summary>Of "10,10,5" nothing tells which number has decimals.</summary>
    [Fact]
    public void Points_OfThreeNumbers_AreLeftOut() => Assert.Contains("is not a point",
        Assert.Single(Read(Write("a.xml", Image("<polygon label=\"car\" points=\"10,10,5;50,0,10,0;50,0,40,0\"/>"))).Problems).What);
}
