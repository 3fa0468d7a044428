using System.ComponentModel;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using SemanticSam.Engine;
using SemanticSam.Masks;
using SemanticSam.Server.Api;
using SemanticSam.Server.Images;
using SemanticSam.Server.Inference;
using Prompt = SemanticSam.Engine.Prompt;

namespace SemanticSam.Server.Mcp;

/// <summary>
/// The tools that look at an image. They ask as the HTTP interface does, within the same limits. Names of parameters are those of the protocol's arguments.
/// </summary>
internal sealed class ImageTools(EngineCalls engine, RequestReading reading, StreamPlaces places, McpOverlay overlays)
{
    private const int LargestOverlay = 2048, UsualOverlay = 1024, UsualMost = 100, LargestMost = 1000;
    private const string Levels = "Levels wanted, from the largest to the smallest: scene, group, whole, part, subpart, detail; all when absent.";
    private const string Region = "[x1, y1, x2, y2], whole pixels: only this part of the image is looked at, at its full resolution.";
    private const string Points = "Clicks: [[x, y, 1 or 0], ...] in pixels; 1, which may be left out, is what is wanted, 0 what is not.";
    private const string Box = "[x1, y1, x2, y2] in pixels: left, top, right, bottom.";
    private const string Pixels = "How the pixels of masks come beside the overlay: none, polygons or rle.";
    private const string Overlay = "Longer side of the overlay PNG in pixels, 64 to 2048; 0 for no overlay.";
    private const string Most = "So many masks at most, the largest; 1 to 1000.";

    [McpServerTool(Name = "segment", Title = "Segment", ReadOnly = true, Idempotent = true, OpenWorld = false, UseStructuredContent = true,
        OutputSchemaType = typeof(McpAnswer))]
    [Description("Finds masks of what points, a box or names tell. A place answers with masks of it; names alone find everything that carries them, and say "
        + "which of them the image does not show. \"wheel of a car\" is a part of a whole.")]
    public async Task<CallToolResult> Segment(
        ImageRequest image,
        [Description(Points)] double[][]? points = null,
        [Description(Box)] double[]? box = null,
        [Description("Names: \"car\", \"wheel of a car\". Beside a place they label its masks.")] string[]? names = null,
        [Description(Levels)] GranularityLevel[]? levels = null,
        [Description("Masks of a place: single (the best), distinct (the good ones that differ), every_level (one a level). "
            + "Default: single, and every_level where levels are given.")] MaskChoice? masks = null,
        [Description("A name counts as present when its probability reaches this; 0 to 1.")] double? presence_threshold = null,
        [Description(Region)] int[]? region = null,
        [Description(Pixels)] MaskPixels pixels = MaskPixels.None,
        [Description(Overlay)] int overlay = UsualOverlay,
        [Description(Most)] int most = UsualMost,
        CancellationToken cancellation = default)
    {
        var options = new SegmentOptions
        {
            Levels = Chosen(levels), Masks = masks ?? (levels is null ? MaskChoice.Single : MaskChoice.EveryLevel), PresenceThreshold = presence_threshold,
        };
        return await About(image, new() { Points = points, Box = box, Names = names }, region, new(pixels, overlay, most), async (incoming, part, prompt) =>
        {
            var answer = await engine.Segment(incoming, part, [prompt], options, cancellation).ConfigureAwait(false);
            return (answer.With(answer.Value.Masks), answer.Value.Names);
        }, cancellation).ConfigureAwait(false);
    }

    [McpServerTool(Name = "parts", Title = "Parts of a thing", ReadOnly = true, Idempotent = true, OpenWorld = false, UseStructuredContent = true,
        OutputSchemaType = typeof(McpAnswer))]
    [Description("What the thing at a place consists of: the thing first, then its parts, each with its parent. With whole set it goes the other way: what "
        + "the place belongs to, from the smallest mask to the largest.")]
    public async Task<CallToolResult> Parts(
        ImageRequest image,
        [Description(Points)] double[][]? points = null,
        [Description(Box)] double[]? box = null,
        [Description("Names of the thing, where it is not pointed at.")] string[]? names = null,
        [Description("What the place belongs to instead of what it consists of.")] bool whole = false,
        [Description(Region)] int[]? region = null,
        [Description(Pixels)] MaskPixels pixels = MaskPixels.None,
        [Description(Overlay)] int overlay = UsualOverlay,
        [Description(Most)] int most = UsualMost,
        CancellationToken cancellation = default)
    {
        return await About(image, new() { Points = points, Box = box, Names = names }, region, new(pixels, overlay, most), async (incoming, part, prompt) =>
            (await engine.Ask(incoming, part, prompt, (session, placed) => whole ? session.WholeOf(placed) : session.PartsOf(placed, new EverythingOptions()),
                cancellation).ConfigureAwait(false), null), cancellation).ConfigureAwait(false);
    }

