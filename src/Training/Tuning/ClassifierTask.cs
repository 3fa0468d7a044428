using SemanticSam.Engine.Sessions.RsPrompter;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Training.Objectives;
using SemanticSam.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Training.Tuning;

/// <summary>SAM-cls: a classifier of what the masks of everything mode show.</summary>
internal sealed class ClassifierTask : TuningTask
{
    /// <summary>Folder of the masks, in that of the tuning.</summary>
    internal const string MasksFolder = "masks";

    /// <summary>Crops of an image in a step, at most half of them background.</summary>
    private const int CropsOfImage = 16;

    /// <summary>Bytes that a crop's way back takes: the maps of a ResNet-18 at 224 pixels, and their gradients.</summary>
    private const long BytesOfCrop = 60_000_000;

    private readonly PrompterBase _base;
    private readonly BaseSource _source;
    private readonly TuningData _data;
    private readonly TuningOptions _options;
    private readonly MaskClassifier _classifier;
    private readonly EverythingMasks _masks;
    private readonly Device _device;
    private readonly Dictionary<int, string> _hashes = [];

    /// <summary>Takes over the base model, which must be a SAM.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public ClassifierTask(PrompterBase below, BaseSource source, TuningData data, TuningOptions options, string folder, Device device, Action<string> say)
    {
        if (below.Sam is null || below.Clicks is null)
            throw new ArgumentException($"The masks of SAM-cls are SAM's, and '{below.Name}' is none: take a SAM or MobileSAM.");
        (_base, _source, _data, _options, _device) = (below, source, data, options, device);
        _masks = new EverythingMasks(OutputFolder.Below(folder, MasksFolder), below.Clicks.Model, say);
        _classifier = new MaskClassifier(data.Classes.Count);
        BackboneFile.Fill(_classifier.Backbone, options.Backbone!);
        // What ImageNet taught the stem and the first stage stays, as in a detector.
        foreach (var (name, parameter) in _classifier.named_parameters())
            parameter.requires_grad_(!name.StartsWith("backbone.conv1.", StringComparison.Ordinal)
                && !name.StartsWith("backbone.bn1.", StringComparison.Ordinal)
                && !name.StartsWith("backbone.layer1.", StringComparison.Ordinal));
        _classifier.to(device);
        _classifier.train();
    }

    public override nn.Module Trained => _classifier;

    public override double WeightDecay => 0.05;

    public override IReadOnlyList<(string Part, long Numbers)> Parts => Count(_classifier, 2);

    public override long StepBytes => _options.Batch * CropsOfImage * BytesOfCrop;

    public override long ViewBytes => 0;

    public override Tensor Loss(IReadOnlyList<(int Image, long View)> images, long step, LossReport report)
    {
        using var scope = NewDisposeScope();
        var (crops, labels) = (new List<RgbImage>(), new List<long>());
        var random = new Random(ViewSource.HashCode(_options.Seed, step, 6));
        foreach (var (image, _) in images)
            foreach (var (crop, label) in Examples(image, random))
            {
                crops.Add(crop);
                labels.Add(label);
            }
        if (crops.Count == 0) return zeros([], device: _device).requires_grad_().MoveToOuterDisposeScope(); // nothing was found on these images
        var input = MaskClassifier.Input(crops, _device);
        var mirrored = tensor([.. crops.Select(_ => random.Next(2) == 0)], device: _device).view(-1, 1, 1, 1);
        var logits = _classifier.forward(where(mirrored, input.flip(3), input));
        var wanted = tensor(labels.ToArray(), device: _device);
        var loss = F.cross_entropy(logits, wanted);
        report.Add("loss", loss.detach(), 1);
        report.Add("acc", 100 * logits.detach().argmax(1).eq(wanted).to(ScalarType.Float32).mean().item<float>());
        return loss.MoveToOuterDisposeScope();
    }

    public override void WriteSurroundings(string folder, bool anew)
    {
        string file = _source.CopyTo(folder, anew);
        var config = new PrompterConfig
        {
            Head = PrompterHead.Classifier, Classes = _data.Classes.Count, StateWidths = [], ImageSize = _base.Encoder.ImageSize, Width = _base.Encoder.Width,
        };
        PrompterFolder.WriteConfig(folder, new(PrompterFolder.Family, file, _base.Name, _data.Classes, config));
    }

    public override void WriteModel(string folder, IReadOnlyDictionary<string, Tensor> weights) =>
        PrompterFolder.WriteWeights(folder, _classifier.state_dict().ToDictionary(e => e.Key, e => weights.GetValueOrDefault(e.Key, e.Value)));

    public override void Dispose()
    {
        _classifier.Dispose();
        _base.Dispose();
    }

    /// <summary>Crops of an image's masks, each with the class of the truth that its box meets, or background.</summary>
    private IEnumerable<(RgbImage Crop, int Label)> Examples(int index, Random random)
    {
        var source = _data.Images[index];
        var image = ImageDecoder.Decode(source.Path);
        if ((image.Width, image.Height) != (source.Masks[0].Width, source.Masks[0].Height))
            throw new TuningException(
                $"{source.Name} is {image.Width} x {image.Height}, but its annotations are of an image of {source.Masks[0].Width} x {source.Masks[0].Height}.");
        if (!_hashes.TryGetValue(index, out string? hash)) _hashes[index] = hash = FileHash.Sha256(source.Path);
        BoxF[] truths = [.. source.Masks.Select(m => new BoxF(m.Bounds.Left, m.Bounds.Top, m.Bounds.Right, m.Bounds.Bottom))];
        var (objects, background) = (new List<(Rle Mask, BoxI Window, int Label)>(), new List<(Rle Mask, BoxI Window, int Label)>());
        foreach (var mask in _masks.Of(hash, image))
        {
            if (MaskCrops.BoxOf(mask) is not { } box || MaskCrops.WindowOf(mask) is not { } window) continue;
            var own = new BoxF(box.X, box.Y, box.X + box.Width, box.Y + box.Height);
            if (MaskCrops.LabelOf([.. truths.Select(t => BoxF.IoU(own, t))], source.Labels) is { } label) objects.Add((mask, window, label));
            else background.Add((mask, window, _data.Classes.Count));
        }
        var chosen = Some(objects, CropsOfImage / 2, random);
        chosen.AddRange(Some(background, CropsOfImage - chosen.Count, random));
        if (chosen.Count == 0) yield break;
        var blurred = MaskCrops.Blurred(image);
        foreach (var (mask, window, label) in chosen) yield return (MaskCrops.Cut(image, blurred, mask, window), label);
    }

    private static List<T> Some<T>(List<T> all, int most, Random random)
    {
        T[] shuffled = [.. all];
        random.Shuffle(shuffled);
        return [.. shuffled.Take(most)];
    }
}
