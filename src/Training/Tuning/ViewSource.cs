using SemanticSam.Foundation;
using SemanticSam.Granularity.Layers;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Training.Tuning;

/// <summary>Views of annotated images: decoded, with their masks, plain or augmented.</summary>
/// <param name="data">The images.</param>
/// <param name="side">Side of the square that the network sees.</param>
/// <param name="seed">Decides the views.</param>
/// <param name="device">Where they are made.</param>
internal sealed class ViewSource(TuningData data, int side, int seed, Device device)
{
    private readonly Dictionary<int, string> _hashes = [];
    private readonly Dictionary<int, Task<(RgbImage Pixels, bool[] Masks)>> _foreseen = [];

    /// <summary>Whether views are scaled and cropped at random; else they are mirrored at most.</summary>
    public bool Jitters { get; init; } = true;

    /// <summary>Scales of such views.</summary>
    public ScaleRange Scales { get; init; } = ScaleRange.Released;

    /// <summary>Whether views but the plain ones are turned by quarters, too.</summary>
    public bool Turns { get; init; }

    /// <summary>Side that whole images are seen at, where views are smaller pieces of them; null where views are whole images.</summary>
    public int? Whole { get; init; }

    /// <summary>Hash of an image's file.</summary>
    public string HashOf(int image) => _hashes.TryGetValue(image, out string? known) ? known : _hashes[image] = FileHash.Sha256(data.Images[image].Path);

    /// <summary>Decodes images that will be drawn next, while the caller does other things. What was foreseen before and not drawn is forgotten.</summary>
    public void Foresee(IEnumerable<int> images)
    {
        var next = images.Distinct().ToDictionary(i => i, i => _foreseen.GetValueOrDefault(i) ?? Task.Run(() => Read(i)));
        _foreseen.Clear();
        foreach (var (image, task) in next) _foreseen[image] = task;
    }

    /// <summary>A view.</summary>
    /// <param name="image">Which image.</param>
    /// <param name="view">0 is the plain image, others are augmented, each in its own way; of pieces all are.</param>
    /// <param name="pixels">Whether the pixels are needed; without them the image is black.</param>
    /// <returns>In the caller's dispose scope; not padded yet.</returns>
    /// <exception cref="ImageException">The file cannot be decoded.</exception>
    public InstanceView Draw(int image, long view, bool pixels)
    {
        using var scope = NewDisposeScope();
        var source = data.Images[image];
        int height = source.Masks[0].Height, width = source.Masks[0].Width;
        var (decoded, inside) = pixels ? _foreseen.Remove(image, out var task) ? task.GetAwaiter().GetResult() : Read(image) : (null, MasksOf(image));
        var rgb = decoded is not null ? ImageTensor.Bytes(decoded).squeeze(0).to(device).to(ScalarType.Float32)
            : zeros([1, 1, 1], device: device).expand(3, height, width);
        if (rgb.shape[1] != height || rgb.shape[2] != width)
            throw new TuningException($"{source.Name} is {rgb.shape[2]} x {rgb.shape[1]}, but its annotations are of an image of {width} x {height}.");
        var masks = tensor(inside, [source.Masks.Count, height, width]).to(device).to(ScalarType.Byte);
        var plain = new InstanceView(rgb, masks, [.. source.Masks.Select(BoxOf)], source.Labels);
        var random = new Random(HashCode(seed, image, view));
        bool changed = view != 0 || Whole is not null;
        var drawn = Jitters && changed ? LargeScaleJitter.Draw(plain, side, Scales, random, Whole)
            : (view != 0 && random.Next(2) == 0 ? plain.Flip() : plain).Resize(side, antialias: true).WithoutEmpty();
        if (Turns && changed) drawn = drawn.Turn(random.Next(4)); // the view, which is smaller than the image
        drawn.Image.MoveToOuterDisposeScope();
        drawn.Masks.MoveToOuterDisposeScope();
        return drawn;
    }

    private static BoxF BoxOf(Rle mask) => mask.Bounds is { } b ? new(b.Left, b.Top, b.Right, b.Bottom) : default;

    private (RgbImage, bool[]) Read(int image) => (ImageDecoder.Decode(data.Images[image].Path, ImageDecoderOptions.Whole), MasksOf(image));

    /// <summary>The masks of an image's instances, one after another.</summary>
    private bool[] MasksOf(int image)
    {
        var masks = data.Images[image].Masks;
        int area = masks[0].Height * masks[0].Width;
        var all = new bool[masks.Count * area];
        for (int m = 0; m < masks.Count; m++) masks[m].ToBools().CopyTo(all, m * area);
        return all;
    }

    /// <summary>The same in every process, unlike .NET's own.</summary>
    internal static int HashCode(long a, long b, long c)
    {
        ulong mixed = unchecked((ulong)a * 0x9E3779B97F4A7C15 ^ (ulong)b * 0xBF58476D1CE4E5B9 ^ (ulong)c * 0x94D049BB133111EB);
        mixed = unchecked((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9);
        return (int)(mixed >> 33);
    }
}
