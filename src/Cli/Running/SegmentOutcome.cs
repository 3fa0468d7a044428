using SemanticSam.Cli.Requests;
using SemanticSam.Engine;
using SemanticSam.Formats.Results;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Cli.Running;

/// <summary>What a line gave.</summary>
/// <param name="Line">The line.</param>
/// <param name="Image">Its image.</param>
/// <param name="Model">What answered.</param>
/// <param name="Results">The masks.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record SegmentOutcome(PromptLine Line, RgbImage Image, ModelIdentity Model, IReadOnlyList<MaskResult> Results, StepSeconds Seconds)
{
    /// <summary>How the names were understood; empty where none was asked, or the model takes names as they are.</summary>
    public IReadOnlyList<NameReport> Names { get; init; } = [];

    /// <summary>What was assumed of the image and of what was asked, a sentence each; those of <see cref="Names"/> come after them.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>As one line of JSON.</summary>
    /// <param name="name">What the image is called in it.</param>
    public string ToJson(string name) => ResultJson.ToText(name, Image.FullWidth, Image.FullHeight, Model, Seconds, Results,
        notices: [.. Notices, .. Names.Select(n => n.Notice).OfType<string>()]);
}
