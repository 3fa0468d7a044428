using System.Globalization;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions;

/// <summary>An encoded image as it is saved: tensors and sizes, both by name.</summary>
internal sealed record SavedEncoding(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Text)
{
    /// <summary>A tensor of floats that must be there with a given shape; -1 stands for any size.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public Tensor Tensor(string name, params long[] shape)
    {
        if (!Tensors.TryGetValue(name, out var tensor)) throw new FormatException($"the tensor '{name}' is missing");
        bool fits = tensor.dtype == ScalarType.Float32 && tensor.shape.Length == shape.Length
            && !shape.Where((size, i) => size >= 0 && size != tensor.shape[i]).Any();
        if (fits && !FiniteWeights.IsFinite(tensor)) throw new FormatException($"the tensor '{name}' has values that are not finite numbers");
        if (fits && tensor.numel() > 0 && tensor.count_nonzero().item<long>() == 0)
            throw new FormatException($"the tensor '{name}' is all zero, as no image's is");
        return fits
            ? tensor
            : throw new FormatException(
                $"the tensor '{name}' is {tensor.dtype} [{string.Join(", ", tensor.shape)}], needed is Float32 " +
                $"[{string.Join(", ", shape.Select(s => s < 0 ? "any" : s.ToString(CultureInfo.InvariantCulture)))}]");
    }

    /// <summary>A size that must be there.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public PixelSize Size(string name)
    {
        var sizes = Sizes(name);
        return sizes.Count == 1 ? sizes[0] : throw new FormatException($"the entry '{name}' holds {sizes.Count} sizes, needed is one");
    }

    /// <summary>Sizes that must be there.</summary>
    /// <exception cref="FormatException">They are not.</exception>
    public IReadOnlyList<PixelSize> Sizes(string name)
    {
        if (!Text.TryGetValue(name, out string? text)) throw new FormatException($"the entry '{name}' is missing");
        return [.. text.Split(',').Select(one => one.Split('x') is [var h, var w] && TryRead(h, out int height) && TryRead(w, out int width)
            ? new PixelSize(height, width)
            : throw new FormatException($"the entry '{name}' is '{text}', needed is HEIGHTxWIDTH"))];

        static bool TryRead(string side, out int value) => int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 1;
    }

    /// <summary>How <see cref="Sizes"/> reads one.</summary>
    public static string Write(PixelSize size) => string.Create(CultureInfo.InvariantCulture, $"{size.Height}x{size.Width}");
}
