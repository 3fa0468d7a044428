using SemanticSam.Engine.Sessions.RsPrompter;
using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Granularity.Sam;
using SemanticSam.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Training.Tuning;

/// <summary>A prompter on a frozen model.</summary>
internal sealed class PrompterTask : TuningTask
{
    /// <summary>Tensors of the size of all pixels of an embedding that one pass of the mask decoder keeps for its way back; measured, roughly.</summary>
    private const long KeptOfPass = 24, KeptOfQuery = 32;

    private readonly PrompterBase _base;
    private readonly BaseSource _source;
    private readonly TuningData _data;
    private readonly TuningOptions _options;
    private readonly Prompter _prompter;
    private readonly nn.Module _trained;
    private readonly PrompterObjective _objective;
    private readonly ViewSource _views;
    private readonly FeatureCache? _cache;
    private readonly Device _device;
    private readonly int _whole;

    /// <summary>Takes over the base model.</summary>
    /// <exception cref="TuningException">It cannot learn from pieces of images, which were asked for.</exception>
    public PrompterTask(PrompterBase below, BaseSource source, TuningData data, TuningOptions options, FeatureCache? cache, Device device)
    {
        (_base, _source, _data, _options, _cache, _device) = (below, source, data, options, cache, device);
        _whole = options.Crop is null ? below.Encoder.ImageSize : WholeSide(below, options);
        var head = options.Method switch
        {
            TuningMethod.Anchor => PrompterHead.Anchor,
            TuningMethod.Query => PrompterHead.Query,
            TuningMethod.MaskRcnn => PrompterHead.MaskRcnn,
            TuningMethod.Detector => PrompterHead.Detector,
            _ => PrompterHead.Mask2Former,
        };
        using var backbone = options.Backbone is { } file ? BackboneFile.Open(file) : null;
        _prompter = new Prompter(below.Encoder.Configure(head, data.Classes.Count, options.Queries) with { Backbone = backbone?.Config });
        backbone?.Fill(_prompter.Backbone!);
        if (below.Sam is { } sam && _prompter.Config.DrawsWithSam)
        {
            Copy(sam.PromptEncoder, _prompter.PromptEncoder!);
            Copy(sam.MaskDecoder, _prompter.MaskDecoder!);
        }
        foreach (var (name, parameter) in below.Network.named_parameters()) parameter.requires_grad_(options.Adapters && LowRankAdapters.IsAdapter(name));
        foreach (var (name, parameter) in _prompter.named_parameters()) parameter.requires_grad_(PrompterOptimizer.Trains(_prompter.Config, name));
        _prompter.to(device);
        _prompter.train();
        _trained = options.Adapters ? new AdaptedPrompter(_prompter, below.Sam!.ImageEncoder) : _prompter;
        if (options.Adapters) below.Sam!.ImageEncoder.train();
        _objective = new PrompterObjective(_prompter, new() { Masks = options.Masks });
        _views = new ViewSource(data, below.Encoder.ImageSize, options.Seed, device)
        {
            Jitters = head != PrompterHead.Detector, Scales = options.Scales, Turns = options.Turns, Whole = options.Crop is null ? null : _whole,
        };
    }

    public override nn.Module Trained => _trained;

    public override double WeightDecay => 0.05;

    public override IReadOnlyList<(string Part, long Numbers)> Parts => Count(_trained, _options.Adapters ? 3 : 2);

    public override long StepBytes
    {
        get
        {
            var config = _prompter.Config;
            long cells = (long)config.Grid * config.Grid, floats = 4;
            long pyramid = cells * 22 * config.Width * floats * (config.FindsRegions ? 12 : 8); // five levels have 21 1/3 cells to each of the embedding
            long drawn = Math.Min(_options.Masks ?? int.MaxValue, Math.Min(config.Queries, _data.Images.Max(i => i.Masks.Count))); // of an image's queries
            long kept = config.Head switch { PrompterHead.Anchor => Math.Min(64, _options.Masks ?? 64) * KeptOfPass,
                PrompterHead.Query => (config.DecoderLayers + 1L) * drawn * KeptOfQuery, _ => 0 };
            return _options.Batch * ((_options.Adapters ? EncoderBytes(_base.Sam!.Config) : 0) + pyramid + kept * cells * config.Width * floats);
        }
    }

    public override long ViewBytes
    {
        get
        {
            long cells = (long)_prompter.Config.Grid * _prompter.Config.Grid;
            double own = _base.Encoder.OwnWidths.Select((w, i) => w * 16 / Math.Pow(4, i)).Sum();
            return _cache is null ? 0 : (long)(2 * cells * (_base.Encoder.Width + _base.Encoder.StateWidths.Sum() + own));
        }
    }

