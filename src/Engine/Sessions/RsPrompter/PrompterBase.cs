using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Granularity.Sam;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.RsPrompter;

/// <summary>The frozen model that a prompter stands on.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Sha256">Of its file.</param>
/// <param name="Encoder">Its image encoder.</param>
/// <param name="Sam">The model, where it is a SAM.</param>
/// <param name="Clicks">What answers clicks and boxes on its encoded images; null where nothing does.</param>
/// <param name="Network">All of it.</param>
internal sealed record PrompterBase(string Name, string Sha256, FrozenEncoder Encoder, SamModel? Sam, ClickModel? Clicks, nn.Module Network) : IDisposable
{
    /// <summary>
    /// Attaches low-rank adapters to the image encoder. Clicks are not answered any more, since the mask decoder below never saw what such an encoder gives.
    /// </summary>
    /// <exception cref="ArgumentException">The model is no SAM with a plain vision transformer, or the options are not allowed.</exception>
    public PrompterBase Adapted(LowRankOptions options)
    {
        if (Sam?.ImageEncoder is not ImageEncoderViT)
            throw new ArgumentException($"Adapters go into the vision transformer of a SAM; '{Name}' has none: take ViT-B, ViT-L or ViT-H.");
        foreach (var parameter in Sam.parameters()) parameter.requires_grad_(false);
        foreach (var (_, parameter) in LowRankAdapters.Attach(Sam.ImageEncoder, options)) parameter.requires_grad_(true);
        return this with { Encoder = new SamAdaptedEncoder(Sam), Clicks = null };
    }

    /// <summary>The model below a detector that stands alone: SAM, which draws the masks of its boxes.</summary>
    /// <param name="embeds">False for training, in which SAM takes no part.</param>
    /// <exception cref="ArgumentException">The model is no SAM.</exception>
    public PrompterBase Detected(bool embeds) => Sam is null
        ? throw new ArgumentException($"The boxes of a detector are drawn by SAM, and '{Name}' is none: take a SAM or MobileSAM.")
        : this with { Encoder = new DetectorEncoder(Sam, embeds) };

    public void Dispose()
    {
        if (Clicks is not null) Clicks.Model.Dispose();
        else Network.Dispose();
    }
}

/// <summary>The family that answers clicks for a prompter.</summary>
/// <param name="Model">Owns the network.</param>
/// <param name="Open">From an encoded view, which stays the caller's and must live as long, the original and the resized size.</param>
internal sealed record ClickModel(Segmenter Model, Func<EncodedView, PixelSize, PixelSize, EncodedImage> Open);

/// <summary>config.json of a tuned prompter's folder.</summary>
/// <param name="Family">Always "rsprompter".</param>
/// <param name="Base">File of the frozen base model in the folder.</param>
/// <param name="BaseName">What the base model is called.</param>
/// <param name="Classes">Names, by index.</param>
/// <param name="Prompter">Sizes.</param>
/// <param name="Adapters">Low-rank adapters in the base model's image encoder; null where it is frozen.</param>
internal sealed record PrompterFolderConfig(string Family, string Base, string BaseName, IReadOnlyList<string> Classes, PrompterConfig Prompter,
    LowRankOptions? Adapters = null);
