using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference.OpenSeeD;

/// <summary>Which results a text inference gives.</summary>
[Flags]
internal enum TextResults
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A score for each name and pixel.</summary>
    Semantic = 1,

    /// <summary>Each pixel to at most one segment.</summary>
    Panoptic = 2,

    /// <summary>Scored masks, which may overlap.</summary>
    Instances = 4,

    /// <summary>Scored boxes without masks.</summary>
    Boxes = 8,
}

/// <summary>What a text inference gave; parts not asked for are null.</summary>
/// <param name="Semantic">[names, H, W] scores.</param>
/// <param name="Panoptic">Segments.</param>
/// <param name="Instances">Instances.</param>
internal sealed record TextInferenceResult(Tensor? Semantic, PanopticResult? Panoptic, InstanceResult? Instances) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Semantic?.Dispose();
        Panoptic?.Dispose();
        Instances?.Dispose();
    }
}

/// <summary>One forward gives labeled masks for all names at once (OpenSeeD, arXiv 2303.08131).</summary>
internal static class TextInference
{
    /// <summary>The results of OpenSeeD's task strings.</summary>
    /// <exception cref="ArgumentException">Not a task string; the message lists them.</exception>
    public static TextResults OfTask(string task) => task switch
    {
        "seg" => TextResults.Semantic | TextResults.Panoptic | TextResults.Instances,
        "inst_seg" => TextResults.Instances,
        "sem_pan_seg" => TextResults.Semantic | TextResults.Panoptic,
        "inst_pan_seg" => TextResults.Instances | TextResults.Panoptic,
        "sem_seg" => TextResults.Semantic,
        "pan_seg" => TextResults.Panoptic,
        "det" => TextResults.Boxes,
        _ => throw new ArgumentException($"'{task}' is not a task; seg, inst_seg, sem_pan_seg, inst_pan_seg, sem_seg, pan_seg and det are.", nameof(task)),
    };

    /// <summary>Segments an image by names.</summary>
    /// <param name="model">The model that encoded the image.</param>
    /// <param name="image">The image.</param>
    /// <param name="names">Embeddings of the names; at least whole ones.</param>
    /// <param name="isThing">For each name whether it is a countable thing.</param>
    /// <param name="output">Size of the results.</param>
    /// <param name="results">What to compute.</param>
    /// <param name="options">Thresholds.</param>
    public static TextInferenceResult Run(SemanticSamModel model, SemanticSamFeatures image, NameEmbeddings names, IReadOnlyList<bool> isThing,
        PixelSize output, TextResults results, TextInferenceOptions options)
    {
        using var scope = NewDisposeScope();
        bool masks = (results & ~TextResults.Boxes) != 0;
        var predictions = model.Decoder.forward(image.Memory, new DecoderRequest
        {
            Objects = true,
            Names = names,
            Masks = masks ? MaskOutput.Embeddings : MaskOutput.None,
        }).Objects[^1];
        // In the decoupled models the learned queries are for stuff and never become instances.
        if (model.Config.Decoder.StuffQueries > 0 && options.InstanceQueries is null)
            options = options with { InstanceQueries = model.Config.Decoder.ObjectQueries };
        return FromPredictions(predictions, image, isThing, output, results, options).MoveToOuter();
    }

    private static TextInferenceResult FromPredictions(Predictions predictions, SemanticSamFeatures image, IReadOnlyList<bool> isThing,
        PixelSize output, TextResults results, TextInferenceOptions options)
    {
        var logits = predictions.Logits!.squeeze(0); // [Q, names]
        var geometry = image.Geometry(output);
        Tensor MasksOf(MaskCodes chosen)
        {
            using var scope = NewDisposeScope();
            var low = chosen.Planes(image.Memory.MaskFeatures);
            return MaskResampling.ToOutput(low, geometry).MoveToOuterDisposeScope(); // [rows, H, W]
        }

        var codes = predictions.Codes?.OfImage(0); // [Q, ...]
        Tensor Rows(Tensor rows) => MasksOf(codes!.Rows(rows));

        var semantic = results.HasFlag(TextResults.Semantic)
            ? SemanticInference.Map(logits, (start, count) => MasksOf(codes!.Each(t => t.narrow(0, start, count))), options) : null;
        var panoptic = results.HasFlag(TextResults.Panoptic)
            ? PanopticInference.Segment(logits, Rows, output, isThing, options) : null;
        InstanceResult? instances = null;
        if ((results & (TextResults.Instances | TextResults.Boxes)) != 0)
        {
            var boxes = InstanceInference.ToPixels(predictions.Boxes.squeeze(0), geometry);
            // Things only where panoptic is on as well: the reference decides by that flag.
            instances = InstanceInference.Select(logits, boxes, results.HasFlag(TextResults.Instances) ? Rows : null,
                results.HasFlag(TextResults.Panoptic) ? isThing : null, options);
        }
        return new TextInferenceResult(semantic, panoptic, instances);
    }

    private static TextInferenceResult MoveToOuter(this TextInferenceResult result)
    {
        result.Semantic?.MoveToOuterDisposeScope();
        result.Panoptic?.Map.MoveToOuterDisposeScope();
        if (result.Instances is { } i)
            foreach (var tensor in new[] { i.Scores, i.Names, i.Queries, i.Boxes, i.Masks })
                tensor?.MoveToOuterDisposeScope();
        return result;
    }
}