    public override Tensor Loss(IReadOnlyList<(int Image, long View)> images, long step, LossReport report)
    {
        using var scope = NewDisposeScope();
        var (encoded, truths) = (new List<EncodedView>(), new List<InstanceTruth>());
        foreach (var (image, view) in images)
        {
            var (one, truth) = Prepare(image, view);
            encoded.Add(one);
            truths.Add(truth);
        }
        var batch = EncodedView.Batch(encoded);
        var random = new Random(ViewSource.HashCode(_options.Seed, step, 1));
        return _objective.Loss(_prompter.Maps(batch.States, batch.Own), truths, random, shape => rand(shape, device: _device), report)
            .MoveToOuterDisposeScope();
    }

    public override void Foresee(IReadOnlyList<(int Image, long View)> images) =>
        _views.Foresee(images.Where(i => !Known(i.Image, i.View)).Select(i => i.Image));

    public override void WriteSurroundings(string folder, bool anew)
    {
        string file = _source.CopyTo(folder, anew);
        PrompterFolder.WriteConfig(folder,
            new(PrompterFolder.Family, file, _base.Name, _data.Classes, _prompter.Config with { ImageSize = _whole },
                _options.Adapters ? _options.LowRank : null));
    }

    public override void WriteModel(string folder, IReadOnlyDictionary<string, Tensor> weights)
    {
        string prefix = _options.Adapters ? AdaptedPrompter.Prefix : "";
        var all = _prompter.state_dict().ToDictionary(e => e.Key, e => weights.GetValueOrDefault(prefix + e.Key, e.Value));
        if (_options.Adapters)
            foreach (var (name, value) in weights.Where(w => LowRankAdapters.IsAdapter(w.Key))) all[name] = value; // image_encoder.blocks...
        PrompterFolder.WriteWeights(folder, all);
    }

    public override void Dispose()
    {
        _prompter.Dispose();
        _base.Dispose();
    }

    private (EncodedView View, InstanceTruth Truth) Prepare(int image, long view)
    {
        using var scope = NewDisposeScope();
        bool known = Known(image, view);
        var drawn = _views.Draw(image, view, pixels: !known);
        IReadOnlyList<Tensor> Make() => _base.Encoder.Encode((known ? _views.Draw(image, view, pixels: true) : drawn).Image).All;
        var tensors = _cache is null ? Make() : _cache.GetOrAdd(_views.HashOf(image), Key(image, view), Shapes(_base.Encoder), Make);
        var (_, truth) = drawn.Pad(_base.Encoder.ImageSize);
        Tensor[] kept = [.. tensors.Select(t => t.to(_device).MoveToOuterDisposeScope())];
        truth.Masks.MoveToOuterDisposeScope();
        return (EncodedView.With(kept, _base.Encoder.StateWidths.Count, _base.Encoder.OwnWidths.Count), truth);
    }

    /// <summary>Shapes of <see cref="EncodedView.All"/> as a frozen encoder gives it.</summary>
    internal static IReadOnlyList<long[]> Shapes(FrozenEncoder encoder)
    {
        long side = encoder.ImageSize, cells = side / 16, finest = side / 4;
        return
        [
            [1, encoder.Width, cells, cells],
            .. encoder.StateWidths.Select(w => (long[])[1, cells, cells, w]),
            .. encoder.OwnWidths.Select((w, i) => (long[])[1, w, finest >> i, finest >> i]),
            .. encoder.ExtraWidths.Select(w => (long[])[1, w]),
        ];
    }

    /// <summary>The side that the tuned model will see images at, other than the pieces it learns from.</summary>
    private static int WholeSide(PrompterBase below, TuningOptions options)
    {
        if (below.Sam is not null)
            throw new TuningException($"'{below.Name}' learned where things are in an image of its own size, so pieces of images tell it nothing: "
                + "take whole images, or the embedded model.");
        int whole = options.ImageSize ?? NanoFrozenEncoder.DefaultSize;
        return options.Crop < whole ? whole
            : throw new TuningException($"Pieces of {options.Crop} pixels have to be smaller than the image, which is seen at {whole}.");
    }

    private bool Known(int image, long view) => _cache?.Has(_views.HashOf(image), Key(image, view)) ?? false;

    private string Key(int image, long view) =>
        $"prompter {_base.Encoder.ImageSize} {_base.Encoder.ExtraWidths.Count} " + (view == 0 ? "plain" : $"seed {_options.Seed} image {image} view {view}"
            + (_options.Crop is null ? "" : $" of {_whole}")
            + (_options.Scales == ScaleRange.Released ? "" : FormattableString.Invariant($" scales {_options.Scales.Least} {_options.Scales.Most}"))
            + (_options.Turns ? " turned" : ""));

    /// <summary>A prompter and the encoder whose adapters are trained with it.</summary>
    private sealed class AdaptedPrompter : nn.Module
    {
        public const string Prefix = "prompter.";

        public AdaptedPrompter(Prompter prompter, nn.Module encoder) : base(nameof(AdaptedPrompter))
        {
            register_module("prompter", prompter);
            register_module("image_encoder", encoder);
        }
    }

    private static void Copy(nn.Module from, nn.Module to)
    {
        using var still = no_grad();
        var source = from.state_dict();
        foreach (var (name, value) in to.state_dict()) value.copy_(source[name]);
    }
}
