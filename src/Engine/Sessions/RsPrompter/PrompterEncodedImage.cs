using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.RsPrompter;

/// <summary>An image encoded by the model below a prompter.</summary>
internal sealed class PrompterEncodedImage : EncodedImage
{
    private readonly PrompterSegmenter _model;
    private readonly EncodedView _view;
    private readonly Lazy<EncodedImage>? _clicks;
    private readonly PixelSize _input;
    private readonly NameReader _reader;
    private IReadOnlyList<PrompterInstance>? _instances;

    /// <summary>Takes over the view.</summary>
    public PrompterEncodedImage(PrompterSegmenter model, EncodedView view, ClickModel? clicks, PixelSize size, PixelSize input) : base(model, size)
    {
        (_model, _view, _input) = (model, view, input);
        if (clicks is not null) _clicks = new(() => clicks.Open(view, size, input)); // most images of such a model are never clicked
        _reader = new NameReader(model.Settings);
    }

    public override MaskUpsampler Upsampler => Clicks.Upsampler;

    public override PixelSize? LogitsSize => _clicks?.Value.LogitsSize;

    public override IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(IReadOnlyList<Prompt> prompts, PlaceRequest request) =>
        Clicks.AnswerPlaces(prompts, request);

    public override ClickDecoder OpenClicks(ClickRequest request) => Clicks.OpenClicks(request);

    /// <summary>The instances, the best first: what a prompter finds without being asked for a place.</summary>
    public override IEnumerable<EverythingStep> AnswerEverything(EverythingOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        double least = options.PredictedIouThreshold ?? Model.Settings.InstanceThreshold;
        int smallest = options.MinRegionArea ?? 0;
        yield return new() { Share = 1, Crop = Frame, Decided = [.. Instances.Where(i => i.Score >= least && i.Mask.Area > smallest).Select(Result)] };
    }

    public override IReadOnlyList<NameAnswer> AnswerNames(IReadOnlyList<string> names, double presenceThreshold)
    {
        var results = new List<MaskResult>();
        foreach (var concept in _reader.Read(names).Concepts)
        {
            string name = concept.Part ?? concept.Whole!;
            int label = _model.Classes.ToList().FindIndex(c => Plain(c).Equals(Plain(name), StringComparison.OrdinalIgnoreCase));
            if (label < 0)
                throw new PromptException(PromptError.NamesNotSupported,
                    $"The model '{Model.Name}' does not know '{name}'; it was tuned for {string.Join(", ", _model.Classes)}.");
            results.AddRange(Instances.Where(i => i.Label == label && i.Score >= Model.Settings.InstanceThreshold && i.Mask.Area > 0).Select(Result));
        }
        return [new(null, results)];
    }

    public override SavedEncoding Save()
    {
        var tensors = new Dictionary<string, Tensor> { ["embedding"] = _view.States.Embedding };
        for (int i = 0; i < _view.States.Hidden.Count; i++) tensors[$"state{i}"] = _view.States.Hidden[i];
        for (int i = 0; i < _view.Own.Count; i++) tensors[$"map{i}"] = _view.Own[i];
        for (int i = 0; i < _view.Extra.Count; i++) tensors[$"extra{i}"] = _view.Extra[i];
        return new(tensors, new Dictionary<string, string> { ["input"] = SavedEncoding.Write(_input) });
    }

    public override void Dispose()
    {
        if (_clicks is { IsValueCreated: true }) _clicks.Value.Dispose();
        _view.Dispose();
    }

    /// <summary>Names in data sets are written as identifiers: storage_tank.</summary>
    private static string Plain(string name) => name.Replace('_', ' ').Trim();

    private IReadOnlyList<PrompterInstance> Instances => _instances ??= _model.Find(_view, Size, _input);

    private EncodedImage Clicks => _clicks?.Value ?? throw new PromptException(PromptError.PlacesNotSupported,
        $"The model '{Model.Name}' stands on a network that answers no clicks and boxes: segment everything, or ask by name.");

    private MaskResult Result(PrompterInstance instance) => new()
    {
        Mask = instance.Mask,
        PredictedIou = instance.Score,
        StabilityScore = float.NaN,
        Whole = new ScoredLabel(_model.Classes[instance.Label], instance.Score),
    };
}
