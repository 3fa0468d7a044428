using SemanticSam.Tests.Support;
using SemanticSam.Training.Runs;

namespace SemanticSam.Tests.Training.Runs;

public sealed class MetricsLogTests : IDisposable
{
    private const string Good = """{"step":1,"seconds":60}""";
    private readonly TempFolder _folder = new();

    private string Log => _folder.File(MetricsLog.File);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("5")]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("\"step\"")]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("""{"step":"x"}""")]
    [InlineData("""{"step":null}""")]
    [InlineData("""{"step":1,"\ud800":1}""")]
    [InlineData("""{"\ud800":1,"step":1}""")]
    [InlineData("""{"step":1,"loss":"\ud800"}""")]
    [InlineData("""{"step":1,"loss":1e999}""")]
    [InlineData("""{"step":1,"loss":NaN}""")]
    [InlineData("""{"step":1e300}""")]
    [InlineData("""{"step":1.5}""")]
    [InlineData("""{"step":-1}""")]
    [InlineData("{\"step\":1,\"sec")]
    public void CutAfter_LineThatNoRunWrote_IsDropped(string odd)
    {
        File.WriteAllLines(Log, [Good, odd, """{"step":2,"seconds":60}""", """{"step":3,"seconds":60}"""]);
        double hours = TrainingRecord.HoursOf(_folder.Path);
        Assert.Equal(180.0 / 3600, hours, 9);
        MetricsLog.CutAfter(_folder.Path, 2);
        Assert.Equal([Good, """{"step":2,"seconds":60}"""], File.ReadAllLines(Log));
    }

    /// <summary>Times that are added up stay times: more of them than a clock can hold ended every resumed training.</summary>
    [Theory]
    [InlineData("""{"step":1,"seconds":1e308}""")]
    [InlineData("""{"step":1,"seconds":-1e308}""")]
    [InlineData("""{"step":1,"pictures_a_second":1e-300}""")]
    public void HoursOf_SecondsBeyondAnyTraining_AreNotCounted(string odd)
    {
        File.WriteAllLines(Log, [Good, odd, odd]);
        Assert.Equal(60.0 / 3600, TrainingRecord.HoursOf(_folder.Path), 9);
        File.WriteAllLines(Log, Enumerable.Repeat("""{"step":1,"seconds":999999999}""", 2000));
        Assert.True(TimeSpan.FromHours(TrainingRecord.HoursOf(_folder.Path)) < TimeSpan.FromDays(40 * 365));
    }
}
