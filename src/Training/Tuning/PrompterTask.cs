using SemanticSam.Engine.Sessions.RsPrompter;
using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Training.Tuning;

/// <summary>A prompter on a frozen model.</summary>
internal sealed class PrompterTask : TuningTask
{
    /// <summary>Tensors of the size of all pixels of an embedding that one pass of the mask decoder keeps for its way back; measured, roughly.</summary>
    private const long KeptOfPass = 24;

    private readonly PrompterBase _base;
    private readonly string _basePath;
    private readonly TuningData _data;
    private readonly TuningOptions _options;
    private readonly Prompter _prompter;
    private readonly PrompterObjective _objective;
    private readonly ViewSource _views;
    private readonly FeatureCache? _cache;
    private readonly Device _device;

    /// <summary>Takes over the base model.</summary>
    public PrompterTask(PrompterBase below, string basePath, TuningData data, TuningOptions options, FeatureCache? cache, Device device)
    {
        (_base, _basePath, _data, _options, _cache, _device) = (below, basePath, data, options, cache, device);
        var head = options.Method switch
        {
            TuningMethod.Anchor => PrompterHead.Anchor,
            TuningMethod.Query => PrompterHead.Query,
            TuningMethod.MaskRcnn => PrompterHead.MaskRcnn,
            _ => PrompterHead.Mask2Former,
        };
        _prompter = new Prompter(below.Encoder.Configure(head, data.Classes.Count, options.Queries));
        if (below.Sam is { } sam && _prompter.Config.DrawsWithSam)
        {
            Copy(sam.PromptEncoder, _prompter.PromptEncoder!);
            Copy(sam.MaskDecoder, _prompter.MaskDecoder!);
        }
        foreach (var parameter in below.Network.parameters()) parameter.requires_grad_(false);
        foreach (var (name, parameter) in _prompter.named_parameters()) parameter.requires_grad_(PrompterOptimizer.Trains(_prompter.Config, name));
        _prompter.to(device);
        _prompter.train();
        _objective = new PrompterObjective(_prompter, new());
        _views = new ViewSource(data, below.Encoder.ImageSize, options.Seed);
    }

    public override nn.Module Trained => _prompter;

    public override double WeightDecay => 0.05;

    public override IReadOnlyList<(string Part, long Numbers)> Parts => Count(_prompter, 2);

    public override long StepBytes
    {
        get
        {
            var config = _prompter.Config;
            long cells = (long)config.Grid * config.Grid, floats = 4;
            long pyramid = cells * 22 * config.Width * floats * (config.FindsRegions ? 12 : 8); // five levels have 21 1/3 cells to each of the embedding
            long passes = config.Head switch { PrompterHead.Anchor => 64, PrompterHead.Query => (config.DecoderLayers + 1L) * config.Queries, _ => 0 };
            return _options.Batch * (pyramid + passes * cells * config.Width * floats * KeptOfPass);
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
        return _objective.Loss(_prompter.Maps(batch.States, batch.Own), truths, random, shape => rand(shape), report).MoveToOuterDisposeScope();
    }

    public override void WriteSurroundings(string folder)
    {
        string file = "base" + Path.GetExtension(_basePath);
        if (!File.Exists(Path.Combine(folder, file)))
        {
            using var source = Foundation.RegularFile.OpenRead(_basePath);
            Foundation.AtomicFile.Write(Path.Combine(folder, file), source.Length, source.CopyTo);
        }
        PrompterFolder.WriteConfig(folder, new(PrompterFolder.Family, file, _base.Name, _data.Classes, _prompter.Config));
    }

    public override void WriteModel(string folder, IReadOnlyDictionary<string, Tensor> weights) =>
        PrompterFolder.WriteWeights(folder, _prompter.state_dict().ToDictionary(e => e.Key, e => weights.GetValueOrDefault(e.Key, e.Value)));

    public override void Dispose()
    {
        _prompter.Dispose();
        _base.Dispose();
    }

    private (EncodedView View, InstanceTruth Truth) Prepare(int image, long view)
    {
        using var scope = NewDisposeScope();
        string key = $"prompter {_base.Encoder.ImageSize} seed {_options.Seed} image {image} view {view}";
        if (view == 0) key = $"prompter {_base.Encoder.ImageSize} plain";
        bool known = _cache?.Has(_views.HashOf(image), key) ?? false;
        var drawn = _views.Draw(image, view, pixels: !known);
        IReadOnlyList<Tensor> Make() => _base.Encoder.Encode((known ? _views.Draw(image, view, pixels: true) : drawn).Image).All;
        var tensors = _cache is null ? Make() : _cache.GetOrAdd(_views.HashOf(image), key, Make);
        var (_, truth) = drawn.Pad(_base.Encoder.ImageSize);
        Tensor[] kept = [.. tensors.Select(t => t.to(_device).MoveToOuterDisposeScope())];
        truth.Masks.MoveToOuterDisposeScope();
        return (EncodedView.With(kept, _base.Encoder.StateWidths.Count), truth);
    }

    private static void Copy(nn.Module from, nn.Module to)
    {
        using var still = no_grad();
        var source = from.state_dict();
        foreach (var (name, value) in to.state_dict()) value.copy_(source[name]);
    }
}
