using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// A model of some family with its weights: what it knows, and how it encodes an image. The <see cref="EncodedImage"/> answers. The two are the seam
/// behind which Semantic-SAM, SAM and others stand, and at which tests put a fake. Never changed once made, so one serves many threads.
/// </summary>
internal abstract class Segmenter : IDisposable
{
    /// <summary>Name of the model in results and messages.</summary>
    public abstract string Name { get; }

    /// <summary>SHA-256 of all that makes it the model it is, lower-case hex: see <see cref="SegmentationModel.Sha256"/>.</summary>
    public abstract string Sha256 { get; }

    /// <summary>The model's own settings.</summary>
    public abstract InferenceSettings Settings { get; }

    /// <summary>The levels it gives, largest to smallest.</summary>
    public abstract IReadOnlyList<GranularityLevel> Levels { get; }

    /// <summary>To so many pixels a side of an image is brought before the network sees it.</summary>
    public abstract int ImageSize { get; }

    /// <summary>Whether it can be asked by name.</summary>
    public abstract bool AnswersNames { get; }

    /// <summary>Whether everything mode gives named instances, so that no name has to be asked.</summary>
    public virtual bool FindsUnasked => false;

    /// <summary>Whether it has a token of its own for the single mask of an unambiguous prompt, which stands for no level.</summary>
    public virtual bool HasSingleMaskToken => false;

    /// <summary>Whether its encoded images give logits and take them with a further prompt (<see cref="EncodedImage.LogitsSize"/>).</summary>
    public virtual bool TakesLogits => false;

    /// <summary>Whether one prompt takes it milliseconds on a processor (<see cref="OneThread"/>).</summary>
    public virtual bool AnswersInMilliseconds => false;

    /// <summary>What a user's names mean to it, without asking an image; null where it takes names as they are, or knows none.</summary>
    public virtual INameBook? NameBook => null;

    /// <summary>What the family's own generator asks of masks; complete.</summary>
    protected abstract MaskThresholds FamilyThresholds { get; }

    /// <summary>What a threshold of 0 or less means to the family's own generator.</summary>
    protected abstract ThresholdRule ThresholdRule { get; }

    /// <summary>Encodes an image.</summary>
    /// <returns>Out of any dispose scope; the caller's, to be disposed before this.</returns>
    public abstract EncodedImage Encode(RgbImage image);

    /// <summary>The way back from <see cref="EncodedImage.Save"/>.</summary>
    /// <exception cref="FormatException">Something is missing or does not fit this model.</exception>
    /// <returns>Out of any dispose scope; the caller's, to be disposed before this.</returns>
    public abstract EncodedImage Restore(SavedEncoding saved, PixelSize size);

    /// <summary>The filter of everything mode: what was asked for over the model's own settings over the family's.</summary>
    public MaskFilter Filter(MaskThresholds wanted) => new(wanted.Over(Settings).Over(FamilyThresholds), ThresholdRule);

    /// <summary>Whether its weights are gone.</summary>
    public bool IsDisposed { get; private set; }

    public void Dispose()
    {
        if (IsDisposed) return;
        IsDisposed = true;
        Release();
    }

    /// <summary>Lets go of the weights; called once.</summary>
    protected abstract void Release();
}
