namespace Microsoft.ML.Tokenizers;

/// <summary>Byte-pair merging of one word: always the pair of lowest rank, the leftmost first.</summary>
internal sealed class BpeMerger
{
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges = [];

    public void Add(int left, int right, int merged) => _merges[(left, right)] = (_merges.Count, merged);

    /// <summary>Merges in place; a symbol is an id and the index of its first character. Returns how many are left.</summary>
    public int Merge(List<(int Id, int Start)> symbols)
    {
        int count = symbols.Count;
        if (count < 2) return count;
        var id = new int[count];
        var next = new int[count]; // index of the symbol to the right, count at the end
        var previous = new int[count];
        var queue = new PriorityQueue<(int Position, int Left, int Right), (int Rank, int Position)>();
        for (int i = 0; i < count; i++) (id[i], next[i], previous[i]) = (symbols[i].Id, i + 1, i - 1);
        for (int i = 0; i + 1 < count; i++) Enqueue(i);

        while (queue.TryDequeue(out var pair, out _))
        {
            int right = id[pair.Position] < 0 ? count : next[pair.Position];
            if (right == count || id[pair.Position] != pair.Left || id[right] != pair.Right) continue; // overtaken by another merge
            id[pair.Position] = _merges[(pair.Left, pair.Right)].Id;
            id[right] = -1;
            next[pair.Position] = next[right];
            if (next[right] < count) previous[next[right]] = pair.Position;
            if (previous[pair.Position] >= 0) Enqueue(previous[pair.Position]);
            Enqueue(pair.Position);
        }

        int left = 0;
        for (int i = 0; i < count; i++)
            if (id[i] >= 0) symbols[left++] = (id[i], symbols[i].Start);
        symbols.RemoveRange(left, count - left);
        return left;

        void Enqueue(int position)
        {
            if (next[position] < count && _merges.TryGetValue((id[position], id[next[position]]), out var merge))
                queue.Enqueue((position, id[position], id[next[position]]), (merge.Rank, position));
        }
    }
}
