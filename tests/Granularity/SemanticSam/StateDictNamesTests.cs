using System.Text.Json;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.SemanticSam;

/// <summary>The state dict has exactly the names and shapes of the published checkpoints (names.json).</summary>
public sealed class StateDictNamesTests
{
    public static TheoryData<string> Known() =>
        ["semantic_sam swinT", "semantic_sam swinL", "openseed openseed_swint_lang", "openseed openseed_swint_lang_o365",
         "openseed openseed_swint_lang_o365_decouple"];

    /// <summary>The largest one; its backbone is that of Semantic-SAM's, its decoder that of the small one, which are looked at without it.</summary>
    [SkippableFact]
    [Trait("Category", "Slow")]
    public void StateDict_LargestPublishedModel_HasItsNamesAndShapes() =>
        StateDict_PublishedModel_HasItsNamesAndShapes("openseed openseed_swinl_lang_decouple");

    [SkippableTheory]
    [MemberData(nameof(Known))]
    public void StateDict_PublishedModel_HasItsNamesAndShapes(string known)
    {
        var (folder, name) = (known.Split(' ')[0], known.Split(' ')[1]);
        using var json = Fixtures.Json(folder + "/names.json");
        var expected = Expected(json.RootElement, name);
        using var model = new SemanticSamModel(Config(name));
        AssertSame(expected, model);
    }

    [SkippableTheory]
    [InlineData("semantic_sam")]
    [InlineData("plain")]
    [InlineData("decoupled")]
    public void StateDict_TinyModel_HasItsNamesAndShapes(string kind)
    {
        using var json = Fixtures.Json(kind == "semantic_sam" ? "semantic_sam/tiny_config.json" : "openseed/tiny_config.json");
        var entries = (kind == "semantic_sam" ? json.RootElement : json.RootElement.GetProperty(kind)).GetProperty("state_dict");
        var expected = new Dictionary<string, long[]>();
        Add(expected, entries);
        using var model = new SemanticSamModel(kind == "semantic_sam" ? ReferenceConfig.SemanticSamTiny() : ReferenceConfig.OpenSeeDTiny(kind));
        AssertSame(expected, model);
    }

    [SkippableFact]
    public void StateDict_Aliases_ShareOneTensor()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var json = Fixtures.Json("semantic_sam/names.json");
        using var model = new SemanticSamModel(ModelConfig.SemanticSamSwinT);
        var state = model.state_dict();
        foreach (var alias in json.RootElement.GetProperty("swinT").GetProperty("aliases").EnumerateObject())
        {
            state[alias.Value.GetString()!].fill_(0.25);
            Assert.True(state[alias.Name].eq(0.25).all().item<bool>(), alias.Name);
            state[alias.Value.GetString()!].fill_(0.5);
            Assert.True(state[alias.Name].eq(0.5).all().item<bool>(), alias.Name);
        }
        long parameters = model.parameters().Sum(p => p.NumberOfElements);
        Assert.Equal(json.RootElement.GetProperty("swinT").GetProperty("parameters").GetInt64(), parameters);
    }

    private static ModelConfig Config(string name) => name switch
    {
        "swinT" => ModelConfig.SemanticSamSwinT,
        "swinL" => ModelConfig.SemanticSamSwinL,
        "openseed_swint_lang" => ModelConfig.OpenSeeDSwinT,
        "openseed_swint_lang_o365" => ModelConfig.OpenSeeDSwinTObjects365,
        "openseed_swint_lang_o365_decouple" => ModelConfig.OpenSeeDSwinTDecoupled,
        _ => ModelConfig.OpenSeeDSwinLDecoupled,
    };

    private static Dictionary<string, long[]> Expected(JsonElement root, string name)
    {
        var entry = root.GetProperty(name);
        var expected = entry.TryGetProperty("like", out var like) ? Expected(root, like.GetString()!) : [];
        if (entry.TryGetProperty("tensors", out var tensors)) Add(expected, tensors);
        if (entry.TryGetProperty("changed_or_additional", out var changed)) Add(expected, changed);
        if (entry.TryGetProperty("absent", out var absent))
            foreach (var gone in absent.EnumerateArray()) expected.Remove(gone.GetString()!);
        return expected;
    }

    private static void Add(Dictionary<string, long[]> expected, JsonElement tensors)
    {
        foreach (var tensor in tensors.EnumerateObject())
            if (!tensor.Name.StartsWith("criterion", StringComparison.Ordinal)) // weights of losses; belong to no network
                expected[tensor.Name] = [.. tensor.Value.EnumerateArray().Select(v => v.GetInt64())];
    }

    private static void AssertSame(Dictionary<string, long[]> expected, SemanticSamModel model)
    {
        var actual = model.state_dict();
        Assert.True(expected.Keys.All(actual.ContainsKey), "Missing: " + string.Join(", ", expected.Keys.Except(actual.Keys).Take(10)));
        Assert.True(actual.Keys.All(expected.ContainsKey), "Unexpected: " + string.Join(", ", actual.Keys.Except(expected.Keys).Take(10)));
        foreach (var (name, shape) in expected)
            Assert.True(shape.AsSpan().SequenceEqual(actual[name].shape),
                $"{name}: [{string.Join(", ", actual[name].shape)}] instead of [{string.Join(", ", shape)}]");
    }
}
