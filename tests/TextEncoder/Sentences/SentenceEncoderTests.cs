using System.Text.Json;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training.Nano;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.TextEncoder.Sentences;

public sealed class SentenceEncoderTests
{
    private static string[] Phrases => JsonSerializer.Deserialize<string[]>(Fixtures.Bytes("sentences/phrases.json"))!;

    [SkippableFact]
    public void Encode_GoldenPhrases_EqualsTheOriginal()
    {
        string? weights = NanoSourceFiles.Find("all-minilm-l6-v2/model.safetensors");
        Skip.If(weights is null, "SEMSAM_NANO_SOURCES names no folder with the pretrained files.");
        using var scope = NewDisposeScope();
        using var expected = Checkpoint.Open(Fixtures.Path("sentences/expected.safetensors"));
        var (tokenizer, encoder) = NanoFiles.OpenText(Path.GetDirectoryName(weights)!);
        using (encoder)
        {
            int[][] rows = [.. Phrases.Select(p => tokenizer.Encode(p))];
            int[] ids = Ints("input_ids"), kept = Ints("attention_mask");
            int width = ids.Length / rows.Length;
            for (int r = 0; r < rows.Length; r++) Assert.Equal(ids.Skip(r * width).Take(kept.Skip(r * width).Take(width).Sum()), rows[r]);
            Tensor cosine = (encoder.Encode(rows) * Tensor("embeddings")).sum(1);
            Assert.True(cosine.min().item<float>() > 1 - 1e-5, $"{cosine.min().item<float>()}");
        }

        int[] Ints(string name) => [.. Tensor(name).data<int>()];

        Tensor Tensor(string name) => expected.TryGet(name, out var found) ? found.ToTensor() : throw new KeyNotFoundException(name);
    }

    [Fact]
    public void Encode_PaddedTogether_EqualsAlone()
    {
        using var scope = NewDisposeScope();
        using var encoder =
            new SentenceEncoder(new SentenceEncoderConfig { Width = 24, Layers = 2, Heads = 3, FeedForward = 32, VocabularySize = 50, Positions = 16 });
        int[][] rows = [[1, 5, 2], [1, 7, 8, 9, 10, 2], [1, 2]];
        Tensor together = encoder.Encode(rows);
        Assert.True((together.norm(1) - 1).abs().max().item<float>() < 1e-5);
        for (int r = 0; r < rows.Length; r++) Assert.True((encoder.Encode([rows[r]])[0] - together[r]).abs().max().item<float>() < 1e-5);
    }
}
