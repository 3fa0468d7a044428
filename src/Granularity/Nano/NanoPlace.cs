using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// A prompt at a place of one image, in cells of the finest level (4 pixels of the network's input): clicks of both kinds, a box, a mask
/// or the answer so far, or several of these.
/// </summary>
internal sealed record NanoPlace
{
    private const int Lattice = 4; // points that tell where a box or mask lies, a side; as in training
    private const float GivenLogit = 3;

    /// <summary>Clicks.</summary>
    public IReadOnlyList<(float X, float Y, bool Inside)> Clicks { get; init; } = [];

    /// <summary>A box that is given; null for none.</summary>
    public (float Left, float Top, float Right, float Bottom)? Box { get; init; }

    /// <summary>Logits of the answer so far, or of a given mask (<see cref="LogitsOf"/>), row by row over all cells; null for none.</summary>
    public float[]? Previous { get; init; }

    /// <summary>Whether the place says how large the thing is, so that there is one answer instead of one a level.</summary>
    public bool IsGiven => Box is not null || Previous is not null;

    /// <summary>A given mask as logits.</summary>
    /// <param name="shares">The share of each cell that is inside, 0 to 1.</param>
    public static float[] LogitsOf(ReadOnlySpan<float> shares)
    {
        var logits = new float[shares.Length];
        for (int i = 0; i < logits.Length; i++) logits[i] = (2 * shares[i] - 1) * GivenLogit;
        return logits;
    }

    /// <summary>Prompts for the network; all of them given, or none.</summary>
    /// <param name="places">At least one.</param>
    /// <param name="height">Rows of cells.</param>
    /// <param name="width">Columns of cells.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="ArgumentException">A place has neither a click inside nor a box or mask, or given places are mixed with others.</exception>
    public static PlacePrompts ToPrompts(IReadOnlyList<NanoPlace> places, long height, long width, Device device)
    {
        if (places.Any(p => p.IsGiven != places[0].IsGiven)) throw new ArgumentException("Places with and without a size are asked apart.", nameof(places));
        var boxes = places.Select(p => p.Bounds(height, width)).ToArray();
        var points = places.Select((p, i) => p.Points(boxes[i], height, width)).ToArray();
        int count = places.Count, most = points.Max(p => p.Count);
        var (xy, inside, outside, clicks) = (new float[count * most * 2], new float[count * most], new float[count * most], new float[count * most]);
        for (int q = 0; q < count; q++)
        {
            float all = points[q].Count(p => p.Inside);
            if (all == 0) throw new ArgumentException("A place has nothing that is inside.", nameof(places));
            for (int k = 0; k < points[q].Count; k++)
            {
                int at = q * most + k;
                var point = points[q][k];
                (xy[2 * at], xy[2 * at + 1]) = (point.X, point.Y);
                if (point.Inside) inside[at] = 1 / all;
                else outside[at] = 1 / (points[q].Count - all);
                clicks[at] = !point.Clicked ? 0 : point.Inside ? 1 : -1;
            }
        }
        float[] given =
            [.. boxes.SelectMany(b => b is { } box ? [(box.Left + box.Right) / 2, (box.Top + box.Bottom) / 2, box.Right - box.Left, box.Bottom - box.Top]
            : new float[] { 1, 1, 1, 1 })];
        long cells = height * width;
        bool hasPrevious = places.Any(p => p.Previous is not null);
        return new(tensor(xy, 1, count, most, 2).to(device), tensor(inside, 1, count, most).to(device), tensor(outside, 1, count, most).to(device),
            tensor(clicks, 1, count, most).to(device),
            tensor(given, 1, count, 4).to(device), tensor(boxes.Select(b => b is null ? 0f : 1).ToArray(), 1, count).to(device),
            hasPrevious ? tensor(Earlier(places, (int)cells), 1, count, cells).to(device) : zeros([1, count, 1], device: device).expand(-1, -1, cells))
        {
            Maps = [.. Enum.GetValues<PromptMap>().Where(m => m switch
            {
                PromptMap.Like => true,
                PromptMap.Unlike => outside.AsSpan().ContainsAnyExcept(0),
                PromptMap.Clicks => clicks.AsSpan().ContainsAnyExcept(0),
                PromptMap.Previous => hasPrevious,
                _ => places[0].IsGiven,
            })],
        };
    }

    private static float[] Earlier(IReadOnlyList<NanoPlace> places, int cells)
    {
        var earlier = new float[places.Count * cells];
        for (int q = 0; q < places.Count; q++) places[q].Previous?.CopyTo(earlier, q * cells);
        return earlier;
    }

    /// <summary>The box that is given, or that of the answer so far and of what is clicked inside.</summary>
    private (float Left, float Top, float Right, float Bottom)? Bounds(long height, long width)
    {
        if (Box is not null || Previous is null) return Box;
        float left = width, top = height, right = 0, bottom = 0;
        for (int i = 0; i < Previous.Length; i++)
            if (Previous[i] > 0) Take(i % width, i / width);
        foreach (var (x, y, _) in Clicks.Where(c => c.Inside)) Take(MathF.Floor(x), MathF.Floor(y));
        return right > left ? (left, top, right, bottom) : (0, 0, width, height);

        void Take(float x, float y) => (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x + 1), Math.Max(bottom, y + 1));
    }

    /// <summary>The clicks; before them, where nothing else says what is inside, points of the box or of the mask.</summary>
    private List<(float X, float Y, bool Inside, bool Clicked)> Points((float Left, float Top, float Right, float Bottom)? bounds, long height, long width)
    {
        var points = new List<(float, float, bool, bool)>();
        if (Box is { } box)
            for (int i = 0; i < Lattice * Lattice; i++)
                points.Add((box.Left + (box.Right - box.Left) * (i % Lattice + 0.5f) / Lattice,
                    box.Top + (box.Bottom - box.Top) * (i / Lattice + 0.5f) / Lattice, true, false));
        else if (Previous is not null && !Clicks.Any(c => c.Inside))
        {
            int[] inside = [.. Enumerable.Range(0, Previous.Length).Where(i => Previous[i] > 0)];
            for (int i = 0; i < Lattice * Lattice && inside.Length > 0; i++)
            {
                int at = inside[(int)((i + 0.5) * inside.Length / (Lattice * Lattice))];
                points.Add((at % width + 0.5f, at / width + 0.5f, true, false));
            }
            if (inside.Length == 0 && bounds is { } all) points.Add(((all.Left + all.Right) / 2, (all.Top + all.Bottom) / 2, true, false));
        }
        points.AddRange(Clicks.Select(c => (c.X, c.Y, c.Inside, true)));
        return points;
    }
}
