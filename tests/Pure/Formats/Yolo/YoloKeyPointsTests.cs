using System.Globalization;
using SemanticSam.Formats;
using SemanticSam.Tests.Pure.Formats.Dialects;

namespace SemanticSam.Tests.Pure.Formats.Yolo;

/// <summary>Boxes with key points behind them, as labels and predictions of poses have them: read as outlines they would be nonsense.</summary>
public sealed class YoloKeyPointsTests : DialectFolder
{
    private static readonly (double X, double Y)[] Centers = [(0.3, 0.5), (0.7, 0.5), (0.5, 0.4)];

    /// <summary>A person's line: a box of 20 x 30 pixels, and points anywhere in it.</summary>
    private static string Pose(Random random, (double X, double Y) center, int points, bool confidences, string tail, double stray = 0)
    {
        var values = new List<double> { center.X, center.Y, 0.2, 0.6 };
        for (int i = 0; i < points; i++)
        {
            values.Add(center.X + (random.NextDouble() - 0.5) * 0.2 * (1 + stray));
            values.Add(center.Y + (random.NextDouble() - 0.5) * 0.6 * (1 + stray));
            if (confidences) values.Add(random.NextDouble());
        }
        return $"0 {Words(values)} {tail}".TrimEnd();
    }

    private static string Words(IEnumerable<double> values) => string.Join(' ', values.Select(v => v.ToString("0.######", CultureInfo.InvariantCulture)));

