using SemanticSam.Formats;
using SemanticSam.Training.Nano;

namespace SemanticSam.Tests.Training.Nano;

/// <summary>The click that corrects an answer lies where the answer is wrong.</summary>
public sealed class PlaceCorrectionTests
{
    private const int Side = 16;

    /// <summary>The left half is meant.</summary>
    private static NanoSample Sample => new()
    {
        Image = new AnnotatedImage { FileName = "a.png", Width = 64, Height = 64 },
        Pixels = [], Valid = [.. Enumerable.Repeat((byte)4, Side * Side)], Names = [], Regions = [],
        Clicks = [new PlaceAsked { Points = [new(8, 8, true, true)], Masks = [0] }],
        Masks = [new([.. Enumerable.Range(0, Side * Side).Select(i => (byte)(i % Side < Side / 2 ? 4 : 0))], 1)],
    };

    private static PlacePoint Added(Func<int, bool> inside)
    {
        float[] answer = [.. Enumerable.Range(0, Side * Side).Select(i => inside(i) ? 2f : -2f)];
        var asked = PlaceCorrection.Of(Sample, 0, 0, answer, [8, 8, 4, 4], new Random(3));
        Assert.Equal(2, asked.Points.Count);
        return asked.Points[1];
    }

    [Fact]
    public void Of_AnswerThatMissesSomething_ClicksInsideWhatIsMissing()
    {
        var point = Added(i => i % Side < Side / 4);
        Assert.True(point.Inside && point.X is >= 16 and < 32, $"{point}");
    }

    [Fact]
    public void Of_AnswerThatHoldsTooMuch_ClicksOutsideOnWhatIsTooMuch()
    {
        var point = Added(_ => true);
        Assert.True(!point.Inside && point.X >= 32, $"{point}");
    }

    [Fact]
    public void Of_RightAnswer_ClicksInsideAgain()
    {
        var point = Added(i => i % Side < Side / 2);
        Assert.True(point.Inside && point.X < 32, $"{point}");
    }

    [Fact]
    public void Of_Answer_TakesItsBox()
    {
        float[] answer = [.. Enumerable.Range(0, Side * Side).Select(i => i % Side is >= 4 and < 6 && i / Side is >= 2 and < 10 ? 2f : -2f)];
        float[] box = PlaceCorrection.Of(Sample, 0, 0, answer, [8, 8, 4, 4], new Random(3)).Box!;
        // Columns 4 and 5 and rows 2 to 9 of cells of 4 pixels, with the clicked cells (2, 2) and somewhere in the left half.
        Assert.True(box[0] - box[2] / 2 <= 8 && box[0] + box[2] / 2 >= 24 && box[1] - box[3] / 2 <= 8 && box[1] + box[3] / 2 >= 40, string.Join(", ", box));
    }
}
