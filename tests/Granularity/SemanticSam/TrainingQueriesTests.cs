using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.SemanticSam;

/// <summary>What enters the decoder in training: a batch of two images, selected queries and denoising ones (golden/openseed: train_step).</summary>
public sealed class TrainingQueriesTests(ITestOutputHelper output)
{
    [SkippableTheory]
    [InlineData("plain")]
    [InlineData("decoupled")]
    public void Forward_PanopticBatch_GivesReferenceQueries(string kind)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = GoldenTensors.Load("openseed/train_step");
        var step = golden.Sidecar.GetProperty(kind);
        var coco = step.GetProperty("coco");
        var config = ReferenceConfig.OpenSeeDTiny(kind);
        using var model = ModuleFill.Fill(
            new SemanticSamModel(config with { Decoder = config.Decoder with { StuffQueries = step.GetProperty("stuff_queries").GetInt32() } }));

        var encoder = model.LanguageEncoder!;
        var embeddings = encoder.Normalize(encoder.call(tensor(golden.Integers($"{kind}.coco.token_ids"), golden.Shape($"{kind}.coco.token_ids"))));
        output.WriteLine($"text {golden.Check($"{kind}.coco.text_embeddings", embeddings):g3}");

        long[][] labels = [.. coco.GetProperty("labels").EnumerateArray().Select(l => l.EnumerateArray().Select(v => v.GetInt64()).ToArray())];
        long groups = MaskDinoDecoder.DenoisingGroups(labels.Max(l => l.Length), step.GetProperty("dn_num").GetInt64());
        Assert.Equal(coco.GetProperty("dn_groups").GetInt64(), groups);
        var noise = step.GetProperty("random")[0];
        long[] shape = [.. noise.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64())];
        string name = noise.GetProperty("name").GetString()!;
        var uniform = (tensor(DetWeights.Values(name, shape), shape) + 1) / 2;
        var denoising = model.Decoder.Denoise([.. labels.Select(l => tensor(l))], [.. labels.Select((_, i) => BoxesOfTargets(i))], embeddings, groups, uniform);
        output.WriteLine($"denoising content {golden.Check($"{kind}.coco.dn_content", denoising.Content):g3}");
        output.WriteLine($"denoising boxes {golden.Check($"{kind}.coco.dn_box_unsigmoid", denoising.Anchors):g3}");

        var images = stack(labels.Select((_, i) => Formula.Of(golden.Sidecar.GetProperty("images").GetString()!.Replace("<i>", $"{i}"))));
        var features = model.PixelDecoder.call(model.Backbone.call(model.Normalize(images)));
        var result = model.Decoder.forward(model.Decoder.Remember(features.MaskFeatures, features.MultiScale, keepProjections: false), new DecoderRequest
        {
            Objects = true,
            Conditioned = denoising,
            Names = new NameEmbeddings(embeddings, null, encoder.LogitScale),
            SelectedQueries = step.GetProperty("queries").GetInt32(),
            Depth = DecoderDepth.AllLayers,
            Masks = MaskOutput.All,
        });
        var selection = result.Selection!;
        Assert.Equal(golden.Integers($"{kind}.coco.topk_indices").Order(), selection.Indices!.data<long>().ToArray().Order());
        Assert.Equal(denoising.Content.shape[1], result.Conditioned[^1].Boxes.shape[1]);
        Assert.Equal(model.Config.Decoder.Layers + 1, result.Objects.Count);
        Assert.All(result.Objects, predictions => Assert.NotNull(predictions.Masks));
    }

    /// <summary>[targets, 4] (cx, cy, w, h) around the masks of image <paramref name="index"/>, the right and bottom border exclusive.</summary>
    private static Tensor BoxesOfTargets(int index)
    {
        var training = GoldenTensors.Load("openseed/training");
        string name = $"gt_masks_{index}";
        long[] shape = training.Shape(name);
        long[] pixels = training.Integers(name);
        var boxes = new float[shape[0] * 4];
        for (int t = 0; t < shape[0]; t++)
        {
            (long left, long top, long right, long bottom) = (shape[2], shape[1], 0, 0);
            for (long y = 0; y < shape[1]; y++)
                for (long x = 0; x < shape[2]; x++)
                    if (pixels[(t * shape[1] + y) * shape[2] + x] != 0)
                        (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x + 1), Math.Max(bottom, y + 1));
            boxes[4 * t] = (left + right) / 2f / shape[2];
            boxes[4 * t + 1] = (top + bottom) / 2f / shape[1];
            boxes[4 * t + 2] = (right - left) / (float)shape[2];
            boxes[4 * t + 3] = (bottom - top) / (float)shape[1];
        }
        return tensor(boxes, [shape[0], 4]);
    }
}
