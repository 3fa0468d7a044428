using System.Xml.Linq;

namespace SemanticSam.Formats.Cvat;

/// <summary>The videos of a file of CVAT for video: one, or those of a project's tasks, whose tracks say of which task they are.</summary>
internal sealed class CvatVideos
{
    private readonly List<XElement> _tracks = [];
    private IReadOnlyList<CvatTracks>? _all;

    /// <summary>What the file's head says.</summary>
    public IReadOnlyList<CvatTask> Tasks { get; set; } = [];

    public bool IsEmpty => All.Count == 0;

    /// <summary>Whether frames of one number are of several videos.</summary>
    public bool AreSeveral => Tasks.Count > 1 || All.Count > 1;

    /// <summary>Those that have tracks, in the order of the head.</summary>
    public IReadOnlyList<CvatTracks> All => _all ??= Read();

    public void Add(XElement track)
    {
        if (!track.Elements().Any(e => e.Attribute("frame") is not null)) return;
        _tracks.Add(track);
        _all = null;
    }

    private List<CvatTracks> Read()
    {
        var named = new Dictionary<string, CvatTask>();
        foreach (var task in Tasks)
            if (task.Id is { } id) named.TryAdd(id, task);
        // Videos of one size: so are those of which nothing is said.
        var sizes = Tasks.Select(t => (t.Width, t.Height)).Distinct().Take(2).ToList();
        var unknown = sizes is [var (width, height)] ? CvatTask.Unknown with { Width = width, Height = height } : CvatTask.Unknown;
        var byTask = _tracks.ToLookup(TaskOf);
        var tasks = Tasks.Concat(byTask.Select(t => t.Key)).Distinct().Where(byTask.Contains).ToList();
        bool several = Tasks.Count > 1 || tasks.Count > 1;
        var all = new List<CvatTracks>();
        foreach (var task in tasks)
        {
            var tracks = new CvatTracks(task, several && task.Id is { } id ? $"task_{OutputNames.Slug(id)}/" : "") { Sharers = tasks.Count };
            foreach (var track in byTask[task]) tracks.Add(track);
            if (!tracks.IsEmpty) all.Add(tracks);
        }
        return all;

        // The task that a track names; the only one where either of them has no number.
        CvatTask TaskOf(XElement track)
        {
            string? id = track.Attribute("task_id")?.Value.Trim();
            if (id is not null && named.TryGetValue(id, out var task)) return task;
            return Tasks.Count == 1 && (id is null || Tasks[0].Id is null) ? Tasks[0] : unknown with { Id = id };
        }
    }
}
