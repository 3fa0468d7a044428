using SemanticSam.Engine.Checkpoints;
using SemanticSam.Training.Runs;

namespace SemanticSam.Tests.Training.Runs;

public sealed class TrainingIdentityTests
{
    private static readonly TrainingIdentity Begun = new([("a", "1"), ("b", "2"), ("c", new string('a', 64)), ("d", ""), ("only then", "x")]);

    [Fact]
    public void Continue_TheSame_KeepsWhatBothSay()
    {
        var now = new TrainingIdentity([("b", "2"), ("new", "y"), ("a", "1")]);
        Assert.Equal("""{"a":"1","b":"2","c":"CCC","d":"","only then":"x","new":"y"}""".Replace("CCC", new string('a', 64)),
            now.Continue("file", Begun, _ => "stop").ToJson());
    }

    [Fact]
    public void Continue_Others_SaysThreeOfThemAndWhatToDo()
    {
        var now = new TrainingIdentity([("a", "3"), ("b", "4"), ("c", new string('b', 64)), ("d", "5")]);
        var e = Assert.Throws<CheckpointException>(() => now.Continue("file", Begun, other => $"Differing: {string.Join(",", other)}."));
        Assert.Contains("(a: '1' then, '3' now; b: '2' then, '4' now; c: aaaaaaaaaaaa then, bbbbbbbbbbbb now; and 1 more)", e.Message);
        Assert.EndsWith("Differing: a,b,c,d.", e.Message);
        Assert.Contains("d: none then, '5' now", Assert.Throws<CheckpointException>(
            () => new TrainingIdentity([("d", "5")]).Continue("file", Begun, _ => "stop")).Message);
    }

    [Fact]
    public void Continue_OthersThatMayBe_KeepsThoseOfTheBeginning() =>
        Assert.Equal(Begun.ToJson(), new TrainingIdentity([("a", "3")]).Continue("file", Begun, _ => null).ToJson());
}
