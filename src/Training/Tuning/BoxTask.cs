using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Sessions.RsPrompter;
using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Sam;
using SemanticSam.Granularity.SamParser;
using SemanticSam.Training.Objectives;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Training.Tuning;

/// <summary>SAM's own task, masks of boxes: by SAM-PARSER's coefficients or low-rank adapters in the encoder, and the mask decoder.</summary>
internal sealed class BoxTask : TuningTask
{
    /// <summary>Files of the tuned model: an ordinary SAM, and what was learned besides the decoder.</summary>
    public const string Merged = ModelPackage.WeightsFile, Adapters = "adapters.safetensors";

    private readonly PrompterBase _base;
    private readonly SamModel _sam;
    private readonly ParserNeck? _neck;
    private readonly TuningData _data;
    private readonly TuningOptions _options;
    private readonly FeatureCache? _cache;
    private readonly ViewSource _views;
    private readonly Device _device;
    private readonly BoxModules _trained;

    /// <summary>Takes over the base model, which must be a SAM.</summary>
    /// <exception cref="TuningException">It is none.</exception>
    public BoxTask(PrompterBase below, TuningData data, TuningOptions options, FeatureCache? cache, Device device)
    {
        _sam = below.Sam ?? throw new TuningException($"This method changes SAM's image encoder, and '{below.Name}' is no SAM: take a SAM or MobileSAM.");
        (_base, _data, _options, _cache, _device) = (below, data, options, cache, device);
        _sam.train(false);
        foreach (var parameter in _sam.parameters()) parameter.requires_grad_(false);
        foreach (var parameter in _sam.MaskDecoder.parameters()) parameter.requires_grad_(true);
        var neck = _sam.ImageEncoder is ImageEncoderViT vit ? vit.Neck : ((TinyViT)_sam.ImageEncoder).Neck;
        if (options.Method == TuningMethod.Parser)
            _neck = new ParserNeck(neck, options.AsReleased);
        else
        {
            foreach (var (_, parameter) in LowRankAdapters.Attach(_sam.ImageEncoder, options.LowRank)) parameter.requires_grad_(true);
            _sam.ImageEncoder.train();
        }
        _trained = new BoxModules(_neck, _neck is null ? _sam.ImageEncoder : null, _sam.MaskDecoder);
        _views = new ViewSource(data, _sam.Config.ImageSize, options.Seed, device);
    }

    public override nn.Module Trained => _trained;

    public override double WeightDecay => 0;

    public override IReadOnlyList<(string Part, long Numbers)> Parts => Count(_trained, 1);

    public override long StepBytes
    {
        get
        {
            long cells = (long)_sam.Config.Grid * _sam.Config.Grid, decoder = _options.Boxes * cells * _sam.Config.Width * 4 * 24;
            return _options.Batch * (decoder + (_neck is null ? EncoderBytes(_sam.Config) : 0));
        }
    }

    public override long ViewBytes => _neck is null || _cache is null ? 0 : 2 * StateWidth * _sam.Config.Grid * _sam.Config.Grid;

    public override Tensor Loss(IReadOnlyList<(int Image, long View)> images, long step, LossReport report)
    {
        using var scope = NewDisposeScope();
        var random = new Random(ViewSource.HashCode(_options.Seed, step, 2));
        Tensor? sum = null;
        foreach (var (image, _) in images)
        {
            var loss = OfImage(image, random, report) / images.Count;
            sum = sum is null ? loss : sum + loss;
        }
        return sum!.MoveToOuterDisposeScope();
    }

    public override void Foresee(IReadOnlyList<(int Image, long View)> images) => _views.Foresee(images.Select(i => i.Image).Where(i => !Known(i)));

    public override void WriteSurroundings(string folder, bool anew) { }

