using SemanticSam.Granularity.Sam;
using SemanticSam.Tests.Support;
using TorchSharp;

namespace SemanticSam.Tests.Granularity.Sam;

public sealed class SamStateDictTests
{
    [SkippableTheory]
    [InlineData("vit_b")]
    [InlineData("vit_t")]
    public void StateDict_PublishedModel_HasItsNamesAndShapes(string name) => Check(name);

    [SkippableTheory]
    [InlineData("vit_l")]
    [InlineData("vit_h")]
    [Trait("Category", "Slow")]
    public void StateDict_LargePublishedModel_HasItsNamesAndShapes(string name) => Check(name);

    private static void Check(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var json = Fixtures.Json("sam/state_dict_shapes.json");
        var expected = json.RootElement.GetProperty(name).EnumerateObject()
            .ToDictionary(e => e.Name, e => string.Join(", ", e.Value.EnumerateArray().Select(v => v.GetInt64())));
        using var model = new SamModel(SamConfigs.Of(name));
        var actual = model.state_dict().ToDictionary(e => e.Key, e => string.Join(", ", e.Value.shape));
        Assert.Equal(expected.Order(Comparer<KeyValuePair<string, string>>.Create((a, b) => string.CompareOrdinal(a.Key, b.Key))),
            actual.Order(Comparer<KeyValuePair<string, string>>.Create((a, b) => string.CompareOrdinal(a.Key, b.Key))));
    }
}
