using SemanticSam.Foundation;

namespace SemanticSam.Tests.Architecture;

public sealed class SemanticSamExceptionTests
{
    /// <summary>So that one catch is enough for a program that shows what is wrong with its input.</summary>
    [Fact]
    public void PublicExceptions_OfEveryLibrary_HaveOneBase()
    {
        var exceptions = Projects.Libraries.SelectMany(a => a.GetExportedTypes()).Where(t => typeof(Exception).IsAssignableFrom(t)).ToArray();
        Assert.NotEmpty(exceptions);
        Assert.All(exceptions, t => Assert.True(typeof(SemanticSamException).IsAssignableFrom(t), t.FullName));
    }
}
