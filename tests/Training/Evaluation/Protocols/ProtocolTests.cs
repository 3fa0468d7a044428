using SemanticSam.Engine;
using SemanticSam.Formats;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Data;
using SemanticSam.Training.Evaluation;
using SemanticSam.Training.Evaluation.Calibration;
using SemanticSam.Training.Evaluation.Cases;
using SemanticSam.Training.Evaluation.Protocols;

namespace SemanticSam.Tests.Training.Evaluation.Protocols;

/// <summary>Protocols on what the embedded model itself answers, so that the right figures are known: it agrees with itself.</summary>
public sealed class ProtocolTests
{
    private const string Name = "person";

    [Fact]
    public void Protocols_AnnotationsThatAreTheModelsOwnAnswers_ArePerfect()
    {
        using var model = SegmentationModel.Default();
        var photo = Photo();
        using var session = model.Open(photo.Path!);
        var instances = session.Segment(Prompt.Named(Name)).Where(r => r.Part is null).ToArray();
        Assert.NotEmpty(instances);
        var image = With(photo, session, [.. instances.Select((r, i) => Whole(r.Mask, i))], []);
        Assert.Equal(1, Run(new TextProtocol(new WorstCases(0)), image, "text_wholes"));
        Assert.Equal(1, Run(new InstancesProtocol(new WorstCases(0), new(), new TrueNames([])), image, "mask_ap")!.Value, 9);
        Assert.InRange(Run(new PanopticProtocol(), image, "rq")!.Value, 0.5, 1);
    }

    [Fact]
    public void Protocols_NameThatIsNotThere_CountsAgainst()
    {
        using var model = SegmentationModel.Default();
        var photo = Photo();
        using var session = model.Open(photo.Path!);
        var instances = session.Segment(Prompt.Named(Name)).Where(r => r.Part is null).ToArray();
        var nothing = With(photo, session, [], [new(Name, false)]);
        Assert.Equal(1, Run(new TextProtocol(new WorstCases(0)), nothing, "absent_answered"));
        var mirrored = With(photo, session, [Whole(Far(instances), 0)], []);
        Assert.Equal(0, Run(new InstancesProtocol(new WorstCases(0), new(), new TrueNames([])), mirrored, "mask_ap"));
        Assert.Equal(0, Run(new PanopticProtocol(), mirrored, "pq"));
    }

    /// <summary>Photos show much stuff that nobody annotated: of absent names those count alone that were looked for.</summary>
    [Fact]
    public void Instances_Stuff_IsLoggedByItselfWhereItWasLookedFor()
    {
        using var model = SegmentationModel.Default();
        // None of the photos among the fixtures shows much around its thing; this one is sky, trees and grass.
        string path = Path.Combine(Fixtures.RepoRoot, "docs", "gallery", "bench-with-view.jpg");
        using var session = model.Open(path);
        var photo = new AnnotatedImage { FileName = "bench-with-view.jpg", Path = path, Width = session.Width, Height = session.Height };
        const string there = "sky";
        var mask = session.Segment(Prompt.Named(there)).Single();
        var truth = Whole(mask.Mask, 0) with { Whole = new(there), Role = AnnotationRole.Stuff };

        var (right, others) = Logged(With(photo, session, [truth], []));
        Assert.Equal((mask.Whole!.Value.Score, 1), (right.Single().Score, right.Single().Outcome));
        Assert.Empty(others);
        Assert.Empty(Logged(With(photo, session, [], [new(there, false)])).Stuff);
        var wrong = Logged(With(photo with { AbsentCategories = [new(1, there)] }, session, [], [new(there, false)]));
        Assert.Equal(0, wrong.Stuff.Single().Outcome);
        Assert.Empty(wrong.Instances);

        (IReadOnlyList<ScoredOutcome> Stuff, IReadOnlyList<ScoredOutcome> Instances) Logged(EvaluatedImage image)
        {
            var scores = new ScoreLog();
            new InstancesProtocol(new WorstCases(0), scores, new TrueNames(model.Vocabulary)).Add(image);
            return (scores.Stuff, scores.Instances);
        }
    }

