using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Nano;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.Nano;

/// <summary>
/// Takes from a part that is asked for the pieces of its map where another part fits better that shares no pixel with it and is in the image: the vocabulary
/// says that a mouth is no part of a shoe. Training rarely shows both with both labeled, so the network alone takes the toe of a shoe for a mouth. What a
/// question looked for is kept for the next ones of the same image.
/// </summary>
internal sealed class PartRivals(NanoInference answers, NanoNames names)
{
    /// <summary>A rival is one of which the whole image says that it is there.</summary>
    private const float LeastPresence = 0.5f;

    /// <summary>Logit of a cell that looks like the rival, and by how much it must be above that of the part that is asked for.</summary>
    private const float Alike = 0, Clearly = 1;

    /// <summary>
    /// A piece of a map goes when one rival has this share of it. Single cells stay: along the border of eye and eyebrow both fit, and taking each cell where
    /// the other fits better cost 0.006 to 0.019 of the text mIoU of parts that are not weak, pieces cost 0.001 (170 val photos).
    /// </summary>
    private const double Share = 0.6;

    private readonly Dictionary<string, float[]?> _looked = []; // of each part that was looked for: its logits at the cells, null where it is not there

    /// <summary>What it holds.</summary>
    public long Bytes => _looked.Values.Sum(map => (map?.LongLength ?? 0) * sizeof(float));

    /// <summary>Sets the pieces that rivals have to <paramref name="nowhere"/>.</summary>
    /// <param name="wanted">The names that are asked for.</param>
    /// <param name="maps">Of each its logits at the cells; changed in place.</param>
    /// <param name="threshold">The least logit of a cell that may be of the name.</param>
    /// <param name="nowhere">The logit of a cell where a name is not.</param>
    public void Take(IReadOnlyList<ReadName> wanted, IReadOnlyList<float[]> maps, float threshold, float nowhere)
    {
        var apart = wanted.Select(n => n.TaughtPart is { } part ? names.PartsApartFrom(part) : []).ToArray();
        Look([.. apart.SelectMany(a => a).Where(r => !_looked.ContainsKey(r)).Distinct()]);
        for (int n = 0; n < wanted.Count; n++)
        {
            float[][] rivals = [.. apart[n].Select(r => _looked[r]).OfType<float[]>()];
            if (rivals.Length > 0) Take(maps[n], rivals, (int)answers.Height, (int)answers.Width, threshold, nowhere);
        }
    }

    private void Look(string[] rivals)
    {
        if (rivals.Length == 0) return;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor embedded = answers.Names(names.Embed(rivals));
        float[] presence = TensorValues.Floats(answers.Presence(embedded).sigmoid());
        int[] there = [.. Enumerable.Range(0, rivals.Length).Where(r => presence[r] >= LeastPresence)];
        foreach (string rival in rivals) _looked[rival] = null;
        if (there.Length == 0) return;
        float[] logits = TensorValues.Floats(answers.Maps(embedded.index_select(0, tensor(Array.ConvertAll(there, r => (long)r), device: embedded.device))));
        int plane = logits.Length / there.Length;
        for (int r = 0; r < there.Length; r++) _looked[rivals[there[r]]] = logits[(r * plane)..((r + 1) * plane)];
    }

    /// <summary>Sets those pieces of a map to <paramref name="nowhere"/> of which one of the rivals has its share.</summary>
    internal static void Take(float[] map, IReadOnlyList<float[]> rivals, int height, int width, float threshold, float nowhere)
    {
        var pieces = new CellPieces(Array.ConvertAll(map, v => v > threshold), height, width);
        for (int p = 0; p < pieces.Count; p++)
        {
            var cells = pieces.Cells(p);
            foreach (var rival in rivals)
            {
                int taken = 0;
                foreach (int c in cells)
                    if (rival[c] > Math.Max(Alike, map[c] + Clearly)) taken++;
                if (taken < Share * cells.Length) continue;
                foreach (int c in cells) map[c] = nowhere;
                break;
            }
        }
    }
}
