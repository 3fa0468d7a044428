namespace SemanticSam.Server.Adapters;

/// <summary>
/// Names that clients give to images, of each key its own. So many are remembered, the last ones; the images themselves are in the cache of sessions as others.
/// </summary>
internal sealed class ImageNames
{
    /// <summary>Characters of a name at most.</summary>
    public const int Longest = 256;

    private const int Most = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string? Key, string Name), string> _ids = [];
    private readonly Queue<(string? Key, string Name)> _order = [];

    /// <summary>Gives an image a name; another image's before that.</summary>
    public void Remember(string? key, string name, string id)
    {
        lock (_lock)
        {
            if (!_ids.ContainsKey((key, name)))
            {
                _order.Enqueue((key, name));
                if (_order.Count > Most) _ids.Remove(_order.Dequeue());
            }
            _ids[(key, name)] = id;
        }
    }

    /// <summary>The id of an image; null where nothing has that name.</summary>
    public string? Find(string? key, string name)
    {
        lock (_lock) return _ids.GetValueOrDefault((key, name));
    }
}