    [Fact]
    public void Refinement_AnyModel_CountsClicksAndStopsAtTheMost()
    {
        using var model = SegmentationModel.Default();
        var photo = Photo();
        using var session = model.Open(photo.Path!);
        Rle easy = session.Segment(Prompt.At(photo.Width / 2f, photo.Height / 2f), new() { Masks = MaskChoice.Single, Vocabulary = [] })[0].Mask;
        var (x, y) = DistanceTransform.FindClick(easy);
        easy = session.Segment(Prompt.At(x + 0.5f, y + 0.5f), new() { Masks = MaskChoice.Single, Vocabulary = [] })[0].Mask;
        bool first = DistanceTransform.FindClick(easy) == (x, y);
        double? clicks = Run(new RefinementProtocol(1, 3, new WorstCases(0)), With(photo, session, [Whole(easy, 0)], []), "noc90");
        if (first) Assert.Equal(1, clicks); // the click that made the mask gives it again
        // A chessboard is not to be had by any number of clicks.
        var board = new byte[photo.Width * photo.Height];
        for (int i = 0; i < board.Length; i++) board[i] = (byte)((i % photo.Width / 4 + i / photo.Width / 4) % 2);
        var report = Report(new RefinementProtocol(1, 3, new WorstCases(0)),
            With(photo, session, [Whole(Rle.FromBytes(board, photo.Height, photo.Width), 0)], []));
        Assert.Equal(3, report.Figures.Single(f => f.Id == "noc85").Value);
        Assert.Equal(1, report.Figures.Single(f => f.Id == "nof85").Value);
        Assert.Equal(3, report.Tables.Single().Rows.Count);
    }

    [Fact]
    public void Offer_ManyCases_KeepsTheWorstOneAnImage()
    {
        using var model = SegmentationModel.Default();
        var photo = Photo();
        using var session = model.Open(photo.Path!);
        var cases = new WorstCases(2);
        Rle small = Rle.FromBox(8, 8, new(0, 0, 2, 2)), large = Rle.FromBox(8, 8, new(0, 0, 6, 6));
        foreach (var (path, value, mask) in new[] { ("a", 0.5, small), ("b", 0.2, small), ("a", 0.1, small), ("c", 0.1, large), ("d", 0.9, small) })
            cases.Offer("m", value, With(photo with { Path = path }, session, [], []), path, [mask], []);
        Assert.Equal([("c", 0.1), ("a", 0.1)], cases.All.Single().Cases.Select(c => (c.Caption, c.Value)));
    }

    private static AnnotatedImage Photo() => WholePartDataset.LoadSplit(Path.Combine(Fixtures.Own, "wholepart"), "val").Images.First(i =>
        i.Annotations.Any(a => a.Category == Name));

    private static EvaluatedImage With(AnnotatedImage photo, ImageSession session, IReadOnlyList<Annotation> annotations, IReadOnlyList<NameQuery> absent) =>
        new(0, photo with { Annotations = annotations }, session, absent);

    private static Annotation Whole(Rle mask, long id) => new() { Mask = mask, Id = id, Whole = new(Name), Role = AnnotationRole.Whole };

    /// <summary>A place that no instance touches.</summary>
    private static Rle Far(IReadOnlyList<MaskResult> instances)
    {
        Rle all = Rle.Merge(instances.Select(r => r.Mask));
        return Enumerable.Range(0, all.Height - 4).SelectMany(y => Enumerable.Range(0, all.Width - 4)
            .Select(x => Rle.FromBox(all.Height, all.Width, new(x, y, x + 4, y + 4)))).First(b => b.IntersectionArea(all) == 0);
    }

    private static double? Run(IProtocol protocol, EvaluatedImage image, string id) => Report(protocol, image).Figures.Single(f => f.Id == id).Value;

    private static ProtocolReport Report(IProtocol protocol, EvaluatedImage image)
    {
        protocol.Add(image);
        return protocol.Report();
    }
}
