using System.Buffers;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace SemanticSam.Tests.StandIns.Tokenizers;

/// <summary>What the real package does, as far as the engine relies on it; the same tests hold with either.</summary>
public sealed class BpeTokenizerTests
{
    private const string Clip = @"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

    private static readonly Dictionary<string, int> Special = new() { ["<|startoftext|>"] = 8, ["<|endoftext|>"] = 9 };

    [Fact]
    public void EncodeToIds_MergesInOrderOfRank()
    {
        var bpe = Make("a b", "ab c</w>", "b c</w>");
        Assert.Equal([6], bpe.EncodeToIds("abc"));
        Assert.Equal([1, 7], bpe.EncodeToIds("bbc"));
        Assert.Equal([4], bpe.EncodeToIds("B"));
    }

    [Fact]
    public void EncodeToIds_SpecialTokenInTheText_IsItsId() => Assert.Equal([8, 3, 9], Make().EncodeToIds("<|startoftext|> A <|endoftext|>"));

    [Fact]
    public void EncodeToIds_UnknownSymbols_AreDropped() => Assert.Equal([3], Make().EncodeToIds("z a"));

    [Fact]
    public void EncodeToIds_MaxTokenCount_KeepsTheFirst()
    {
        var ids = Make("a b").EncodeToIds("a b c", 2, out string? normalized, out int consumed);
        Assert.Equal([3, 4], ids);
        Assert.Equal("a b c", normalized);
        Assert.Equal(3, consumed);
    }

    [Fact]
    public void EncodeToTokens_ByteLevel_GivesOffsetsOfTheText()
    {
        var vocabulary = new Dictionary<string, int> { ["Ã"] = 0, ["©</w>"] = 1, ["a"] = 2, ["x</w>"] = 3 };
        var bpe = BpeTokenizer.Create(new BpeOptions(vocabulary) { ByteLevel = true, EndOfWordSuffix = "</w>" });
        var tokens = bpe.EncodeToTokens("aé x", out _);
        Assert.Equal(["a", "Ã", "©</w>", "x</w>"], tokens.Select(t => t.Value));
        Assert.Equal([0..1, 1..1, 1..2, 3..4], tokens.Select(t => t.Offset));
        Assert.Equal("aéx", bpe.Decode(tokens.Select(t => t.Id)));
    }

    [Fact]
    public void Decode_ByteLevel_DropsTheEndOfWordSuffix() => Assert.Equal("abc<|endoftext|>", Make("a b", "ab c</w>", "b c</w>").Decode([6, 9]));

    [Fact]
    public void Decode_SmallDestination_SaysSo()
    {
        var status = Make("a b", "ab c</w>", "b c</w>").Decode([3, 6], new char[2], out int ids, out int chars);
        Assert.Equal(OperationStatus.DestinationTooSmall, status);
        Assert.Equal((1, 1), (ids, chars));
    }

    [Fact]
    public void Create_MergeOfUnknownToken_Throws() => Assert.Throws<InvalidOperationException>(() => Make("a q"));

    [Fact]
    public void Create_NoVocabulary_Throws() => Assert.Throws<InvalidOperationException>(() => BpeTokenizer.Create(new BpeOptions([])));

    [Fact]
    public void RegexPreTokenizer_SpecialTokens_AreFoundFirst()
    {
        var pre = new RegexPreTokenizer(new Regex(@"\w+"), new Dictionary<string, int> { ["b-c"] = 1 });
        Assert.Equal([(0, 1), (2, 3), (6, 2)], pre.PreTokenize("a b-c dd"));
    }

    [Fact]
    public void LowerCaseNormalizer_Capitals_AreLowered() => Assert.Equal("abé", LowerCaseNormalizer.Instance.Normalize("ABÉ"));

    [Fact]
    public void EncodeToIds_LongWord_TakesNoQuadraticTime()
    {
        var bpe = Make("a b");
        Assert.Equal(100_000, bpe.EncodeToIds(new string('a', 100_000)).Count);
    }

    private static BpeTokenizer Make(params string[] merges) => BpeTokenizer.Create(new BpeOptions(new Dictionary<string, int>
    {
        ["a"] = 0, ["b"] = 1, ["c"] = 2, ["a</w>"] = 3, ["b</w>"] = 4, ["c</w>"] = 10, ["ab"] = 5, ["abc</w>"] = 6, ["bc</w>"] = 7,
        ["<|startoftext|>"] = 8, ["<|endoftext|>"] = 9,
    })
    {
        Merges = merges,
        ByteLevel = true,
        EndOfWordSuffix = "</w>",
        Normalizer = LowerCaseNormalizer.Instance,
        PreTokenizer = new RegexPreTokenizer(new Regex(Clip, RegexOptions.IgnoreCase), Special),
        SpecialTokens = Special,
    });
}
