using SemanticSam.Tests.Support;
using SemanticSam.Training.Evaluation.Calibration;

namespace SemanticSam.Tests.Training.Evaluation.Calibration;

public sealed class CalibrationFileTests
{
    [Theory]
    [InlineData("""{"a": 1, "a": 2}""", "the entry 'a' stands twice")]
    [InlineData("""{"\ud800": 1}""", "no valid Unicode")]
    [InlineData("""{"a": """, "ends too early")]
    [InlineData("[]", "no JSON object")]
    public void IsIn_FileThatIsNoObjectOfEntries_IsRefused(string json, string expected)
    {
        using var folder = new TempFolder();
        string path = folder.Write("inference.json", System.Text.Encoding.UTF8.GetBytes(json));
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => CalibrationFile.IsIn(path)).Message);
    }
}
