using System.Diagnostics;
using SemanticSam.Engine.Sessions;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Engine;

/// <summary>
/// An encoded image that answers prompts.
/// </summary>
/// <remarks>
/// A session is used by one thread at a time (it need not always be the same one). Sessions of one model can be used by several threads at once;
/// for one image and several threads, open a session for each. Dispose it when done, and before its model: the features of an image take from a few
/// to some hundred megabytes. A disposed session, or one whose model is disposed, throws <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed class ImageSession : IDisposable
{
    private readonly Segmenter _segmenter;
    private readonly EncodedImage _encoded;
    private readonly RgbImage? _image; // for crops and its hash
    private string? _imageHash;
    private bool _disposed;

    internal ImageSession(Segmenter segmenter, RgbImage image)
    {
        (_segmenter, _image) = (segmenter, image);
        var watch = Stopwatch.StartNew();
        _encoded = segmenter.Encode(image);
        EncodeTime = watch.Elapsed;
    }

    /// <summary>On features that were saved.</summary>
    internal ImageSession(Segmenter segmenter, string features, RgbImage? image)
    {
        (_segmenter, _image) = (segmenter, image);
        (_encoded, _imageHash) = FeaturesFile.Read(features, segmenter, image);
    }

    /// <summary>Columns of the image.</summary>
    public int Width => _encoded.Width;

    /// <summary>Rows of the image.</summary>
    public int Height => _encoded.Height;

    /// <summary>How long encoding took; zero where saved features were opened.</summary>
    public TimeSpan EncodeTime { get; }

    /// <summary>The image that was encoded; null where saved features were opened without it.</summary>
    internal RgbImage? Image => _image;

    /// <summary>Whether it can be asked by name.</summary>
    internal bool AnswersNames => _segmenter.AnswersNames;

    /// <summary>Bytes that it holds while it is open: what encoding and answers have made, on whatever device, and pixels. Answers may make it more.</summary>
    internal long Bytes => Encoded().Bytes + (_image?.Pixels.LongLength ?? 0);

    /// <summary>
    /// Saves what encoding gave, so that the image need not be encoded again (<see cref="SegmentationModel.OpenFeatures(string, RgbImage?)"/>):
    /// a safetensors file that also holds the hashes of the model and of the image. It is written under a temporary name and renamed.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced when the new one is complete.</param>
    /// <exception cref="IOException">It cannot be written; nothing is left behind.</exception>
    /// <exception cref="ObjectDisposedException">The session or its model is disposed.</exception>
    public void SaveFeatures(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FeaturesFile.Write(path, Encoded(), _imageHash ??= FeaturesFile.HashOf(_image!));
    }

    /// <summary>Answers a prompt.</summary>
    /// <param name="prompt">What is asked.</param>
    /// <param name="options">Null for the model's own settings.</param>
    /// <returns>
    /// For a point, a box or a seed: the masks that <see cref="SegmentOptions.Masks"/> says, by default one a level, from the largest level to
    /// the smallest. For names: the instances of each name, in the order of the names. <see cref="MaskResult.Parent"/> is filled from containment.
    /// </returns>
    /// <exception cref="PromptException">
    /// The prompt is empty, outside the image, asks by name a model that knows none, gives mask logits to one that takes none, or a level
    /// that the model does not have; the message says what it has.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The session or its model is disposed.</exception>
    public IReadOnlyList<MaskResult> Segment(Prompt prompt, SegmentOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return Segment([prompt], options);
    }

    /// <summary>Answers several prompts in one batch; <see cref="MaskResult.Prompt"/> tells them apart.</summary>
    /// <param name="prompts">What is asked.</param>
    /// <param name="options">Null for the model's own settings.</param>
    /// <inheritdoc cref="Segment(Prompt, SegmentOptions?)" path="/exception"/>
    public IReadOnlyList<MaskResult> Segment(IReadOnlyList<Prompt> prompts, SegmentOptions? options = null)
    {
        return Answer(prompts, options).Masks;
    }

    /// <summary>Answers several prompts in one batch, and says how their names were understood.</summary>
    /// <param name="prompts">What is asked.</param>
    /// <param name="options">Null for the model's own settings.</param>
    /// <inheritdoc cref="Segment(Prompt, SegmentOptions?)" path="/exception"/>
    public SegmentAnswer Answer(IReadOnlyList<Prompt> prompts, SegmentOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        return AnswerGroups([prompts], options ?? new())[0];
    }

    /// <summary>
    /// Answers the prompts of several callers in one batch: each gets what it would get alone. A prompt that cannot be answered fails them all.
    /// </summary>
    /// <inheritdoc cref="Segment(Prompt, SegmentOptions?)" path="/exception"/>
    internal IReadOnlyList<SegmentAnswer> AnswerGroups(IReadOnlyList<IReadOnlyList<Prompt>> groups, SegmentOptions options)
    {
        var (masks, names) = PromptAnswers.Of(Encoded(), [.. groups.SelectMany(g => g)], options);
        var answers = new List<SegmentAnswer>();
        int first = 0;
        foreach (var group in groups)
        {
            int end = first + group.Count, start = first;
            answers.Add(new()
            {
                Masks = ResultTree.WithParents([.. masks.Where(r => r.Prompt >= start && r.Prompt < end).Select(r => r with { Prompt = r.Prompt - start })]),
                Names = [.. names[start..end].SelectMany(n => n)],
            });
            first = end;
        }
        return answers;
    }

    /// <summary>
    /// How the model understands names, and whether the image shows them: what <see cref="Segment(Prompt, SegmentOptions?)"/> goes by when it is asked
    /// for them. Costs little, since nothing is drawn; who asks for the masks, too, has this from <see cref="Answer"/>.
    /// </summary>
    /// <param name="names">As in <see cref="Prompt.Names"/>.</param>
    /// <param name="presenceThreshold">Probability from which a name counts as present, 0 to 1; null for the model's own.</param>
    /// <returns>One report a name, in their order; empty for a model that takes names as they are.</returns>
    /// <exception cref="PromptException">The names cannot be read, or the model knows none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The session or its model is disposed.</exception>
    public IReadOnlyList<NameReport> ExplainNames(IReadOnlyList<string> names, double? presenceThreshold = null)
    {
        ArgumentNullException.ThrowIfNull(names);
        foreach (string name in names) ArgumentNullException.ThrowIfNull(name, nameof(names));
        var encoded = Encoded();
        new SegmentOptions { PresenceThreshold = presenceThreshold }.Validate();
        if (!_segmenter.AnswersNames) throw PromptChecks.NoNames(_segmenter);
        if (_segmenter.NameBook is not { } book) return [];
        var read = encoded.Settle(book.Read(names), presenceThreshold);
        float[]? presence = encoded.PresenceOf(read);
        return [.. read.Select((name, i) => NameReport.Of(name, presence?[i], presenceThreshold ?? _segmenter.Settings.LeastPresence(name)))];
    }

    /// <summary>
    /// Segments everything: a grid of clicks, filtered by predicted IoU and stability, duplicates dropped, as SAM's automatic mask
    /// generation does. Masks come in the order of the reference, each as soon as it is decided, without
    /// <see cref="MaskResult.Parent"/>, which needs all of them (<see cref="CollectEverything"/>).
    /// </summary>
    /// <remarks>
    /// A mask is decided when every better one that could be its duplicate is known. Without crops that is when the last click is
    /// answered; with <see cref="EverythingOptions.CropLayers"/> the smallest crops, whose masks win, go first, and the masks of a crop come when it
    /// is done. Masks whose small holes or islands were corrected come last. What has been found but is undecided is told by
    /// <see cref="FollowEverything"/>. Each step is computed on a background thread when it is asked for, and not while the caller is busy with the one
    /// before: the session may be asked other things in between. An enumeration that is left early, even without being disposed, holds no thread
    /// for longer than two seconds.
    /// </remarks>
    /// <param name="options">Null for the model's own settings.</param>
    /// <param name="progress">Told the share of clicks done, 0 to 1, after each batch.</param>
    /// <param name="cancellation">Stops between two calls of the decoder.</param>
    /// <exception cref="ArgumentException">An option is out of range or contradicts another; the message names it.</exception>
    /// <exception cref="PromptException">The model has no such level; or crops are asked for where the image is not at hand.</exception>
    /// <exception cref="ObjectDisposedException">The session or its model is disposed.</exception>
    public IAsyncEnumerable<MaskResult> SegmentEverything(EverythingOptions? options = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default) =>
        EverythingStream.Decided(FollowEverything(options, cancellation), progress);

    /// <summary>Segments everything, step by step: after each batch of clicks what it found, after each crop what is decided.</summary>
    /// <inheritdoc cref="SegmentEverything" path="/remarks"/>
    /// <param name="options">Null for the model's own settings.</param>
    /// <param name="cancellation">Stops between two calls of the decoder.</param>
    /// <inheritdoc cref="SegmentEverything" path="/exception"/>
    public IAsyncEnumerable<EverythingStep> FollowEverything(EverythingOptions? options = null, CancellationToken cancellation = default)
    {
        var encoded = Encoded();
        options ??= new();
        options.Validate();
        options.Grids(_segmenter.Settings.PointsPerSide);
        PromptChecks.CheckLevels(_segmenter, options.Levels);
        if (options.CropLayers > 0 && _image is null)
            throw new PromptException(PromptError.ImageNeeded,
                $"Crops (CropLayers {options.CropLayers}) are encoded from the image, and this session was opened from saved features without it: open it " +
                "with the image, or leave out crops.");
        options = options with { Levels = options.Levels is null ? null : [.. options.Levels.Distinct()] };
        return EverythingStream.Of(token => Everything.Run(encoded, _image, options, token), stillOpen: () => Encoded(), cancellation);
    }

    /// <summary>What of the options everything mode would not take as it was asked, in a sentence; null where there is nothing to say.</summary>
    internal string? NoticeOf(EverythingOptions options)
    {
        options.Validate();
        if (options.CropLayers > 0 && _segmenter.FindsUnasked) return $"Crops are left out: the model '{_segmenter.Name}' looks at whole images.";
        return CropPlan.Of(_segmenter.ImageSize, Encoded().Size, options).Notice;
    }

    /// <summary>Segments everything and waits for all of it: masks by area, the largest first, with their parents (<see cref="PartTree"/>).</summary>
    /// <inheritdoc cref="SegmentEverything" path="/param"/>
    /// <inheritdoc cref="SegmentEverything" path="/exception"/>
    public async Task<IReadOnlyList<MaskResult>> CollectEverything(EverythingOptions? options = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        var masks = new List<MaskResult>();
        await foreach (var mask in SegmentEverything(options, progress, cancellation).ConfigureAwait(false)) masks.Add(mask);
        return ResultTree.WithParents([.. masks.OrderByDescending(m => m.Area)]);
    }

    /// <summary>
    /// What the thing at a place consists of: the thing first, then its parts, largest first, with parents. With names alone, this for each thing
    /// that carries one of them. A model that knows which parts things have looks for these by name, too.
    /// </summary>
    /// <param name="prompt">A point, a box or a seed; or names.</param>
    /// <param name="options">Filters of the grid of clicks inside the thing; null for the model's own settings.</param>
    /// <exception cref="PromptException">The prompt says neither a place nor a name, or a place outside the image, or asks by name a model that knows
    /// none.</exception>
    /// <exception cref="ObjectDisposedException">The session or its model is disposed.</exception>
    public IReadOnlyList<MaskResult> PartsOf(Prompt prompt, EverythingOptions? options = null)
    {
        var encoded = Asked(prompt);
        options ??= new();
        options.Validate();
        return PartQueries.PartsOf(encoded, prompt, options);
    }

    /// <summary>
    /// What a place belongs to: the masks around it, each holding the one before, from the smallest to the whole. With names alone, this for each
    /// thing that carries one of them. A model that knows what has which parts looks for the whole by name, too.
    /// </summary>
    /// <param name="prompt">A point, a box or a seed; or names.</param>
    /// <exception cref="PromptException">The prompt says neither a place nor a name, or a place outside the image, or asks by name a model that knows
    /// none.</exception>
    /// <exception cref="ObjectDisposedException">The session or its model is disposed.</exception>
    public IReadOnlyList<MaskResult> WholeOf(Prompt prompt) => PartQueries.WholeOf(Asked(prompt), prompt);

    /// <summary>Lets go of the features.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _encoded.Dispose();
    }

    private EncodedImage Encoded()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ObjectDisposedException.ThrowIf(_segmenter.IsDisposed, typeof(SegmentationModel));
        return _encoded;
    }

    private EncodedImage Asked(Prompt prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var encoded = Encoded();
        if (!prompt.HasPlace && prompt.Names.Count == 0)
            throw new PromptException(PromptError.Empty, "Say of what: a point, a box, a mask or a name is needed.");
        PromptChecks.Check(encoded, [prompt], new());
        return encoded;
    }
}
