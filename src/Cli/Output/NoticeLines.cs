using System.Globalization;
using SemanticSam.Engine.Batch;
using SemanticSam.Foundation;

namespace SemanticSam.Cli.Output;

/// <summary>Says the notices of a batch: those of the first five images that have some, then how many more there are. All of them stand in the
/// results.</summary>
internal sealed class NoticeLines(TextWriter error)
{
    private const int Most = 5;

    private int _images;

    /// <summary>The notices of an image.</summary>
    public void Add(BatchItem item, IReadOnlyList<string> notices)
    {
        if (++_images > Most) return;
        string named = notices[0].StartsWith(item.Image, StringComparison.Ordinal) ? "" : $"{item.Key}: ";
        error.WriteLine(MessageText.OneLine($"semsam: {named}{string.Join(' ', notices.Select(n => n.EndsWith('.') ? n : n + '.'))}"));
    }

    /// <summary>Says how many more there were.</summary>
    public void End()
    {
        if (_images > Most)
            error.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"semsam: {_images - Most} more images have notices; their results hold them, under \"notices\"."));
    }
}
