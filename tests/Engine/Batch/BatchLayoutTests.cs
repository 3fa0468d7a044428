using System.Text;
using SemanticSam.Engine.Batch;

namespace SemanticSam.Tests.Engine.Batch;

public sealed class BatchLayoutTests
{
    private static readonly BatchLayout Layout = new("out");

    [Fact]
    public void ResultOf_NamesThatDifferInFolderOrEnding_Differ()
    {
        string[] keys = ["a.jpg", "a.png", "x/a.jpg", "a.jpg#2", "manifest"];
        Assert.Equal(keys.Length, keys.Select(k => Layout.ResultOf(new(k))).Distinct().Count());
        Assert.Equal(Path.Combine("out", "results", "x", "a.jpg.json"), Layout.ResultOf(new("x/a.jpg")));
    }

    [Fact]
    public void ResultOf_NameTooLong_IsCutToSomethingOfItsOwn()
    {
        string name = string.Concat(Enumerable.Repeat("\U0001F418\u00e9", 40));
        string one = Path.GetFileName(Layout.ResultOf(new(name + "1.jpg"))), two = Path.GetFileName(Layout.ResultOf(new(name + "2.jpg")));
        Assert.NotEqual(one, two);
        Assert.True(Encoding.UTF8.GetByteCount(one) <= 255 - 39);
        Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(one)));
    }
}
