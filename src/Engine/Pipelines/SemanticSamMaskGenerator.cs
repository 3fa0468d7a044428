using System.Runtime.InteropServices;
using SemanticSam.Decoders;
using SemanticSam.Inference;
using SemanticSam.Masks;
using SemanticSam.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Pipelines;

/// <summary>
/// Segments everything: a grid of clicks, each answered at the levels asked for, of which the good, stable and distinct masks stay
/// (<c>semantic_sam/tasks/automatic_mask_generator.py</c> of the public repository).
/// </summary>
public sealed class SemanticSamMaskGenerator
{
    // Masks at full size at a time; the rest wait as embeddings of a few hundred numbers.
    private const int MasksAtOnce = 32;

    private readonly SemanticSamModel _model;
    private readonly MaskGeneratorOptions _options;
    private readonly Granularity[] _levels;
    private readonly long[] _tokens;

    /// <summary>A generator over a model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; the message names it.</exception>
    public SemanticSamMaskGenerator(SemanticSamModel model, MaskGeneratorOptions? options = null)
    {
        _model = model;
        _options = options ?? new();
        _options.Validate();
        var map = GranularityMap.SemanticSam;
        _levels = [.. _options.Levels ?? map.Levels];
        _tokens = [.. _levels.Select(level => (long)map.TokenOf(level))];
    }

    /// <summary>All masks of a picture, unchanged ones by descending predicted quality, then those whose small regions were corrected.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="output">Size of the masks; null for the resized picture's, as the reference has it.</param>
    /// <param name="cancel">Looked at between batches.</param>
    public IReadOnlyList<MaskResult> Generate(EncodedPicture picture, PixelSize? output = null, CancellationToken cancel = default)
    {
        var points = _options.Points ?? PointGrid.Build(_options.PointsPerSide);
        var candidates = new List<MaskResult>();
        for (int start = 0; start < points.Count; start += _options.PointsPerBatch)
        {
            cancel.ThrowIfCancellationRequested();
            var batch = points.Skip(start).Take(_options.PointsPerBatch).ToArray();
            AddCandidates(candidates, picture, batch, output ?? picture.Unpadded);
        }
        var distinct = Suppress(candidates, [.. candidates.Select(c => c.PredictedIou)], _options.BoxNmsThreshold);
        return _options.MinRegionArea > 0 ? CorrectSmallRegions(distinct) : distinct;
    }

    private void AddCandidates(List<MaskResult> candidates, EncodedPicture picture, (double X, double Y)[] points, PixelSize size)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var device = picture.Memory.Tokens.device;
        const float side = InteractiveInference.ClickSize;
        var boxes = tensor(points.SelectMany(p => new[] { (float)p.X, (float)p.Y, side, side }).ToArray(), [points.Length, 4], device: device);
        var predictions = _model.Decoder.forward(picture.Memory, new DecoderRequest
        {
            Prompts = new PromptQueries(InteractiveInference.ToPadded(boxes, picture).unsqueeze(0), zeros([1, points.Length], ScalarType.Int64, device))
            {
                Isolation = _options.Isolation,
            },
            Masks = MaskOutput.Embeddings,
        }).Prompts[^1];

        // The quality needs only the tokens: what is dropped for it never becomes a mask.
        var wanted = tensor(_tokens, device: device);
        float[] ious = predictions.Ious!.squeeze(0).index_select(1, wanted).flatten().cpu().data<float>().ToArray(); // prompt-major
        var codes = predictions.Codes!.Each(t => t.view(points.Length, _model.Config.Decoder.MaskTokens, -1).index_select(1, wanted).flatten(0, 1));
        long[] rows = [.. Enumerable.Range(0, ious.Length).Where(row => ious[row] > _options.PredictedIouThreshold).Select(row => (long)row)];
        foreach (long[] piece in rows.Chunk(MasksAtOnce))
            AddMasks(candidates, picture, codes.Rows(tensor(piece, device: device)), piece, ious, points, size);
    }

    private void AddMasks(List<MaskResult> candidates, EncodedPicture picture, MaskCodes codes, long[] rows, float[] ious, (double X, double Y)[] points, PixelSize size)
    {
        using var scope = NewDisposeScope();
        var low = codes.Planes(picture.Memory.MaskFeatures);
        var masks = size == picture.Unpadded
            ? MaskResampling.ToUnpadded(low, picture.Padded, picture.Unpadded)
            : MaskResampling.ToOutput(low, picture.Geometry(size));
        masks = masks.cpu().contiguous(); // [rows, H, W]
        var all = MemoryMarshal.Cast<byte, float>(masks.bytes);
        int pixels = size.Height * size.Width;
        for (int i = 0; i < rows.Length; i++)
        {
            var logits = all.Slice(i * pixels, pixels);
            float stability = Stability.Score(logits, 0, _options.StabilityOffset);
            if (!(stability >= _options.StabilityThreshold)) continue; // NaN goes, too
            var point = points[rows[i] / _levels.Length];
            candidates.Add(new MaskResult
            {
                Mask = Rle.FromLogits(logits, size.Height, size.Width),
                PredictedIou = ious[rows[i]],
                StabilityScore = stability,
                Level = _levels[rows[i] % _levels.Length],
                Point = ((float)(point.X * size.Width), (float)(point.Y * size.Height)),
            });
        }
    }

    private IReadOnlyList<MaskResult> CorrectSmallRegions(IReadOnlyList<MaskResult> masks)
    {
        var corrected = new List<MaskResult>(masks.Count);
        var scores = new List<float>(masks.Count);
        foreach (var mask in masks)
        {
            var (clean, changed) = MaskRegions.Clean(mask.Mask, _options.MinRegionArea);
            corrected.Add(changed ? mask with { Mask = clean } : mask);
            scores.Add(changed ? 0 : 1); // a mask that needed no correction is preferred
        }
        return Suppress(corrected, [.. scores], Math.Max(_options.BoxNmsThreshold, _options.CropNmsThreshold));
    }

    private static IReadOnlyList<MaskResult> Suppress(IReadOnlyList<MaskResult> masks, float[] scores, double threshold)
    {
        BoxF[] boxes = [.. masks.Select(m => m.Box)];
        return [.. Nms.Keep(boxes, scores, threshold).Select(i => masks[i])];
    }
}
