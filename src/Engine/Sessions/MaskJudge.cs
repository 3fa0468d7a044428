using System.Text.Json;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// How much the evidence for a mask, or for its label, is worth, by a network of one hidden layer (rectified) and a logistic output that was fitted on images
/// kept aside. The model's own predicted IoU says little of whether people would outline such a thing at all; its size, its level and the names that fit it
/// say more.
/// </summary>
internal sealed record MaskJudge
{
    private const int MostHidden = 256;

    /// <summary>Weights of each hidden unit, [units][numbers]: <see cref="MaskEvidence.Count"/>, <see cref="MaskEvidence.CountAmong"/>,
    /// or <see cref="LabelEvidence.Count"/>.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Hidden { get; init; }

    /// <summary>Biases of the hidden units.</summary>
    public required IReadOnlyList<double> HiddenBias { get; init; }

    /// <summary>Weights of the output.</summary>
    public required IReadOnlyList<double> Output { get; init; }

    /// <summary>Bias of the output.</summary>
    public required double OutputBias { get; init; }

    /// <summary>What is to be expected, 0 to 1: an IoU, or the probability of being right, as the judge was fitted.</summary>
    public float Of(in MaskEvidence evidence)
    {
        Span<double> numbers = stackalloc double[MaskEvidence.Count];
        evidence.Write(numbers);
        return Of(numbers);
    }

    /// <summary>What is to be expected of a mask among those of the same click, 0 to 1.</summary>
    public float Of(in MaskEvidence evidence, ReadOnlySpan<MaskEvidence> all)
    {
        Span<double> numbers = stackalloc double[MaskEvidence.CountAmong];
        evidence.WriteAmong(all, numbers);
        return Of(numbers);
    }

    /// <summary>What is to be expected of a name as the label of a mask, 0 to 1.</summary>
    public float Of(in LabelEvidence evidence)
    {
        Span<double> numbers = stackalloc double[LabelEvidence.Count];
        evidence.Write(numbers);
        return Of(numbers);
    }

    private float Of(ReadOnlySpan<double> numbers)
    {
        double sum = OutputBias;
        for (int unit = 0; unit < Output.Count; unit++)
        {
            double value = HiddenBias[unit];
            var weights = Hidden[unit];
            for (int i = 0; i < numbers.Length; i++) value += weights[i] * numbers[i];
            if (value > 0) sum += Output[unit] * value;
        }
        return (float)(1 / (1 + Math.Exp(-sum)));
    }

    /// <summary>Refuses weights that do not belong together.</summary>
    /// <param name="name">What the judge is called in the file.</param>
    /// <param name="width">Numbers that it is to weigh.</param>
    /// <exception cref="JsonException">The message says what is wrong.</exception>
    public void Validate(string name, int width)
    {
        if (Output.Count is 0 or > MostHidden || Hidden.Count != Output.Count || HiddenBias.Count != Output.Count)
            throw new JsonException($"{name}: 'hidden', 'hidden_bias' and 'output' have {Hidden.Count}, {HiddenBias.Count} and {Output.Count} entries; "
                + $"they are equally many, 1 to {MostHidden}.");
        for (int unit = 0; unit < Hidden.Count; unit++)
            if (Hidden[unit].Count != width)
                throw new JsonException(
                    $"{name}: unit {unit + 1} of 'hidden' has {Hidden[unit].Count} weights; there are {width} numbers to weigh.");
        if (!Hidden.SelectMany(w => w).Concat(HiddenBias).Concat(Output).Append(OutputBias).All(double.IsFinite))
            throw new JsonException($"{name}: a weight is not a finite number.");
    }
}
