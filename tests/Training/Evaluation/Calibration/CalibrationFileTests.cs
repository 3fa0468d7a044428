using SemanticSam.Tests.Support;
using SemanticSam.Training.Evaluation.Calibration;

namespace SemanticSam.Tests.Training.Evaluation.Calibration;

public sealed class CalibrationFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"calibration":5,"calibration":6}""", "the entry 'calibration' stands twice")]
    [InlineData("""{"a":{"b":1,"b":2}}""", "the entry 'b' stands twice")]
    [InlineData("""{"\ud800":1}""", "half a surrogate pair")]
    [InlineData("""{"a":"\ud800"}""", "half a surrogate pair")]
    [InlineData("[]", "it is no JSON object")]
    [InlineData("{", "it ends too early")]
    public void Write_FileThatIsNoSoundObject_IsRefusedAndStays(string content, string message)
    {
        string file = _folder.File("inference.json");
        File.WriteAllText(file, content);
        foreach (var ask in (Action[])[() => CalibrationFile.IsIn(file), () => CalibrationFile.Write(file, new())])
        {
            var e = Assert.Throws<InvalidDataException>(ask);
            Assert.Contains(message, e.Message);
            Assert.Contains("inference.json", e.Message);
        }
        Assert.Equal(content, File.ReadAllText(file));
    }

    [Fact]
    public void Write_FileWithOtherEntries_KeepsThem()
    {
        string file = _folder.File("inference.json");
        File.WriteAllText(file, """{"wholes":["car"]}""");
        Assert.False(CalibrationFile.IsIn(file));
        CalibrationFile.Write(file, new());
        Assert.True(CalibrationFile.IsIn(file));
        Assert.Contains("car", File.ReadAllText(file));
    }
}
