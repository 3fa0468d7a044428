using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Zoo;
using SemanticSam.Formats.Results;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Engine;

/// <summary>
/// A model with its weights. Loaded once, never changed, shared between threads; <see cref="Open(RgbImage)"/> gives a session for an image.
/// Dispose it after its sessions.
/// </summary>
/// <example>
/// <code>
/// using var model = SegmentationModel.Default();
/// using var session = model.Open("photo.jpg");
/// foreach (var mask in session.Segment(Prompt.Named("car", "wheel")))
///     Console.WriteLine($"{mask.Whole?.Label ?? mask.Part?.Label}: {mask.Area} pixels");
/// </code>
/// </example>
public sealed class SegmentationModel : IDisposable
{
    private readonly Segmenter _segmenter;

    internal SegmentationModel(Segmenter segmenter) => _segmenter = segmenter;

    /// <summary>Name of the model.</summary>
    public string Name => _segmenter.Name;

    /// <summary>
    /// SHA-256, lower-case hex: of a checkpoint's file; of a model folder over the names and hashes of all its files that change an answer, configuration and
    /// thresholds included.
    /// </summary>
    public string Sha256 => _segmenter.Sha256;

    /// <summary>Whether everything mode gives named instances.</summary>
    internal bool FindsUnasked => _segmenter.FindsUnasked;

    /// <summary>Name and weights together, as results carry them.</summary>
    internal ModelIdentity Identity => new(Name, Sha256);

    /// <summary>The levels it gives, largest to smallest.</summary>
    internal IReadOnlyList<GranularityLevel> Levels => _segmenter.Levels;

    /// <summary>Whether one prompt takes it milliseconds on a processor.</summary>
    internal bool AnswersInMilliseconds => _segmenter.AnswersInMilliseconds;

    /// <summary>To so many pixels a side of an image is brought before the network sees it.</summary>
    internal int ImageSize => _segmenter.ImageSize;

    /// <summary>Whether it takes the logits of an earlier answer as a prompt.</summary>
    internal bool TakesLogits => _segmenter.TakesLogits;

    /// <summary>Whether it can be asked by name.</summary>
    public bool AnswersNames => _segmenter.AnswersNames;

    /// <summary>The refusal of names; null where the model can be asked by name.</summary>
    internal PromptException? NamesRefusal => _segmenter.AnswersNames ? null : PromptChecks.NoNames(_segmenter);

    /// <summary>Names of wholes it was trained on; it may know others.</summary>
    public IReadOnlyList<string> KnownWholes => _segmenter.Settings.Wholes;

    /// <summary>Names of parts it was trained on.</summary>
    public IReadOnlyList<string> KnownParts => _segmenter.Settings.Parts;

    /// <summary>
    /// The names it was taught, wholes first: with synonyms, kinds and relations where the model has a vocabulary file, else the names alone.
    /// </summary>
    public IReadOnlyList<VocabularyName> Vocabulary => _segmenter.NameBook?.Names
        ?? [.. KnownWholes.Select(n => new VocabularyName { Name = n }), .. KnownParts.Select(n => new VocabularyName { Name = n, IsPart = true })];

    /// <summary>
    /// How a text is understood where it is a word or phrase for a taught name: "hat" for "trilby", "ear of dog" for "the dog's ear"; null else.
    /// </summary>
    /// <exception cref="PromptException">The text cannot be read.</exception>
    internal ReadName? Understand(string text) =>
        _segmenter.NameBook?.Read([text]) is [var read] && read.Match.IsTaught() ? read : null;

    /// <summary>The embedded model, with nothing to download.</summary>
    /// <param name="options">Where it computes; null for the CPU.</param>
    /// <exception cref="Foundation.SemanticSamException">libtorch cannot be loaded, or the device is not there.</exception>
    public static SegmentationModel Default(ModelOptions? options = null) => Open(ModelPackage.Embedded(), options ?? new());