    private (string Image, List<FormatProblem> Problems) ReadLines(IEnumerable<string> lines, string shape = "")
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labels/a.txt", string.Join('\n', lines));
        Write("set/data.yaml", $"names: [person]\n{shape}");
        var (images, problems) = Read(Folder.File("set"));
        return (Assert.Single(images), problems);
    }

    [Theory]
    [InlineData("", 1, "")]
    [InlineData("0.87", 1, " 0.87")]
    [InlineData("0.87 3", 1, " 0.87")]
    [InlineData("", 2, "")]
    [InlineData("0.87", 2, " 0.87")]
    [InlineData("0.87 1", 2, " 0.87")]
    [InlineData("1", 2, "", "2")]
    public void Confidences_BehindABox_AreThoseOfItsPoints(string tail, int lines, string score, string? second = null)
    {
        foreach (int points in (int[])[.. lines > 1 ? (int[])[4] : [], 5, 6, 17, 21])
        {
            var random = new Random(points);
            var (image, problems) = ReadLines(Enumerable.Range(0, lines).Select(i =>
                Pose(random, Centers[i], points, true, i == 1 && second is not null ? second : tail, stray: 0.1)));
            string other = lines == 2 ? $" | person 600 [60,10,20,30]{score}" : "";
            Assert.Equal($"a.png 100x50: person 600 [20,10,20,30]{score}{other}", image);
            Assert.Equal(lines, problems.Count(p => p.Outcome == FormatOutcome.Repaired && p.What.Contains("kpt_shape")));
        }
    }

    [Theory]
    [InlineData(17, "", "")]
    [InlineData(17, "0.87", " 0.87")]
    [InlineData(17, "0.87 3", " 0.87")]
    [InlineData(8, "0.87", " 0.87")]
    [InlineData(8, "0.87 1", " 0.87")]
    public void Pairs_BehindABox_AreItsPoints(int points, string tail, string score)
    {
        var random = new Random(points);
        var (image, problems) = ReadLines(Centers.Select(c => Pose(random, c, points, false, tail)));
        Assert.Equal($"a.png 100x50: person 600 [20,10,20,30]{score} | person 600 [60,10,20,30]{score} | person 600 [40,5,20,30]{score}", image);
        Assert.Equal(3, problems.Count(p => p.Outcome == FormatOutcome.Repaired && p.What.Contains("kpt_shape")));
    }

    [Theory]
    [InlineData("[17, 3]", true, "", "")]
    [InlineData("[17, 3]", true, "0.87", " 0.87")]
    [InlineData("[17, 3]", true, "0.87 1", " 0.87")]
    [InlineData("[17, 2]", false, "0.87", " 0.87")]
    [InlineData("[17, 2]", false, "0.87 1", " 0.87")]
    [InlineData("[17, 2]", false, "12", "")]
    public void Shape_ThatIsTold_IsFollowedByConfidenceAndTrack(string shape, bool confidences, string tail, string score)
    {
        var random = new Random(1);
        var (image, problems) = ReadLines([Pose(random, Centers[0], 17, confidences, tail)], $"kpt_shape: {shape}\n");
        Assert.Equal($"a.png 100x50: person 600 [20,10,20,30]{score}", image);
        Assert.All(problems, p => Assert.Equal(FormatOutcome.Noted, p.Outcome));
    }

    /// <summary>COCO's 17 points as people stand, nearly all of them sure, of which pairs go down the body from side to side.</summary>
    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 3)]
    [InlineData(false, 3)]
    public void Points_OfAStandingPerson_AreNoOutline(bool confidences, int lines)
    {
        (double X, double Y)[] body = [(0.5, 0.08), (0.55, 0.06), (0.45, 0.06), (0.6, 0.08), (0.4, 0.08), (0.7, 0.22), (0.3, 0.22), (0.85, 0.38), (0.15, 0.38),
            (0.9, 0.52), (0.1, 0.52), (0.62, 0.52), (0.38, 0.52), (0.62, 0.74), (0.38, 0.74), (0.62, 0.95), (0.38, 0.95)];
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            double Near(double value) => value + 0.06 * (random.NextDouble() - 0.5);
            var people = Enumerable.Range(0, lines).Select(_ => 0.1 + 0.8 * random.NextDouble()).ToList();
            var (image, problems) = ReadLines(people.Select(size =>
            {
                double x = size / 2 + random.NextDouble() * (1 - size), y = size / 2 + random.NextDouble() * (1 - size);
                var points = body.SelectMany(p => (double[])[x + (Near(p.X) - 0.5) * size, y + (Near(p.Y) - 0.5) * size,
                    .. confidences ? (double[])[0.9 + 0.1 * random.NextDouble()] : []]);
                return $"0 {Words([x, y, size, size, .. points, 0.87])}";
            }));
            Assert.Equal(lines, image.Split(" 0.87").Length - 1);
            Assert.Equal(lines, problems.Count(p => p.What.Contains("behind its box are key points")));
        }
    }

    /// <summary>A line among outlines decides nothing, and is told.</summary>
    [Fact]
    public void Line_AmongOutlines_IsTold()
    {
        var random = new Random(5);
        var (image, problems) = ReadLines([Pose(random, Centers[0], 17, true, ""), "0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8", "0 0.1 0.2 0.5 0.2 0.5 0.8"]);
        Assert.EndsWith("1271 [10,10,41,31] | person 661 [10,10,41,31]", image, StringComparison.Ordinal);
        var noted = Assert.Single(problems);
        Assert.Equal((FormatOutcome.Noted, "line 1", "it is taken as an outline"), (noted.Outcome, noted.Place, noted.Done));
    }

    [Fact]
    public void OnePoint_SeenOrNot_IsNoTriangle()
    {
        var (image, _) = ReadLines(["0 0.3 0.5 0.2 0.6 0.3 0.5 1", "0 0.7 0.5 0.2 0.6 0.7 0.5 2"]);
        Assert.Equal("a.png 100x50: person 600 [20,10,20,30] | person 600 [60,10,20,30]", image);
    }

    /// <summary>Points that were not seen are written as 0 0; frames in which nothing is tracked have no numbers of tracks.</summary>
    [Fact]
    public void Frames_WithAndWithoutTracks_AreOfOneSet()
    {
        var random = new Random(2);
        Picture("set/images/b.png", 100, 50);
        Write("set/labels/b.txt", string.Join('\n', Centers.Select(c => Pose(random, c, 17, true, "0.5"))));
        string hidden = string.Join(' ', Enumerable.Repeat("0 0 0.1", 14));
        Picture("set/images/a.png", 100, 50);
        Write("set/labels/a.txt", $"{Pose(random, Centers[0], 3, true, hidden)} 0.9 7\n{Pose(random, Centers[1], 17, true, "0.9 1")}\n");
        Assert.Equal("a.png 100x50: 0 600 [20,10,20,30] 0.9 | 0 600 [60,10,20,30] 0.9", Read(Folder.File("set")).Images[0]);
    }

    [Fact]
    public void Strict_WithoutAShape_RefusesPoints()
    {
        var random = new Random(3);
        ReadLines(Centers.Select(c => Pose(random, c, 17, true, "0.87")));
        Assert.Contains("kpt_shape", Strict(Folder.File("set")).Message);
    }

    /// <summary>Outlines of one length, wherever they begin and lie, are none: the first two corners are no box with the rest in it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Outlines_OfOneLength_StayOutlines(bool scored)
    {
        var random = new Random(4);
        for (int set = 0; set < 100; set++)
        {
            int corners = set % 3 == 0 ? 5 + set / 3 % 50 : random.Next(4, 40), lines = set % 4 == 0 ? 1 : random.Next(2, 6);
            // Some begin at one place alone, or lie on the diagonal, or in the middle of all images.
            double? begin = set % 2 == 0 ? random.NextDouble() * 7 : null;
            var labels = Enumerable.Range(0, lines).Select(_ =>
            {
                double radius = 0.05 + 0.4 * random.NextDouble(), start = begin ?? random.NextDouble() * 7;
                double x = set % 5 == 0 ? 0.5 : radius + random.NextDouble() * (1 - 2 * radius);
                double y = set % 5 < 2 ? x : radius + random.NextDouble() * (1 - 2 * radius), flat = 0.3 + 0.7 * random.NextDouble();
                double rough = set % 7 < 3 ? random.NextDouble() * 0.8 : 0; // with bays and tips
                var outline = Enumerable.Range(0, corners).Select(i => (At: start + i * 2 * Math.PI / corners, By: radius * (1 - rough * random.NextDouble())))
                    .SelectMany(p => (double[])[x + p.By * Math.Cos(p.At), y + flat * p.By * Math.Sin(p.At)]);
                return $"0 {Words(scored ? outline.Append(0.4 + 0.5 * random.NextDouble()) : outline)}";
            }).ToList();
            var (image, problems) = ReadLines(labels);
            Assert.True(problems.Count == 0, $"{string.Join('\n', labels)}\n{string.Join('\n', problems)}");
            Assert.Equal(scored ? lines : 0, image.Split(" 0.").Length - 1);
        }
    }
}
