namespace SemanticSam.Masks;

public sealed partial class Rle
{
    /// <summary>Rows for columns: its run lengths are those of this mask along the rows.</summary>
    internal Rle Transposed()
    {
        if (IsEmpty) return Empty(Width, Height);
        var ends = ColumnEnds.Of(this);
        int[] next = new int[Height + 1]; // where the changes of each row go
        ends.ForEachUpright((_, from, to) =>
        {
            for (int y = from; y < to; y++) next[y + 1]++;
        });
        for (int y = 0; y < Height; y++) next[y + 1] += next[y];
        int[] changes = new int[next[Height]];
        ends.ForEachUpright((x, from, to) =>
        {
            for (int y = from; y < to; y++) changes[next[y]++] = y * Width + x; // lines come from left to right
        });
        return FromChanges(Width, Height, changes);
    }
}
