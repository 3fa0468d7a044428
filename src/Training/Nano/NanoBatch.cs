using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>
/// Samples side by side, in plain memory, so that worker threads can put them together; these may also <see cref="Upload"/> them, so that
/// the step does not wait for that either.
/// </summary>
internal sealed class NanoBatch
{
    /// <summary>Places for points of a box or mask: a lattice and some clicks.</summary>
    public const int RegionPoints = 20;

    private const int ClickPoints = 3;

    private readonly byte[] _pixels, _valid, _masks, _placeMasks;
    private readonly long[] _rows;
    private readonly float[] _present, _asked;
    private readonly int _size, _names, _planes;
    private Raw? _uploaded;

    public NanoBatch(long index, IReadOnlyList<NanoSample> samples, NanoSampleOptions options)
    {
        int size = options.Size, names = options.Names, cells = Cells(size);
        (Index, Samples, _size, _names) = (index, samples, size, names);
        _planes = Math.Max(1, samples.Max(s => s.Masks.Count));
        _placeMasks = new byte[samples.Count * _planes * cells];
        var masks = samples.Select(s => s.Masks).ToList();
        Clicks = new([.. samples.Select(s => s.Clicks)], masks, options.Clicks, ClickPoints, cells);
        Regions = new([.. samples.Select(s => s.Regions)], masks, options.Regions, RegionPoints, cells);
        Matches = new(samples);
        _pixels = new byte[samples.Count * 3 * size * size];
        _valid = new byte[samples.Count * cells];
        _masks = new byte[samples.Count * names * cells];
        _rows = new long[samples.Count * names];
        _present = new float[_rows.Length];
        _asked = new float[_rows.Length];
        for (int b = 0; b < samples.Count; b++)
        {
            samples[b].Pixels.CopyTo(_pixels, b * 3 * size * size);
            for (int m = 0; m < samples[b].Masks.Count; m++) samples[b].Masks[m].Plane.CopyTo(_placeMasks, (b * _planes + m) * cells);
            samples[b].Valid.CopyTo(_valid, b * cells);
            for (int n = 0; n < samples[b].Names.Count; n++)
            {
                var name = samples[b].Names[n];
                int at = b * names + n;
                (_rows[at], _asked[at]) = (name.Row, name.Weight);
                if (name.Mask is null) continue;
                _present[at] = name.IsOpen ? 0 : 1;
                name.Mask.CopyTo(_masks, at * cells);
            }
        }
    }

    /// <summary>Its number in the training.</summary>
    public long Index { get; }

    public IReadOnlyList<NanoSample> Samples { get; }

    /// <summary>Clicks.</summary>
    public PlaceBatch Clicks { get; }

    /// <summary>Given boxes and masks.</summary>
    public PlaceBatch Regions { get; }

    /// <summary>Which network of which click shall draw which mask.</summary>
    public PlaceMatches Matches { get; }

    /// <summary>[B, T, cells]: the masks that answer prompts at places; the share of a cell that each covers.</summary>
    public Tensor PlaceMasks(Device device) => Shares((_uploaded?.PlaceMasks ?? RawPlaceMasks()).to(device));

    /// <summary>The tensors, on a device; they live in the dispose scope of the caller.</summary>
    public NanoTensors ToTensors(Device device)
    {
        var raw = _uploaded ?? ToRaw();
        Tensor means = tensor(SemanticSam.Granularity.Nano.NanoModel.ChannelMeans).to(device);
        Tensor pixels = raw.Pixels.to(device).to(ScalarType.Float32) - means;
        Tensor valid = Shares(raw.Valid.to(device));
        Tensor masks = raw.Masks.to(device), unknown = masks.eq(AskedName.Unknown);
        return new(pixels.permute(0, 3, 1, 2), // [B, 3, S, S] in channels-last order
            valid.flatten(1), nn.functional.avg_pool2d(valid.unsqueeze(1), 8).squeeze(1),
            raw.Rows.to(device), raw.Asked.to(device), raw.Present.to(device), Shares(masks.masked_fill(unknown, 0)), unknown.logical_not());
    }

    /// <summary>Brings what is large to a device ahead of the step; <see cref="Release"/> lets go of it.</summary>
    public void Upload(Device device)
    {
        using var scope = NewDisposeScope();
        var raw = ToRaw();
        _uploaded = new(On(raw.Pixels), On(raw.Valid), On(raw.Rows), On(raw.Asked), On(raw.Present), On(raw.Masks), On(raw.PlaceMasks));

        Tensor On(Tensor here) => here.to(device).DetachFromDisposeScope();
    }

    /// <summary>Frees what <see cref="Upload"/> brought to the device.</summary>
    public void Release()
    {
        foreach (var tensor in _uploaded?.All ?? []) tensor.Dispose();
        _uploaded = null;
    }

    private Raw ToRaw()
    {
        long batch = Samples.Count, side = _size / 4;
        return new(tensor(_pixels, batch, _size, _size, 3, dtype: ScalarType.Byte), tensor(_valid, batch, side, side, dtype: ScalarType.Byte),
            tensor(_rows, batch, _names), tensor(_asked, batch, _names), tensor(_present, batch, _names),
            tensor(_masks, batch, _names, side * side, dtype: ScalarType.Byte), RawPlaceMasks());
    }

    private Tensor RawPlaceMasks() => tensor(_placeMasks, Samples.Count, _planes, Cells(_size), dtype: ScalarType.Byte);

    private static Tensor Shares(Tensor quarters) => quarters.to(ScalarType.Float32) * 0.25;

    /// <summary>The arrays as tensors, in their own types: a quarter of the bytes that the network sees.</summary>
    private sealed record Raw(Tensor Pixels, Tensor Valid, Tensor Rows, Tensor Asked, Tensor Present, Tensor Masks, Tensor PlaceMasks)
    {
        public IEnumerable<Tensor> All => [Pixels, Valid, Rows, Asked, Present, Masks, PlaceMasks];
    }

    private static int Cells(int size) => size / 4 * (size / 4);
}

/// <summary>A batch as tensors.</summary>
/// <param name="Images">[B, 3, S, S].</param>
/// <param name="Valid">[B, S / 4 * S / 4]: the share of a cell that shows the image.</param>
/// <param name="CoarseValid">[B, S / 32, S / 32].</param>
/// <param name="Rows">[B, N]: rows of the sentence embeddings.</param>
/// <param name="Asked">[B, N]: how much a name counts, 0 for an empty place.</param>
/// <param name="Present">[B, N]: 1 for a name that is there.</param>
/// <param name="Masks">[B, N, S / 4 * S / 4]: the share of a cell that the name covers.</param>
/// <param name="Known">[B, N, S / 4 * S / 4]: whether that is known.</param>
internal sealed record NanoTensors(
    Tensor Images, Tensor Valid, Tensor CoarseValid, Tensor Rows, Tensor Asked, Tensor Present, Tensor Masks, Tensor Known)
{
    /// <summary>Some of the images.</summary>
    /// <param name="images">Their places.</param>
    public NanoTensors Select(Tensor images)
    {
        return new(Of(Images), Of(Valid), Of(CoarseValid), Of(Rows), Of(Asked), Of(Present), Of(Masks), Of(Known));

        Tensor Of(Tensor all) => all.index_select(0, images);
    }
}
