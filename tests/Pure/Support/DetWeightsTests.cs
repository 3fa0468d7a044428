using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Support;

public sealed class DetWeightsTests
{
    [Fact]
    public void Fnv1a64_KnownString_GivesTheReferenceHash() => Assert.Equal(0xaf63dc4c8601ec8cUL, DetWeights.Fnv1a64("a"));
}