    /// <summary>
    /// Loads a model folder, as training and tuning write it (config.json, weights, and what belongs to them), or the one checkpoint in a folder of another
    /// program.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Where it computes; null for the CPU.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="CheckpointException">The weights are damaged, foreign, or do not fit the configuration.</exception>
    /// <exception cref="Foundation.SemanticSamException">libtorch cannot be loaded, or the device is not there.</exception>
    public static SegmentationModel Load(string folder, ModelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new();
        if (PrompterFolder.Is(folder) && options.Precision == ModelPrecision.Bfloat16) throw new CheckpointException(folder, ModelPackage.InFloat32);
        if (PrompterFolder.Is(folder)) return new(PrompterFolder.Open(folder, options.Open()));
        if (ForeignFolder.WeightsOf(folder) is { } weights) return LoadCheckpoint(weights, options);
        return Open(ModelPackage.FromFolder(folder), options);
    }

    /// <summary>
    /// Loads a checkpoint as its authors publish it (Semantic-SAM and OpenSeeD, Swin-T and Swin-L; SAM ViT-B, ViT-L and ViT-H; MobileSAM; .pth, .pt or
    /// .safetensors): what it is follows from its tensors.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Where it computes; null for the CPU.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">It is damaged, foreign, or of a family that has no sessions yet.</exception>
    /// <exception cref="Foundation.SemanticSamException">libtorch cannot be loaded, or the device is not there.</exception>
    public static SegmentationModel LoadCheckpoint(string path, ModelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (options?.Vocabulary is not null)
            throw new CheckpointException(path, "this model takes names as they are or knows none: it has no vocabulary that a file could extend or replace.");
        if (options?.Precision == ModelPrecision.Bfloat16) throw new CheckpointException(path, ModelPackage.InFloat32);
        return new(CheckpointModel.Load(path, (options ?? new()).Open()));
    }

    /// <summary>Opens an image and encodes it; every prompt on the session then costs only the decoder.</summary>
    /// <param name="path">An image of a format that <see cref="ImageDecoder"/> reads.</param>
    /// <exception cref="ImageException">The file cannot be read, is not an image, is damaged, too large or too small.</exception>
    /// <exception cref="ObjectDisposedException">This model is disposed.</exception>
    public ImageSession Open(string path) => Open(ImageDecoder.Decode(path));

    /// <summary>Encodes an image.</summary>
    /// <param name="image">The image; the session keeps its features, and the image itself for crops.</param>
    /// <exception cref="ImageException">It has a single pixel.</exception>
    /// <exception cref="ObjectDisposedException">This model is disposed.</exception>
    public ImageSession Open(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        ObjectDisposedException.ThrowIf(_segmenter.IsDisposed, this);
        ImageException.ThrowIfTooSmall(image.Width, image.Height, "The image");
        return new ImageSession(_segmenter, image);
    }

    /// <summary>Opens features that <see cref="ImageSession.SaveFeatures"/> wrote, instead of encoding the image.</summary>
    /// <param name="path">The file.</param>
    /// <param name="image">
    /// The image they must be of; compared by its hash. Null to take the file's word for it: then all is answered but everything mode with crops,
    /// which are encoded from the image.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">The file is damaged or holds no features; or these are of another model (code "features_other_model") or of
    /// another image ("features_other_image"), and the message names both. Whichever it is, the image has to be encoded again.</exception>
    /// <exception cref="ObjectDisposedException">This model is disposed.</exception>
    public ImageSession OpenFeatures(string path, RgbImage? image = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_segmenter.IsDisposed, this);
        return new ImageSession(_segmenter, path, image);
    }

    private static SegmentationModel Open(ModelPackage package, ModelOptions options) => new(package.CreateSegmenter(options.Opening(), options.Vocabulary,
        options.Precision));

    /// <summary>Lets go of the weights. Sessions that are still open refuse to answer from then on.</summary>
    public void Dispose() => _segmenter.Dispose();
}
