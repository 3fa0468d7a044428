using System.Diagnostics;
using SemanticSam.Engine;
using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Training.Data;
using SemanticSam.Training.Evaluation.Calibration;
using SemanticSam.Training.Evaluation.Cases;
using SemanticSam.Training.Evaluation.Protocols;
using SemanticSam.Training.Nano;

namespace SemanticSam.Training.Evaluation;

/// <summary>Measures a model on annotated images by the field's protocols, through the same API that users call, whatever family it is of.</summary>
public sealed class Evaluator
{
    private readonly SegmentationModel _model;
    private readonly WholePartDataset _data;
    private readonly EvaluationOptions _options;

    /// <summary>Prepares an evaluation.</summary>
    /// <param name="model">The model; it stays the caller's.</param>
    /// <param name="data">The annotated images.</param>
    /// <param name="options">What to measure.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public Evaluator(SegmentationModel model, WholePartDataset data, EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_model, _data, _options) = (model, data, options);
        Worst = new(options.WorstCases);
    }

    /// <summary>Scores with their outcomes, to fit a calibration to.</summary>
    internal ScoreLog Scores { get; } = new();

    /// <summary>What to look at.</summary>
    internal WorstCases Worst { get; }

    /// <summary>Runs the evaluation.</summary>
    /// <param name="progress">Told the share of images done.</param>
    /// <param name="cancellation">Stops between two images.</param>
    /// <exception cref="AnnotationFileException">No annotated image can be opened; or one cannot, and <see cref="EvaluationOptions.Problem"/> is
    /// null.</exception>
    public EvaluationReport Run(IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var readable = new ReadableImages(_options.Problem);
        var images = readable.Of(_data).Images.ToArray();
        // Sets are sorted by source: the first images would be of one kind.
        if (_options.MaxImages is { } most && most < images.Length) images = [.. Enumerable.Range(0, most).Select(i => images[(long)i * images.Length / most])];
        var protocols = Protocols(images.Length);
        var random = new Random(_options.Seed);
        var watch = Stopwatch.StartNew();
        int measured = 0;
        for (int i = 0; i < images.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var absent = Absent(images[i], random); // drawn for each, so that one which is left out changes no other's
            if (readable.Decode(images[i], path => ImageDecoder.Decode(path, _options.Decoding)) is not { } photo) continue;
            measured++;
            using var session = _model.Open(photo);
            var image = new EvaluatedImage(i, images[i], session, absent);
            foreach (var protocol in protocols) protocol.Add(image);
            progress?.Report((i + 1.0) / images.Length);
        }
        return new()
        {
            Model = _model.Name, Sha256 = _model.Sha256, Images = measured, SecondsPerImage = watch.Elapsed.TotalSeconds / Math.Max(1, measured),
            Protocols = [.. protocols.Where(p => _options.Protocols.Contains(p.Kind)).Select(p => p.Report())],
        };
    }

    /// <summary>The protocols asked for that the model can answer, and those on whose scores the calibration rests.</summary>
    private List<IProtocol> Protocols(int images)
    {
        bool names = _model.AnswersNames, scores = Wanted(EvaluationProtocol.Calibration);
        var wider = new TrueNames(_model.Vocabulary);
        var all = new List<IProtocol>();
        if (names && Wanted(EvaluationProtocol.Text)) all.Add(new TextProtocol(Worst));
        if (names && (scores || Wanted(EvaluationProtocol.Instances))) all.Add(new InstancesProtocol(Worst, Scores, wider));
        if (names && Wanted(EvaluationProtocol.Panoptic)) all.Add(new PanopticProtocol());
        if (names && Wanted(EvaluationProtocol.Words)) all.Add(new WordsProtocol(NanoFiles.OpenVocabulary(null)));
        if (scores || Wanted(EvaluationProtocol.Clicks)) all.Add(new ClicksProtocol(_options.ClicksPerBatch, names, wider, Worst, Scores, _options.FitsJudges));
        if (Wanted(EvaluationProtocol.Refinement)) all.Add(new RefinementProtocol(_options.RefinedPerImage, _options.MaxClicks, Worst));
        if (Wanted(EvaluationProtocol.Everything))
            all.Add(new EverythingProtocol(Math.Max(1, images / Math.Min(images, _options.EverythingImages)), wider, Worst));
        if (scores) all.Add(new CalibrationProtocol(Scores, _options.FitsFoundMasks, wider));
        return all;

        bool Wanted(EvaluationProtocol protocol) => _options.Protocols.Contains(protocol);
    }

    private IReadOnlyList<NameQuery> Absent(AnnotatedImage image, Random random) =>
        image.Source is not null && WholePartDataset.IncompleteSources.Contains(image.Source) ? []
            : [.. AbsentNames.Choose(_data, image, _options.AbsentNames, random).Select(n => new NameQuery(n.Name, n.IsPart))];
}
