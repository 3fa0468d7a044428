using System.Globalization;
using System.Xml.Linq;

namespace SemanticSam.Formats.Cvat;

/// <summary>What CVAT for video says of a task, a video: an export of a project has several, whose frames have the same numbers.</summary>
/// <param name="Id">Its number; null where the file says none.</param>
/// <param name="Name">Null where the file says none.</param>
/// <param name="Width">Columns of its frames; null where the file does not say.</param>
/// <param name="Height">Rows of its frames; null where the file does not say.</param>
/// <param name="Start">The first frame that was taken out of the video.</param>
/// <param name="Step">How far each is from the one before.</param>
internal sealed record CvatTask(string? Id, string? Name, int? Width, int? Height, int Start, int Step)
{
    private const int LargestStep = 1_000_000;

    /// <summary>A task of which nothing is said.</summary>
    public static CvatTask Unknown { get; } = new(null, null, null, null, 0, 1);

    /// <summary>The tasks of a file's head, or the job, where one was exported alone.</summary>
    public static IReadOnlyList<CvatTask> All(XElement meta)
    {
        var found = meta.Descendants("task").Concat(meta.Descendants("job")).Where(t => t.HasElements).Select(Of).ToList();
        // Of one video the size may also stand beside it.
        if (found.Count == 1 && (found[0].Width is null || found[0].Height is null)) found[0] = found[0].WithSize(meta);
        return found.Count > 0 || !meta.Descendants("original_size").Any() ? found : [Unknown.WithSize(meta)];
    }

    private static CvatTask Of(XElement task)
    {
        string? Text(string key) => task.Element(key)?.Value.Trim() is { Length: > 0 } text ? text : null;
        string filter = task.Element("frame_filter")?.Value ?? "";
        int at = filter.IndexOf("step=", StringComparison.Ordinal);
        string step = at < 0 ? "" : string.Concat(filter[(at + 5)..].TakeWhile(char.IsAsciiDigit));
        return new CvatTask(Text("id"), Text("name"), null, null, Number(Text("start_frame"), 0), Math.Min(Number(step, 1), LargestStep)).WithSize(task);
    }

    private CvatTask WithSize(XElement at)
    {
        var size = at.Descendants("original_size").FirstOrDefault();
        return this with { Width = Side(size?.Element("width")), Height = Side(size?.Element("height")) };
    }

    private static int? Side(XElement? side) => Number(side?.Value, 0) is >= 1 and <= FormatLimits.LargestSide and var number ? number : null;

    /// <summary>A whole number that is not below <paramref name="least"/>; else that.</summary>
    private static int Number(string? text, int least) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) && number >= least ? number : least;
}
