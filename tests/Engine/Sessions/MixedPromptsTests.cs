using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Engine.Sessions;

/// <summary>On a decoder whose masks are squares around what was asked: large for Group, small for Part.</summary>
public sealed class MixedPromptsTests
{
    private const int Side = 100;

    private readonly List<int> _together = [];

    private static Rle Square(float x, float y, int half) =>
        Rle.FromBox(Side, Side, new(Math.Max(0, (int)x - half), Math.Max(0, (int)y - half), Math.Min(Side, (int)x + half), Math.Min(Side, (int)y + half)));

    private IReadOnlyList<IReadOnlyList<Candidate>> Decode(IReadOnlyList<PlaceQuery> queries)
    {
        _together.Add(queries.Count);
        return [.. queries.Select(IReadOnlyList<Candidate> (q) =>
        [
            new(Square(q.X, q.Y, 30), 0.5f, 1, GranularityLevel.Group, null, null),
            new(Square(q.X, q.Y, 5), 0.9f, 1, GranularityLevel.Part, null, null),
        ])];
    }

    private IReadOnlyList<Candidate> Answer(Prompt prompt, LevelRule rule = LevelRule.Tokens) => new MixedPrompts(Decode, rule).Answer([prompt])[0];

    [Fact]
    public void Answer_OneClick_IsTheDecodersOwnMasks() =>
        Assert.Equal([Square(50, 50, 30), Square(50, 50, 5)], Answer(Prompt.At(50, 50)).Select(c => c.Mask));

    [Fact]
    public void Answer_ClicksAndABox_TakesOfEachLevelTheMaskThatAgrees()
    {
        // The clicks are 20 apart: a large square holds both, a small one only its own; the box is that of the second small square.
        var prompt = new Prompt { Points = [new(40, 50), new(60, 50)], Box = new(55, 45, 65, 55) };
        var answer = Answer(prompt);
        Assert.Equal([GranularityLevel.Group, GranularityLevel.Part], answer.Select(c => c.Level!.Value));
        Assert.All(prompt.Points, p => Assert.True(answer[0].Mask.Contains((int)p.X, (int)p.Y)));
        Assert.Equal(Square(60, 50, 5), answer[1].Mask);
    }

    [Fact]
    public void Answer_NegativeClick_CutsOutTheLargestOfItsMasksThatSparesThePositiveOnes()
    {
        var answer = Answer(new Prompt { Points = [new(50, 50), new(70, 50, false)] });
        Assert.Equal(Square(50, 50, 30).Subtract(Square(70, 50, 5)), answer[0].Mask); // its large square holds the positive click
        Assert.Equal(Square(50, 50, 5), answer[1].Mask); // not touched
    }

    [Fact]
    public void Answer_LevelsByArea_AreOrderedAnewAfterCutting()
    {
        var answer = Answer(new Prompt { Points = [new(50, 50), new(70, 50, false)] }, LevelRule.Area);
        Assert.Equal(answer.Select(c => c.Mask.Area).OrderDescending(), answer.Select(c => c.Mask.Area));
        Assert.Equal([GranularityLevel.Group, GranularityLevel.Part], answer.Select(c => c.Level!.Value));
    }

    [Fact]
    public void Answer_ManyPrompts_GoInBatchesAndKeepTheirPlaces()
    {
        var prompts = Enumerable.Range(0, 100).Select(i => Prompt.At(i, 50)).ToArray();
        var answers = new MixedPrompts(Decode, LevelRule.Tokens).Answer(prompts);
        Assert.Equal([64, 36], _together);
        for (int i = 0; i < prompts.Length; i++) Assert.Equal(Square(i, 50, 5), answers[i][1].Mask);
    }
}
