using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.RsPrompter;

/// <summary>An image encoded by the model below a prompter.</summary>
internal sealed class PrompterEncodedImage : InstanceEncodedImage
{
    private readonly PrompterSegmenter _model;
    private readonly EncodedView _view;
    private readonly Lazy<EncodedImage>? _clicks;
    private readonly PixelSize _input;
    private IReadOnlyList<PrompterInstance>? _instances;

    /// <summary>Takes over the view.</summary>
    public PrompterEncodedImage(PrompterSegmenter model, EncodedView view, ClickModel? clicks, PixelSize size, PixelSize input)
        : base(model, size, model.Classes)
    {
        (_model, _view, _input) = (model, view, input);
        if (clicks is not null) _clicks = new(() => clicks.Open(view, size, input)); // most images of such a model are never clicked
    }

    public override MaskUpsampler Upsampler => Clicks.Upsampler;

    public override PixelSize? LogitsSize => _clicks?.Value.LogitsSize;

    public override IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(IReadOnlyList<Prompt> prompts, PlaceRequest request) =>
        Clicks.AnswerPlaces(prompts, request);

    public override ClickDecoder OpenClicks(ClickRequest request) => Clicks.OpenClicks(request);

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

    protected override IReadOnlyList<PrompterInstance> Instances => _instances ??= _model.Find(_view, Size, _input);

    private EncodedImage Clicks => _clicks?.Value ?? throw new PromptException(PromptError.PlacesNotSupported,
        $"The model '{Model.Name}' stands on a network that answers no clicks and boxes: segment everything, or ask by name.");
}
