using SemanticSam.Formats;
using SemanticSam.Masks;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>
/// Panoptic quality of wholes and stuff (Kirillov et al., arXiv 1801.00868): every pixel belongs to one segment at most, a segment meets
/// an annotation of its name from an IoU above 0.5 on, PQ = sum of those IoUs / (met + half of the rest of both sides), a mean over
/// names. The answers of the names asked (those that are there, and the absent ones) are laid over one another, the surest on top.
/// </summary>
internal sealed class PanopticProtocol : IProtocol
{
    private const double Met = 0.5, LeastLeft = 0.5, MostVoid = 0.5;

    private readonly SortedDictionary<string, Quality> _things = new(StringComparer.Ordinal), _stuff = new(StringComparer.Ordinal);

    public EvaluationProtocol Kind => EvaluationProtocol.Panoptic;

    public void Add(EvaluatedImage image)
    {
        var present = image.Present.Where(p => !p.Name.IsPart && p.Truths.All(t => t.Annotation.Role is AnnotationRole.Whole or AnnotationRole.Stuff))
            .ToArray();
        var stuff = present.Where(p => p.Truths.All(t => t.Annotation.Role == AnnotationRole.Stuff)).Select(p => p.Name.Name).ToHashSet();
        // The smaller of two annotations lies on top: a bag on a person.
        var truths = Layers(present.SelectMany(p => Segments(p.Name.Name, p.Truths.Select(t => (t.Mask, IsVoid: !t.IsExact)))).OrderBy(s => s.Mask.Area), 0);
        var answers = present.Select(p => p.Name).Concat(image.Absent.Where(a => !a.IsPart))
            .SelectMany(n => image.Ask(n).Select(r => (Name: n.Name, r.Mask, Score: EvaluatedImage.ScoreOf(r))))
            .OrderByDescending(a => a.Score).Select(a => new Segment(a.Name, a.Mask, false));
        var found = Merged(Layers(answers, LeastLeft));
        var used = new bool[found.Count];
        foreach (var truth in truths.Where(t => !t.IsVoid))
        {
            int at = found.FindIndex(f => f.Name == truth.Name && f.Mask.IoU(truth.Mask) > Met);
            var quality = Of(truth.Name);
            if (at < 0)
            {
                quality.Missed++;
                continue;
            }
            used[at] = true;
            quality.Met++;
            quality.Sum += found[at].Mask.IoU(truth.Mask);
        }
        for (int i = 0; i < found.Count; i++)
        {
            if (used[i]) continue;
            long inVoid = truths.Where(t => t.IsVoid && t.Name == found[i].Name).Sum(t => (long)t.Mask.IntersectionArea(found[i].Mask));
            if (inVoid <= MostVoid * found[i].Mask.Area) Of(found[i].Name).Wrong++;
        }

        Quality Of(string name)
        {
            var qualities = stuff.Contains(name) ? _stuff : _things;
            return qualities.TryGetValue(name, out var known) ? known : qualities[name] = new();
        }

        IEnumerable<Segment> Segments(string name, IEnumerable<(Rle Mask, bool IsVoid)> masks) => stuff.Contains(name)
            ? [new(name, Rle.Merge(masks.Select(m => m.Mask)), false)]
            : masks.Select(m => new Segment(name, m.Mask, m.IsVoid));

        List<Segment> Merged(List<Segment> segments) =>
            [.. segments.Where(s => !stuff.Contains(s.Name)), .. segments.Where(s => stuff.Contains(s.Name)).GroupBy(s => s.Name)
                .Select(g => new Segment(g.Key, Rle.Merge(g.Select(s => s.Mask)), false))];
    }

    public ProtocolReport Report()
    {
        Quality[] things = [.. _things.Values.Where(q => q.Annotated > 0)], stuff = [.. _stuff.Values.Where(q => q.Annotated > 0)], all = [.. things, .. stuff];
        return new(Kind, "Panoptic quality",
        [
            Mean("pq", "PQ", all, q => q.Pq), Mean("sq", "SQ (IoU of what is met)", all, q => q.Sq), Mean("rq", "RQ (F1 of segments)", all, q => q.Rq),
            Mean("pq_things", "PQ, wholes", things, q => q.Pq), Mean("pq_stuff", "PQ, stuff", stuff, q => q.Pq),
        ],
        [
            new("pq_by_name", "PQ by name", ["name", "PQ", "SQ", "RQ", "segments"],
                [.. _things.Concat(_stuff).Where(p => p.Value.Annotated > 0).OrderByDescending(p => p.Value.Annotated)
                .Select(p => new EvaluationRow(p.Key, [p.Value.Pq, p.Value.Sq, p.Value.Rq, p.Value.Annotated]))]),
        ]);

        static EvaluationFigure Mean(string id, string label, Quality[] of, Func<Quality, double> value) =>
            new(id, label, of.Length == 0 ? null : of.Average(value), null, of.Sum(q => (long)q.Annotated));
    }

    /// <summary>Takes from each segment what those before it cover, and leaves out those of which too little remains.</summary>
    private static List<Segment> Layers(IEnumerable<Segment> topFirst, double leastLeft)
    {
        var layers = new List<Segment>();
        Rle? covered = null;
        foreach (var segment in topFirst)
        {
            Rle left = covered is null ? segment.Mask : segment.Mask.Subtract(covered);
            if (left.IsEmpty || left.Area < leastLeft * segment.Mask.Area) continue;
            layers.Add(segment with { Mask = left });
            covered = covered is null ? left : covered.Union(left);
        }
        return layers;
    }

    private sealed record Segment(string Name, Rle Mask, bool IsVoid);

    private sealed class Quality
    {
        public double Sum { get; set; }
        public int Met { get; set; }
        public int Missed { get; set; }
        public int Wrong { get; set; }
        public int Annotated => Met + Missed;
        public double Sq => Met == 0 ? 0 : Sum / Met;
        public double Rq => Annotated + Wrong == 0 ? 0 : Met / (Met + (Missed + Wrong) / 2.0);
        public double Pq => Sq * Rq;
    }
}
