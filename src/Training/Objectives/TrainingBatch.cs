using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Training.Samples;
using static TorchSharp.torch;

namespace SemanticSam.Training.Objectives;

/// <summary>Samples as tensors.</summary>
internal sealed class TrainingBatch
{
    /// <param name="samples">All of one size, with equally many prompts.</param>
    /// <param name="device">Where the tensors go; they live in the caller's dispose scope.</param>
    public TrainingBatch(IReadOnlyList<TrainingSample> samples, Device device)
    {
        int size = samples[0].Size, prompts = samples[0].Prompts.Count;
        Images = tensor(samples.SelectMany(s => s.Pixels).ToArray(), [samples.Count, 3, size, size], device: device);
        PromptBoxes = tensor(samples.SelectMany(s => s.Prompts).SelectMany(p => new[] { p.Box.X, p.Box.Y, p.Box.Width, p.Box.Height }).ToArray(),
            [samples.Count, prompts, 4], device: device);
        PromptKinds = tensor(samples.SelectMany(s => s.Prompts).Select(p => p.IsBox ? PromptQueries.Box : PromptQueries.Click).ToArray(),
            [samples.Count, prompts], device: device);
        Targets = [.. samples.Select(s => new ImageTargets(s, device))];
        Texts = [.. samples.SelectMany(s => s.Names).Select(n => n.Text).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>[B, 3, S, S], normalized.</summary>
    public Tensor Images { get; }

    /// <summary>[B, prompts, 4].</summary>
    public Tensor PromptBoxes { get; }

    /// <summary>[B, prompts].</summary>
    public Tensor PromptKinds { get; }

    /// <summary>What each image should be answered with.</summary>
    public IReadOnlyList<ImageTargets> Targets { get; }

    /// <summary>All names of the batch, each once.</summary>
    public IReadOnlyList<string> Texts { get; }
}

/// <summary>Targets of one image.</summary>
internal sealed class ImageTargets
{
    public ImageTargets(TrainingSample sample, Device device)
    {
        Sample = sample;
        int masks = sample.MaskCount, points = sample.Points.Length / 2, names = sample.Names.Count, half = sample.Size / 2;
        Boxes = tensor(sample.Boxes, [masks, 4], device: device);
        Points = tensor(sample.Points, [1, points, 2], device: device);
        Masks = tensor(sample.PointTargets, [masks, points], device: device);
        HalfMasks = tensor(sample.HalfMasks, [masks, half * half], device: device);
        var labels = new float[masks * names];
        var unions = new float[names * points];
        for (int n = 0; n < names; n++)
            foreach (int m in sample.Names[n].Masks)
            {
                labels[m * names + n] = 1;
                for (int p = 0; p < points; p++) unions[n * points + p] = Math.Max(unions[n * points + p], sample.PointTargets[m * points + p]);
            }
        Labels = tensor(labels, [masks, names], device: device);
        NameMasks = tensor(unions, [names, points], device: device);
        Present = tensor(sample.Names.Select(n => n.IsPresent ? 1f : 0f).ToArray(), [names], device: device);
        Named = [.. sample.Names.SelectMany(n => n.Masks).Distinct().Order()];
    }

    public TrainingSample Sample { get; }

    /// <summary>[masks, 4].</summary>
    public Tensor Boxes { get; }

    /// <summary>[1, points, 2].</summary>
    public Tensor Points { get; }

    /// <summary>[masks, points].</summary>
    public Tensor Masks { get; }

    /// <summary>[masks, cells] at twice the resolution of mask logits.</summary>
    public Tensor HalfMasks { get; }

    /// <summary>[masks, names]: 1 where the mask carries the name.</summary>
    public Tensor Labels { get; }

    /// <summary>[names, points]: everything that carries the name.</summary>
    public Tensor NameMasks { get; }

    /// <summary>[names]: 1 for names that something carries.</summary>
    public Tensor Present { get; }

    /// <summary>Masks that carry a name asked for: what object queries should find.</summary>
    public int[] Named { get; }
}
