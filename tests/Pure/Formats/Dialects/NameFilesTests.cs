using SemanticSam.Formats;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>Files that are given as lists of names: plain ones, and the tables and maps that programs write in their place.</summary>
public sealed class NameFilesTests : DialectFolder
{
    private (string Names, List<FormatProblem> Problems) Named(string file, string text)
    {
        var problems = new List<FormatProblem>();
        var names = ClassNames.Of("", Write(file, text), null, new(problems.Add));
        return (string.Join("|", names.Select(n => $"{n.Key} {n.Value}")), problems);
    }

    [Theory]
    [InlineData("n.csv", "Pixel Value, Class\n0, background\n1, road\n3, car\n", "0 background|1 road|3 car")]
    [InlineData("n.csv", "id,name\n0,\"background\"\n1,road\n", "0 background|1 road")]
    [InlineData("n.csv", "name;id\nroad;4\ncar;7\n", "4 road|7 car")]
    [InlineData("n.csv", "class,name\n0,background\n1,road\n", "0 background|1 road")]
    [InlineData("n.txt", "Idx\tRatio\tName\n1\t0.1\twall\n2\t0.2\tbuilding, edifice\n", "1 wall|2 building, edifice")]
    [InlineData("n.csv", "id,name\n1,tench, Tinca tinca\n2,goldfish\n", "1 tench, Tinca tinca|2 goldfish")]
    [InlineData("n.csv", "0,background\n5,road\n", "0 background|5 road")]
    [InlineData("n.txt", "0: background\n1: road\n", "0 background|1 road")]
    [InlineData("n.txt", "7 : car\n2=road", "2 road|7 car")]
    [InlineData("n.txt", "0\tbackground\n1\troad\n", "0 background|1 road")]
    [InlineData("n.txt", "0 background\n1 road\n", "0 background|1 road")]
    [InlineData("n.txt", "1 road\n2 car\n", "1 road|2 car")]
    [InlineData("n.csv", "name,r,g,b\nSky,128,128,128\nroad,128,64,128\n", "0 Sky|1 road")]
    [InlineData("n.csv", "Sky, 128, 128, 128\nroad, 128, 64, 128\n", "0 Sky|1 road")]
    [InlineData("n.txt", "128 128 128\tSky\n128 64 128\troad\n", "0 Sky|1 road")]
    [InlineData("n.txt", "# label:color_rgb:parts:actions\nbackground:0,0,0::\nroad:128,64,128::\n", "0 background|1 road")]
    [InlineData("n.csv", "class_name\nbackground\nroad\n", "0 background|1 road")]
    [InlineData("n.json", "{\"0\": \"background\", \"4\": \"road\"}", "0 background|4 road")]
    [InlineData("n.txt", "{\"background\": 0, \"road\": 4}", "0 background|4 road")]
    [InlineData("n.json", "[\"background\", \"road\"]", "0 background|1 road")]
    [InlineData("n.json", "[{\"id\": 1, \"name\": \"road\"}, {\"id\": 3, \"name\": \"car\"}]", "1 road|3 car")]
    [InlineData("n.json", "{\"images\": [], \"categories\": [{\"id\": 1, \"name\": \"road\"}]}", "1 road")]
    [InlineData("n.json", "{\"id2label\": {\"0\": \"wall\", \"1\": \"road\"}}", "0 wall|1 road")]
    public void Table_OrMap_IsReadAsItSays(string file, string text, string expected)
    {
        var (names, problems) = Named(file, text);
        Assert.Equal(expected, names);
        Assert.All(problems, p => Assert.Equal(FormatOutcome.Noted, p.Outcome));
    }

    /// <summary>Lists are as they were: a line a name, whatever is in it.</summary>
    [Theory]
    [InlineData("background\nroad\n", "0 background|1 road")]
    [InlineData("background\n\ntraffic light\n", "0 background|1 |2 traffic light")]
    [InlineData("tench, Tinca tinca\ngoldfish, Carassius auratus\n", "0 tench, Tinca tinca|1 goldfish, Carassius auratus")]
    [InlineData("n01440764 tench, Tinca tinca\nn01443537 goldfish\n", "0 n01440764 tench, Tinca tinca|1 n01443537 goldfish")]
    [InlineData("0\n1\n2\n", "0 0|1 1|2 2")]
    [InlineData("4:3\n16:9\n", "0 4:3|1 16:9")]
    [InlineData("background\n2 door car\n", "0 background|1 2 door car")]
    [InlineData("1 cent\n2 cent\n5 cent\n", "0 1 cent|1 2 cent|2 5 cent")]
    [InlineData("name\ncat\n", "0 name|1 cat")]
    [InlineData("car: door\ncar: wheel\n", "0 car: door|1 car: wheel")]
    [InlineData("[unlabeled]\nroad\n", "0 [unlabeled]|1 road")]
    [InlineData("# x\nroad\n", "0 # x|1 road")]
    public void List_IsALineAName(string text, string expected) => Assert.Equal(expected, Named("names.txt", text).Names);

    [Fact]
    public void Numbers_ThatDoNotCountOn_AreSaid() => Assert.Contains("each line begins with a number", Assert.Single(
        Named("names.txt", "1 cent\n2 cent\n5 cent\n").Problems).What);

    [Theory]
    [InlineData("n.csv", "a,b\nroad,x\ncar,y\n", "a table of 2 columns")]
    [InlineData("n.txt", "road\tx\ncar\ty\n", "a table of 2 columns")]
    [InlineData("n.json", "{\"a\": {\"b\": 1}}", "it is JSON, but no list of names")]
    [InlineData("n.txt", "[1, 2]", "it is JSON, but no list of names")]
    [InlineData("n.json", "{\"0\": \"road\"", "not valid JSON")]
    [InlineData("n.json", "road\ncar\n", "not valid JSON")]
    [InlineData("n.json", "{\"5000000\": \"road\"}", "is no number of a class")]
    public void Table_ThatDoesNotTellItsNames_IsRefused(string file, string text, string what) =>
        Assert.Contains(what, Assert.Throws<AnnotationFileException>(() => Named(file, text)).What);

    [Fact]
    public void Number_ThatStandsTwice_HasTheFirstName()
    {
        var (names, problems) = Named("n.txt", "0: background\n1: road\n1: car\n");
        Assert.Equal("0 background|1 road", names);
        Assert.Equal(["number 1 stands twice"], problems.Where(p => p.Outcome == FormatOutcome.Repaired).Select(p => p.What));
    }

    /// <summary>A list that lies beside labels and was not named is no reason to leave them.</summary>
    [Fact]
    public void List_ThatWasFound_IsTakenAsItIs()
    {
        Write("set/labels/a.txt", "0 0.5 0.5 0.5 0.5\n");
        Picture("set/images/a.png", 20, 10);
        Write("set/classes.txt", "road\tx\ncar\ty\n");
        var (images, problems) = Read(Folder.File("set"), AnnotationFormat.Yolo);
        Assert.Single(images);
        Assert.Contains(problems, p => p.What.Contains("a table of 2 columns") && p.Outcome == FormatOutcome.Repaired);
    }
}
