using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Tokenizer;

namespace SemanticSam.Tests.TextEncoder.Tokenizer;

public sealed class ClipTokenizerTests
{
    [SkippableFact]
    public void Encode_EveryGoldenString_GivesTheReferenceIds()
    {
        using var golden = Fixtures.Json("clip/tokens.json");
        int length = golden.RootElement.GetProperty("context_length").GetInt32();
        var context = new TextContext(length, TextPadding.Zero);
        var wrong = new List<string>();
        int count = 0;
        foreach (var row in golden.RootElement.GetProperty("rows").EnumerateArray())
        {
            string text = row.GetProperty("text").GetString()!;
            int[] expected = new int[length];
            int i = 0;
            foreach (var id in row.GetProperty("ids").EnumerateArray()) expected[i++] = id.GetInt32();
            int[] actual = ClipTokenizer.Instance.Encode(text, context);
            if (!actual.SequenceEqual(expected))
                wrong.Add($"{Escape(text)} -> {Escape(TextCleaner.Clean(text))}, expected " +
                    $"{(row.TryGetProperty("cleaned", out var c) ? Escape(c.GetString()!) : Escape(ClipTokenizer.Instance.Decode(expected)))}");
            count++;
        }
        Assert.True(count > 0);
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count} differ:\n{string.Join('\n', wrong)}");
    }

    [SkippableFact]
    public void Clean_GoldenStringsThatFtfyChanges_GivesTheReferenceText()
    {
        using var golden = Fixtures.Json("clip/tokens.json");
        foreach (var row in golden.RootElement.GetProperty("rows").EnumerateArray())
            if (row.TryGetProperty("cleaned", out var cleaned))
                Assert.Equal(cleaned.GetString(), TextCleaner.Clean(row.GetProperty("text").GetString()!));
    }

    [SkippableFact]
    public void Encode_TextsTooLongForTheReference_ThrowsNamingBothLengths()
    {
        using var golden = Fixtures.Json("clip/tokens.json");
        int length = golden.RootElement.GetProperty("context_length").GetInt32();
        foreach (var row in golden.RootElement.GetProperty("rows").EnumerateArray())
        {
            string text = row.GetProperty("text").GetString()!;
            var context = new TextContext(length, TextPadding.Zero, TextOverflow.Throw);
            if (!row.TryGetProperty("too_long", out var tooLong) || !tooLong.GetBoolean())
            {
                Assert.Equal(length, ClipTokenizer.Instance.Encode(text, context).Length);
                continue;
            }
            var e = Assert.Throws<ArgumentException>(() => ClipTokenizer.Instance.Encode(text, context));
            Assert.Contains($" {row.GetProperty("full_length").GetInt32()} ", e.Message);
            Assert.Contains($" {length}", e.Message);
        }
    }

    [Fact]
    public void Instance_Vocabulary_IsClips()
    {
        Assert.Equal(49408, ClipTokenizer.Instance.VocabularySize);
        Assert.Equal(49406, ClipTokenizer.Instance.StartId);
        Assert.Equal(49407, ClipTokenizer.Instance.EndId);
    }

    [SkippableTheory]
    [InlineData("semantic_sam/tiny_text")]
    [InlineData("openseed/tiny_text")]
    public void Encode_SemanticSamContext_GivesTheReferenceIds(string fixture)
    {
        using var sidecar = Fixtures.Json(fixture + ".json");
        var golden = Golden.Load(fixture + ".safetensors");
        string[] templates = Strings(sidecar, "templates");
        foreach (var (names, ids) in new[] { ("whole", "whole_token_ids"), ("part", "part_token_ids"), ("names", "token_ids") })
        {
            if (!sidecar.RootElement.TryGetProperty(names, out _)) continue;
            long[] shape = golden[ids].Shape;
            var context = TextContext.SemanticSam with { Length = (int)shape[2] };
            var rows = Strings(sidecar, names).SelectMany(n => templates.SelectMany(t =>
                ClipTokenizer.Instance.Encode(t.Replace("{}", Strip(n)), context))).Select(i => (long)i);
            Assert.Equal(golden[ids].Integers, rows);
        }

        static string Strip(string name) => name.Replace("-other", "").Replace("-merged", "").Replace("-stuff", "");
    }

    private static string[] Strings(System.Text.Json.JsonDocument document, string property)
        => [.. document.RootElement.GetProperty(property).EnumerateArray().Select(e => e.GetString()!)];

    private static string Escape(string text)
        => "\"" + string.Concat(text.Select(c => c is >= ' ' and <= '~' ? c.ToString() : $"\\u{(int)c:x4}")) + "\"";
}
