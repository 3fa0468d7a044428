namespace SemanticSam.Masks;

/// <summary>
/// A mask as a decoder gives it: logits at low resolution, in the frame that the network saw (for SAM a square that the image fills
/// from its top left corner). Above 0 is foreground. SAM takes such logits back as a prompt (<c>mask_input</c>). Immutable.
/// </summary>
public sealed class MaskLogits
{
    private readonly float[] _values;

    /// <summary>Takes a copy of logits.</summary>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="values">Row-major [height, width], finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side below 1, or a value that is not finite.</exception>
    /// <exception cref="ArgumentException">Not height x width values.</exception>
    public MaskLogits(int height, int width, ReadOnlySpan<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (values.Length != (long)height * width) throw new ArgumentException($"{values.Length} logits given for {height} x {width}.", nameof(values));
        foreach (float value in values)
            if (!float.IsFinite(value)) throw new ArgumentOutOfRangeException(nameof(values), value, "Logits are finite numbers.");
        Height = height;
        Width = width;
        _values = values.ToArray();
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Row-major [Height, Width].</summary>
    public ReadOnlyMemory<float> Values => _values;
}
