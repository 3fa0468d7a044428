using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions.RsPrompter;

/// <summary>An encoded image whose instances are found, with their names, without being asked for a place.</summary>
/// <param name="model">What encoded it.</param>
/// <param name="size">Of the original image.</param>
/// <param name="classes">Names by index.</param>
internal abstract class InstanceEncodedImage(Segmenter model, PixelSize size, IReadOnlyList<string> classes) : EncodedImage(model, size)
{
    private readonly NameReader _reader = new(model.Settings);

    /// <summary>The instances, the best first.</summary>
    protected abstract IReadOnlyList<PrompterInstance> Instances { get; }

    /// <summary>The instances as everything that is in the image.</summary>
    public override IEnumerable<EverythingStep> AnswerEverything(EverythingOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        yield return Decided(Instances, options);
    }

    /// <summary>The last step of everything mode.</summary>
    protected EverythingStep Decided(IReadOnlyList<PrompterInstance> instances, EverythingOptions options)
    {
        double least = options.PredictedIouThreshold ?? Model.Settings.InstanceThreshold;
        int smallest = options.MinRegionArea ?? 0;
        return new() { Share = 1, Crop = Frame, Decided = [.. instances.Where(i => i.Score >= least && i.Mask.Area > smallest).Select(Result)] };
    }

    public override IReadOnlyList<NameAnswer> AnswerNames(IReadOnlyList<string> names, double? presenceThreshold)
    {
        var results = new List<MaskResult>();
        foreach (var concept in _reader.Read(names).Concepts)
        {
            string name = concept.Part ?? concept.Whole!;
            int label = classes.ToList().FindIndex(c => Plain(c).Equals(Plain(name), StringComparison.OrdinalIgnoreCase));
            if (label < 0)
                throw new PromptException(PromptError.NamesNotSupported,
                    $"The model '{Model.Name}' does not know '{name}'; it was tuned for {string.Join(", ", classes)}.");
            results.AddRange(Instances.Where(i => i.Label == label && i.Score >= Model.Settings.InstanceThreshold && i.Mask.Area > 0).Select(Result));
        }
        return [new(null, results)];
    }

    /// <summary>Names in data sets are written as identifiers: storage_tank.</summary>
    private static string Plain(string name) => name.Replace('_', ' ').Trim();

    private MaskResult Result(PrompterInstance instance) => new()
    {
        Mask = instance.Mask,
        PredictedIou = instance.Score,
        StabilityScore = float.NaN,
        Whole = new ScoredLabel(classes[instance.Label], instance.Score),
        FoundBox = instance.Box,
    };
}
