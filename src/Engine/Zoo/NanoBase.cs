using System.Text;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.Nano;
using SemanticSam.Engine.Sessions.RsPrompter;
using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Nano;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Masks;
using SemanticSam.TextEncoder.Sentences;
using TorchSharp;

namespace SemanticSam.Engine.Zoo;

/// <summary>The embedded model's network below a prompter. It answers clicks and boxes as in its own family, but has no words.</summary>
internal static class NanoBase
{
    /// <summary>What it is called where a tuned model is named.</summary>
    public const string Name = "nano";

    /// <summary>A tensor that no other family has.</summary>
    public const string Mark = "pyramid.lateral.0.weight";

    /// <summary>Loads the network, strictly.</summary>
    /// <param name="weights">Its tensors.</param>
    /// <param name="config">Its sizes.</param>
    /// <param name="settings">Its thresholds and calibration.</param>
    /// <param name="sha256">Of the weights.</param>
    /// <param name="imageSize">Side of the image; null for the usual one.</param>
    /// <param name="device">Where it computes.</param>
    /// <exception cref="CheckpointException">The weights do not fit.</exception>
    public static PrompterBase Open(StateDict weights, NanoPackageConfig config, InferenceSettings settings, string sha256, int? imageSize, torch.Device device)
    {
        int side = imageSize ?? NanoFrozenEncoder.DefaultSize;
        var network = NanoLayers.Unfilled(() => new NanoModel(config.Network));
        try
        {
            StrictLoader.Load(network, weights);
            network.to(device);
            network.Freeze();
            settings = settings with { Wholes = [], Parts = [] };
            var clicks = new NanoSegmenter(network, Wordless(config, settings, device), new NanoIdentity(config.Name, side, sha256), settings, device);
            return new PrompterBase(Name, sha256, new NanoFrozenEncoder(network, side), null,
                new(clicks, (view, size, input) => clicks.Hold(view, size, input)), network);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>No name is known, and so no text is ever encoded.</summary>
    private static NanoNames Wordless(NanoPackageConfig config, InferenceSettings settings, torch.Device device)
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes("{}"));
        var text = new SentenceText(config.Text.Width, device, () => throw new InvalidOperationException("The network below a prompter has no words."));
        return new NanoNames(NameVocabulary.Read(json), text, [], settings);
    }

    /// <summary>An image that the prompter's encoder encoded, as the network's own family holds it.</summary>
    private static NanoEncodedImage Hold(this NanoSegmenter clicks, EncodedView view, PixelSize size, PixelSize input) =>
        clicks.Hold([.. view.Own.Select(m => m.alias())], view.Extra[0].alias(), input, size);
}
