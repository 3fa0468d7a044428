using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Nano;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.Nano;

/// <summary>
/// Takes from a part that is asked for the pieces of its map where another part fits better that shares no pixel with it and is in the image: the vocabulary
/// says that a mouth is no part of a shoe. Training rarely shows both with both labeled, so the network alone takes the toe of a shoe for a mouth.
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

    /// <summary>Sets the pieces that rivals have to <paramref name="nowhere"/>.</summary>
    /// <param name="wanted">The names that are asked for.</param>
    /// <param name="maps">Of each its logits at the cells; changed in place.</param>
    /// <param name="threshold">The least logit of a cell that may be of the name.</param>
    /// <param name="nowhere">The logit of a cell where a name is not.</param>
    public void Take(IReadOnlyList<ReadName> wanted, IReadOnlyList<float[]> maps, float threshold, float nowhere)
    {
        var apart = wanted.Select(n => n.TaughtPart is { } part ? names.PartsApartFrom(part) : []).ToArray();
        string[] rivals = [.. apart.SelectMany(a => a).Distinct()];
        if (rivals.Length == 0) return;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor embedded = answers.Names(names.Embed(rivals));
        float[] presence = TensorValues.Floats(answers.Presence(embedded).sigmoid());
        int[] there = [.. Enumerable.Range(0, rivals.Length).Where(r => presence[r] >= LeastPresence)];
        if (there.Length == 0) return;
        float[] logits = TensorValues.Floats(answers.Maps(embedded.index_select(0, tensor(Array.ConvertAll(there, r => (long)r), device: embedded.device))));
        int plane = logits.Length / there.Length;
        for (int n = 0; n < wanted.Count; n++)
        {
            int[] against = [.. Enumerable.Range(0, there.Length).Where(r => apart[n].Contains(rivals[there[r]]))];
            if (against.Length == 0) continue;
            Take(maps[n], Array.ConvertAll(against, r => logits.AsMemory(r * plane, plane)), (int)answers.Height, (int)answers.Width, threshold, nowhere);
        }
    }

    /// <summary>Sets those pieces of a map to <paramref name="nowhere"/> of which one of the rivals has its share.</summary>
    internal static void Take(float[] map, IReadOnlyList<Memory<float>> rivals, int height, int width, float threshold, float nowhere)
    {
        var pieces = new CellPieces(Array.ConvertAll(map, v => v > threshold), height, width);
        for (int p = 0; p < pieces.Count; p++)
        {
            var cells = pieces.Cells(p);
            foreach (var rival in rivals)
            {
                int taken = 0;
                foreach (int c in cells)
                    if (rival.Span[c] > Math.Max(Alike, map[c] + Clearly)) taken++;
                if (taken < Share * cells.Length) continue;
                foreach (int c in cells) map[c] = nowhere;
                break;
            }
        }
    }
}
