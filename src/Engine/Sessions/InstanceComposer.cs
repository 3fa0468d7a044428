using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>A mask that carries a name.</summary>
/// <param name="Mask">At the image's size.</param>
/// <param name="Score">Probability of the name.</param>
/// <param name="Quality">Mean probability inside the mask.</param>
/// <param name="Stability">Stability score.</param>
internal readonly record struct NameMask(Rle Mask, float Score, float Quality, float Stability);

/// <summary>Divides what carries a name among its instances: the union says where, the instances say how many.</summary>
internal static class InstanceComposer
{
    /// <summary>An instance counts when at least this share of it lies in the union.</summary>
    private const double MinAgreement = 0.5;

    /// <summary>... and at least this share of that is not taken by stronger instances.</summary>
    private const double MinNew = 0.5;

    /// <summary>A connected remainder of at least this share of the union, and of at least a cell, is an instance of its own.</summary>
    private const double MinRemainder = 0.08;

    /// <summary>Pieces below this share of the union are crumbs of the mask's edge and are dropped where nothing is near.</summary>
    private const double Crumb = 0.01;

    /// <summary>
    /// Disjoint masks whose union is, crumbs aside, <paramref name="union"/>. A remainder that no instance claims is no surer than the
    /// weakest instance: the union's score says that the name is there, not that it is in this place.
    /// </summary>
    /// <param name="union">All that carries the name.</param>
    /// <param name="instances">Its instances as the object queries see them, the strongest first; they may overlap.</param>
    /// <param name="cell">Pixels of the image to a cell of the decoder's masks: smaller remainders are below what it can tell apart.</param>
    public static List<NameMask> Compose(NameMask union, IReadOnlyList<NameMask> instances, double cell)
    {
        var result = new List<NameMask>();
        if (union.Mask.IsEmpty) return result;
        var covered = Rle.Empty(union.Mask.Height, union.Mask.Width);
        foreach (var instance in instances)
        {
            var inside = instance.Mask.Intersect(union.Mask);
            if (inside.Area < MinAgreement * instance.Mask.Area) continue;
            var own = inside.Subtract(covered);
            if (own.IsEmpty || own.Area < MinNew * inside.Area) continue;
            covered = covered.Union(own);
            result.Add(instance with { Mask = own });
        }
        var remainder = result.Count == 0 ? union : union with { Score = Math.Min(union.Score, result.Min(m => m.Score)) };
        foreach (var piece in MaskRegions.Components(union.Mask.Subtract(covered)).OrderByDescending(p => p.Area))
        {
            if (piece.Area >= Math.Max(MinRemainder * union.Mask.Area, cell))
                result.Add(remainder with { Mask = piece });
            else if (result.Count > 0 && (piece.Area >= Crumb * union.Mask.Area || Touches(piece, result)))
                Attach(piece, result);
        }
        return result.Count > 0 ? result : [union];
    }

    private static bool Touches(Rle piece, List<NameMask> masks) => masks.Any(m => Grown(piece.Bounds).Overlaps(m.Mask.Bounds));

    /// <summary>Gives a small piece to the instance whose extent is nearest.</summary>
    private static void Attach(Rle piece, List<NameMask> masks)
    {
        int nearest = Enumerable.Range(0, masks.Count).MinBy(i => Gap(masks[i].Mask.Bounds, piece.Bounds));
        masks[nearest] = masks[nearest] with { Mask = masks[nearest].Mask.Union(piece) };
    }

    private static int Gap(BoxI a, BoxI b) =>
        Math.Max(0, Math.Max(a.Left, b.Left) - Math.Min(a.Right, b.Right)) + Math.Max(0, Math.Max(a.Top, b.Top) - Math.Min(a.Bottom, b.Bottom));

    private static BoxI Grown(BoxI box) => new(box.Left - 1, box.Top - 1, box.Right + 1, box.Bottom + 1);
}
