namespace SemanticSam.Training.Evaluation.Calibration;

/// <summary>A score with what it turned out to be worth.</summary>
/// <param name="Image">Index of the image.</param>
/// <param name="Score">What the model promised.</param>
/// <param name="Outcome">What it was: an IoU, or 1 for right and 0 for wrong.</param>
internal readonly record struct ScoredOutcome(int Image, double Score, double Outcome);

/// <summary>Scores of a model with their outcomes, gathered by the protocols that see both.</summary>
internal sealed class ScoreLog
{
    private readonly List<ScoredOutcome> _clicks = [], _liked = [], _instances = [], _stuff = [], _labels = [];
    private readonly List<JudgedMask> _clickMasks = [], _foundMasks = [];
    private readonly List<LabeledMask> _labeled = [];

    /// <summary>Predicted IoUs of all masks of clicks, with the IoU with the clicked annotation.</summary>
    public IReadOnlyList<ScoredOutcome> Clicks => _clicks;

    /// <summary>Of each click the one of highest predicted IoU.</summary>
    public IReadOnlyList<ScoredOutcome> Liked => _liked;

    /// <summary>Scores of instances of names, with the IoU with the nearest annotation of that name; 0 where the name is not there.</summary>
    public IReadOnlyList<ScoredOutcome> Instances => _instances;

    /// <summary>Scores of masks of stuff, with the IoU with all annotations of that name; 0 where it was looked for and is not there.</summary>
    public IReadOnlyList<ScoredOutcome> Stuff => _stuff;

    /// <summary>Probabilities of labels of masks that meet an annotation, with whether that was its name.</summary>
    public IReadOnlyList<ScoredOutcome> Labels => _labels;

    /// <summary>Masks of clicks, with the IoU with the clicked annotation.</summary>
    public IReadOnlyList<JudgedMask> ClickMasks => _clickMasks;

    /// <summary>Masks of everything mode, 1 where they meet an annotation, 0 where they do not.</summary>
    public IReadOnlyList<JudgedMask> FoundMasks => _foundMasks;

    /// <summary>Masks that meet a named annotation, with the labels that they might get.</summary>
    public IReadOnlyList<LabeledMask> Labeled => _labeled;

    public void Label(LabeledMask mask) => _labeled.Add(mask);

    public void Click(JudgedMask mask) => _clickMasks.Add(mask);

    public void Found(JudgedMask mask) => _foundMasks.Add(mask);

    public void Click(int image, double predicted, double iou, bool isLiked)
    {
        _clicks.Add(new(image, predicted, iou));
        if (isLiked) _liked.Add(new(image, predicted, iou));
    }

    public void Instance(int image, double score, double iou) => _instances.Add(new(image, score, iou));

    public void OfStuff(int image, double score, double iou) => _stuff.Add(new(image, score, iou));

    public void Label(int image, double probability, bool isRight) => _labels.Add(new(image, probability, isRight ? 1 : 0));
}
