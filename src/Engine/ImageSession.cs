using System.Diagnostics;
using System.Runtime.CompilerServices;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Sessions;

namespace SemanticSam;

/// <summary>
/// An encoded picture that answers prompts. Not for several threads at once; open one session a thread.
/// </summary>
public sealed class ImageSession : IDisposable
{
    private readonly Segmenter _segmenter;
    private readonly Features _features;

    internal ImageSession(Segmenter segmenter, RgbImage image)
    {
        _segmenter = segmenter;
        var watch = Stopwatch.StartNew();
        _features = segmenter.Encode(image);
        EncodeTime = watch.Elapsed;
    }

    /// <summary>Columns of the picture.</summary>
    public int Width => _features.Width;

    /// <summary>Rows of the picture.</summary>
    public int Height => _features.Height;

    /// <summary>How long encoding took.</summary>
    public TimeSpan EncodeTime { get; }

    /// <summary>Answers a prompt.</summary>
    /// <returns>
    /// For a point, a box or a seed: one mask a level, from the largest level to the smallest. For names: the instances of each name, in
    /// the order of the names. <see cref="MaskResult.Parent"/> is filled from containment.
    /// </returns>
    /// <exception cref="PromptException">The prompt is empty, outside the picture, or asks by name a model that knows none.</exception>
    public IReadOnlyList<MaskResult> Segment(Prompt prompt, SegmentOptions? options = null) => Segment([prompt], options);

    /// <summary>Answers several prompts in one batch; <see cref="MaskResult.Prompt"/> tells them apart.</summary>
    /// <exception cref="PromptException">As for one prompt.</exception>
    public IReadOnlyList<MaskResult> Segment(IReadOnlyList<Prompt> prompts, SegmentOptions? options = null)
    {
        options ??= new();
        options.Validate();
        foreach (var prompt in prompts)
        {
            prompt.Validate(Width, Height);
            if (prompt.Names.Count > 0 && _segmenter.NamesRefusal is { } why)
                throw new PromptException(why);
        }
        var results = new List<MaskResult>();
        // Prompts with the same names share their labels; most often that is all of them.
        foreach (var group in prompts.Select((prompt, index) => (prompt, index)).Where(p => p.prompt.HasPlace)
                     .GroupBy(p => p.prompt.Names.Count > 0 ? string.Join('\n', p.prompt.Names) : null))
        {
            var members = group.ToArray();
            var labels = _segmenter.Labels(members[0].prompt.Names.Count > 0 ? members[0].prompt.Names : options.Vocabulary);
            var answers = _segmenter.AnswerPlaces(_features, [.. members.Select(m => m.prompt)], labels);
            for (int i = 0; i < members.Length; i++)
                results.AddRange(answers[i].Where(c => options.Levels?.Contains(c.Level) ?? true)
                    .Select(c => Labelled(Cleaned(c, options.MinRegionArea), options.LabelThreshold) with { Prompt = members[i].index }));
        }
        for (int p = 0; p < prompts.Count; p++)
            if (!prompts[p].HasPlace)
                results.AddRange(_segmenter.AnswerNames(_features, prompts[p].Names, options.PresenceThreshold ?? _segmenter.Settings.PresenceThreshold)
                    .Where(m => options.Levels is null || m.Level is { } level && options.Levels.Contains(level))
                    .Select(m => m with { Prompt = p }));
        return ResultTree.WithParents([.. results.OrderBy(r => r.Prompt)]);
    }

    /// <summary>
    /// Segments everything: a grid of clicks, filtered by predicted IoU and stability, duplicates dropped. Masks come ordered by area, the
    /// largest first, with their parents.
    /// </summary>
    /// <param name="options">Null for the model's own settings.</param>
    /// <param name="progress">Told the share of clicks done, 0 to 1.</param>
    /// <param name="cancellation">Stops between two batches of clicks.</param>
    public async IAsyncEnumerable<MaskResult> SegmentEverything(EverythingOptions? options = null, IProgress<double>? progress = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        options ??= new();
        options.Validate();
        var found = await Task.Run(() => Everything.Find(_segmenter, _features, options, progress, cancellation), cancellation).ConfigureAwait(false);
        foreach (var mask in found)
            yield return mask;
    }

    /// <summary>What the thing at a place consists of: the thing first, then its parts, largest first, with parents.</summary>
    /// <param name="prompt">A point, a box or a seed.</param>
    /// <param name="options">Filters of the grid of clicks inside the thing; null for the model's own settings.</param>
    /// <exception cref="PromptException">The prompt says no place, or one outside the picture.</exception>
    public IReadOnlyList<MaskResult> PartsOf(Prompt prompt, EverythingOptions? options = null)
    {
        RequirePlace(prompt);
        options ??= new();
        options.Validate();
        return PartQueries.PartsOf(_segmenter, _features, prompt, options);
    }

    /// <summary>What a place belongs to: the masks around it, each holding the one before, from the smallest to the whole.</summary>
    /// <param name="prompt">A point, a box or a seed.</param>
    /// <exception cref="PromptException">The prompt says no place, or one outside the picture.</exception>
    public IReadOnlyList<MaskResult> WholeOf(Prompt prompt)
    {
        RequirePlace(prompt);
        return PartQueries.WholeOf(_segmenter, _features, prompt);
    }

    private void RequirePlace(Prompt prompt)
    {
        if (!prompt.HasPlace) throw new PromptException("Say of what: a point, a box or a mask is needed.");
        prompt.Validate(Width, Height);
    }

    /// <inheritdoc/>
    public void Dispose() => _features.Dispose();

    private static Candidate Cleaned(Candidate candidate, int minRegionArea) =>
        minRegionArea == 0 ? candidate : candidate with { Mask = MaskRegions.Clean(candidate.Mask, minRegionArea).Mask };

    private MaskResult Labelled(Candidate candidate, double? threshold) => Everything.ToResult(candidate, threshold ?? _segmenter.Settings.LabelThreshold);
}