    public override void WriteModel(string folder, IReadOnlyDictionary<string, Tensor> weights)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        // The averaged weights are put in for as long as the model is written.
        var own = _trained.state_dict();
        var before = own.Where(e => weights.ContainsKey(e.Key)).ToDictionary(e => e.Key, e => e.Value.clone());
        try
        {
            foreach (var (name, value) in before) own[name].copy_(weights[name]);
            var all = _sam.state_dict().Where(e => !LowRankAdapters.IsAdapter(e.Key)).ToDictionary();
            const string Encoder = "image_encoder.";
            if (_neck is not null)
                foreach (var (name, value) in _neck.Merged()) all[Encoder + "neck." + name] = value;
            else
                foreach (var (name, value) in LowRankAdapters.Merged(_sam.ImageEncoder)) all[Encoder + name] = value;
            SafetensorsWriter.Write(Path.Combine(folder, Merged), all,
                new SafetensorsWriterOptions { Metadata = new Dictionary<string, string> { ["format"] = "pt" } });
            var apart = _neck is not null ? _neck.state_dict().ToDictionary(e => Encoder + "neck." + e.Key, e => e.Value)
                : _sam.ImageEncoder.state_dict().Where(e => LowRankAdapters.IsAdapter(e.Key)).ToDictionary(e => Encoder + e.Key, e => e.Value);
            foreach (var (name, value) in _sam.MaskDecoder.state_dict()) apart["mask_decoder." + name] = value;
            SafetensorsWriter.Write(Path.Combine(folder, Adapters), apart, new SafetensorsWriterOptions
            {
                Metadata = new Dictionary<string, string>
                {
                    ["base"] = _base.Name,
                    ["base_sha256"] = _base.Sha256,
                    ["method"] = _options.Method.ToString(),
                    ["rank"] = _options.LowRank.Rank.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    ["alpha"] = _options.LowRank.Alpha.ToString(System.Globalization.CultureInfo.InvariantCulture),
                },
            });
        }
        finally
        {
            foreach (var (name, value) in before) own[name].copy_(value);
        }
    }

    public override void Dispose()
    {
        _neck?.Dispose();
        _base.Dispose();
    }

    private long StateWidth => ((ITracedEncoder)_sam.ImageEncoder).StateWidths[^1];

    private Tensor OfImage(int image, Random random, LossReport report)
    {
        bool known = Known(image);
        var view = _views.Draw(image, 0, pixels: !known);
        var (_, truth) = view.Pad(_sam.Config.ImageSize);
        int[] chosen = [.. Enumerable.Range(0, truth.Count)];
        random.Shuffle(chosen);
        chosen = chosen[..Math.Min(chosen.Length, _options.Boxes)];
        if (chosen.Length == 0) return zeros([], device: _device).requires_grad_();
        var frame = new LevelShape(view.Height, view.Width);
        float[] boxes = ParserObjective.Widen([.. chosen.Select(c => truth.Boxes[c])], _options.BoxNoise, frame, random);
        var embedding = _neck is null ? _sam.ImageEncoder.call(Pixels(view)) : _neck.call(Tokens(image, view, known));
        var logits = ParserObjective.Logits(_sam.PromptEncoder, _sam.MaskDecoder, embedding, tensor(boxes, [chosen.Length, 4], device: _device));
        var masks = truth.Masks.index_select(0, tensor([.. chosen.Select(c => (long)c)], device: _device)).unsqueeze(1).to(ScalarType.Float32);
        var targets = F.interpolate(masks, [logits.shape[2], logits.shape[3]], mode: InterpolationMode.Area).ge(0.5).to(ScalarType.Float32);
        var loss = ParserObjective.Loss(logits, targets, _options.AsReleased);
        report.Add("loss", loss.detach(), 1);
        using (no_grad())
        {
            var inside = (logits > 0).to(ScalarType.Float32).flatten(1);
            var wanted = targets.flatten(1);
            report.Add("iou", (inside * wanted).sum(1) / (inside + wanted - inside * wanted).sum(1).clamp_min(1), chosen.Length);
        }
        return loss;
    }

    private bool Known(int image) => _neck is not null && (_cache?.Has(_views.HashOf(image), Key) ?? false);

    private string Key => $"tokens {_sam.Config.ImageSize}";

    private Tensor Pixels(InstanceView view) =>
        PixelStatistics.ImageNet.Normalize(view.Image.unsqueeze(0), _sam.Config.ImageSize, _sam.Config.ImageSize).to(_device);

    /// <summary>[1, D, h, w]: what the frozen blocks give to the neck.</summary>
    private Tensor Tokens(int image, InstanceView view, bool known)
    {
        IReadOnlyList<Tensor> Make()
        {
            using var still = no_grad();
            var encoder = (ITracedEncoder)_sam.ImageEncoder;
            return [encoder.Trace(Pixels(known ? _views.Draw(image, 0, pixels: true) : view), [encoder.StateWidths.Count - 1]).Hidden[0]];
        }
        long[] shape = [1, _sam.Config.Grid, _sam.Config.Grid, StateWidth];
        var tokens = (_cache is null ? Make() : _cache.GetOrAdd(_views.HashOf(image), Key, [shape], Make))[0];
        return tokens.to(_device).permute(0, 3, 1, 2).contiguous();
    }

    /// <summary>What is trained, under the names of a SAM.</summary>
    private sealed class BoxModules : nn.Module
    {
        public BoxModules(ParserNeck? neck, nn.Module? encoder, MaskDecoder decoder) : base(nameof(BoxModules))
        {
            if (neck is not null) register_module("neck", neck);
            if (encoder is not null) register_module("image_encoder", encoder);
            register_module("mask_decoder", decoder);
        }
    }
}
