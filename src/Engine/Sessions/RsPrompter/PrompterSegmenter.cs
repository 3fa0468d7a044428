using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.RsPrompter;

/// <summary>A tuned prompter: everything mode gives its instances with their names; clicks and boxes are answered by the frozen model below.</summary>
internal sealed class PrompterSegmenter : Segmenter
{
    private readonly Prompter _prompter;
    private readonly PrompterBase _base;
    private readonly PrompterFolderConfig _config;
    private readonly Device _device;

    /// <summary>Takes over both networks.</summary>
    public PrompterSegmenter(Prompter prompter, PrompterBase below, PrompterFolderConfig config, string sha256, Device device)
    {
        (_prompter, _base, _config, _device) = (prompter, below, config, device);
        Sha256 = sha256;
        string head = config.Prompter.Head switch
        {
            PrompterHead.Anchor => "rsprompter-anchor",
            PrompterHead.Query => "rsprompter-query",
            PrompterHead.MaskRcnn => "sam-seg-maskrcnn",
            PrompterHead.Detector => "sam-det",
            _ => "sam-seg-mask2former",
        };
        Name = $"{head}, {config.BaseName}";
        Settings = new InferenceSettings { Wholes = config.Classes };
    }

    public override string Name { get; }

    public override string Sha256 { get; }

    public override InferenceSettings Settings { get; }

    public override IReadOnlyList<GranularityLevel> Levels => _base.Clicks?.Model.Levels ?? [];

    public override int ImageSize => _base.Encoder.ImageSize;

    public override bool AnswersNames => true;

    public override bool TakesLogits => _base.Clicks?.Model.TakesLogits ?? false;

    public override bool FindsUnasked => true;

    public override bool HasSingleMaskToken => _base.Clicks?.Model.HasSingleMaskToken ?? false;

    protected override MaskThresholds FamilyThresholds => MaskThresholds.Sam;

    protected override ThresholdRule ThresholdRule => ThresholdRule.OffAtZero;

    public override EncodedImage Encode(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var resized = Resize.LongestSide(image, _base.Encoder.ImageSize);
        var view = _base.Encoder.Encode(ImageTensor.Bytes(resized).squeeze(0).to(ScalarType.Float32));
        return Hold(view, new PixelSize(image.FullHeight, image.FullWidth), new PixelSize(resized.Height, resized.Width));
    }

    public override EncodedImage Restore(SavedEncoding saved, PixelSize size)
    {
        using var scope = NewDisposeScope();
        int states = _base.Encoder.StateWidths.Count, own = _base.Encoder.OwnWidths.Count, grid = _base.Encoder.ImageSize / 16;
        var tensors = new List<Tensor> { saved.Tensor("embedding", 1, _base.Encoder.Width, grid, grid) };
        for (int i = 0; i < states; i++) tensors.Add(saved.Tensor($"state{i}", 1, grid, grid, _base.Encoder.StateWidths[i]));
        for (int i = 0; i < own; i++) tensors.Add(saved.Tensor($"map{i}", 1, _base.Encoder.OwnWidths[i], 4 * grid >> i, 4 * grid >> i));
        for (int i = 0; i < _base.Encoder.ExtraWidths.Count; i++) tensors.Add(saved.Tensor($"extra{i}", 1, _base.Encoder.ExtraWidths[i]));
        return Hold(EncodedView.With([.. tensors.Select(t => t.to(_device))], states, own), size, saved.Size("input"));
    }

    protected override void Release()
    {
        _prompter.Dispose();
        _base.Dispose();
    }

    /// <summary>The instances of an encoded image, the best first.</summary>
    internal IReadOnlyList<PrompterInstance> Find(EncodedView view, PixelSize size, PixelSize input)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var frame = new ResizedFrame(size.Height, size.Width, input.Height, input.Width, _base.Encoder.ImageSize);
        return PrompterInference.Find(_prompter, _prompter.Maps(view.States, view.Own), [frame], new PrompterLimits(), _base.Sam)[0];
    }

    /// <summary>Names by index.</summary>
    internal IReadOnlyList<string> Classes => _config.Classes;

    private PrompterEncodedImage Hold(EncodedView view, PixelSize size, PixelSize input)
    {
        Tensor[] kept = [.. view.All.Select(t => t.alias().DetachFromDisposeScope())];
        var own = EncodedView.With(kept, view.States.Hidden.Count, view.Own.Count);
        return new PrompterEncodedImage(this, own, _base.Clicks, size, input);
    }
}