    [McpServerTool(Name = "everything", Title = "Segment everything", ReadOnly = true, Idempotent = true, OpenWorld = false, UseStructuredContent = true,
        OutputSchemaType = typeof(McpAnswer))]
    [Description("Segments everything in an image, as a tree of wholes and parts. It takes longer than a question about one place, and reports its progress.")]
    public async Task<CallToolResult> Everything(
        ImageRequest image,
        IProgress<ProgressNotificationValue> progress,
        [Description(Levels)] GranularityLevel[]? levels = null,
        [Description("Clicks along each side; 1 to 128.")] int? points_per_side = null,
        [Description("Masks of fewer pixels are dropped.")] int? min_mask_area = null,
        [Description(Region)] int[]? region = null,
        [Description(Pixels)] MaskPixels pixels = MaskPixels.None,
        [Description(Overlay)] int overlay = UsualOverlay,
        [Description(Most)] int most = UsualMost,
        CancellationToken cancellation = default)
    {
        var told = new Presentation(pixels, overlay, most).Checked();
        using var place = places.Take();
        var incoming = await Incoming(image, cancellation).ConfigureAwait(false);
        var options = RequestMapping.Options(new EverythingRequest
        {
            Image = image, Levels = Chosen(levels), PointsPerSide = points_per_side, MinMaskArea = min_mask_area,
        });
        var decided = new List<MaskResult>();
        Answered<EverythingStep>? last = null;
        await foreach (var step in engine.Everything(incoming, RequestMapping.Region(region), options, cancellation).ConfigureAwait(false))
        {
            last = step;
            decided.AddRange(step.Value.Decided);
            progress.Report(new() { Progress = (float)step.Value.Share, Total = 1, Message = $"{decided.Count} masks" });
        }
        return await Result(last!.With<IReadOnlyList<MaskResult>>(decided), null, null, told, cancellation).ConfigureAwait(false);
    }

    /// <summary>Asks about a place or names, in the order of cost: what is malformed is refused before anything is fetched or read.</summary>
    private async Task<CallToolResult> About(ImageRequest image, PromptRequest asked, int[]? region, Presentation told,
        Func<IncomingImage, BoxI?, PlacedPrompt, Task<(Answered<IReadOnlyList<MaskResult>> Answer, IReadOnlyList<NameReport>? Names)>> ask,
        CancellationToken cancellation)
    {
        told.Checked();
        var prompt = RequestMapping.Prompt(asked);
        var incoming = await Incoming(image, cancellation).ConfigureAwait(false);
        var (answer, names) = await ask(incoming, RequestMapping.Region(region), prompt).ConfigureAwait(false);
        return await Result(answer, names, prompt.Prompt, told, cancellation).ConfigureAwait(false);
    }

    private Task<IncomingImage> Incoming(ImageRequest image, CancellationToken cancellation)
    {
        if (image is null) throw ApiException.Bad("The image is missing.");
        engine.ThrowIfBusy(); // before anything is fetched or read
        return reading.Image(image, cancellation);
    }

    private async Task<CallToolResult> Result(Answered<IReadOnlyList<MaskResult>> answer, IReadOnlyList<NameReport>? names, Prompt? prompt,
        Presentation told, CancellationToken cancellation)
    {
        MaskResult[] all = [.. answer.Value.Where(m => !m.Mask.IsEmpty).OrderByDescending(m => m.Area)], listed = [.. all.Take(told.Most)];
        listed = [.. PartTree.Build(listed).WithParents(listed)];
        var image = told.Overlay == 0 ? null : await overlays.Paint(answer.Image, listed, prompt, told.Overlay, cancellation).ConfigureAwait(false);
        return McpResults.Of(McpAnswer.Of(answer, listed, all.Length, told.Pixels, names), image);
    }

    private static IReadOnlyList<GranularityLevel>? Chosen(GranularityLevel[]? levels) =>
        levels is { Length: 0 } ? throw ApiException.Bad("Ask for at least one level, or leave 'levels' out for all.") : levels?.Distinct().ToArray();

    /// <summary>How an answer is told.</summary>
    /// <param name="Pixels">How the pixels of masks come.</param>
    /// <param name="Overlay">Longer side of the overlay; 0 for none.</param>
    /// <param name="Most">So many masks at most.</param>
    private readonly record struct Presentation(MaskPixels Pixels, int Overlay, int Most)
    {
        /// <summary>The same, if it is within the limits.</summary>
        /// <exception cref="ApiException">It is not.</exception>
        public Presentation Checked()
        {
            if (Overlay != 0 && Overlay is < 64 or > LargestOverlay)
                throw ApiException.Bad($"'overlay' is {Overlay}; allowed are 0 and 64 to {LargestOverlay}.");
            if (Most is < 1 or > LargestMost) throw ApiException.Bad($"'most' is {Most}; allowed are 1 to {LargestMost}.");
            return this;
        }
    }
}
