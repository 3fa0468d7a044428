using System.Diagnostics;
using SemanticSam.Cli.Requests;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Formats.Coco;
using SemanticSam.Formats.Results;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Cli.Running;

/// <summary>What a line gave.</summary>
internal sealed record SegmentOutcome(PromptLine Line, RgbImage Image, IReadOnlyList<MaskResult> Results, StepSeconds Seconds);

/// <summary>Answers prompt lines with one model; consecutive lines of one picture share its session.</summary>
internal sealed class SegmentJob(SegmentationModel model, double loadSeconds,
    Func<ImageSession, Prompt, IReadOnlyList<MaskResult>>? ask = null, string? features = null) : IDisposable
{
    private string? _path;
    private RgbImage? _image;
    private ImageSession? _session;
    private double _load = loadSeconds;

    public async Task<SegmentOutcome> Run(PromptLine line, IProgress<double>? progress, CancellationToken cancellation)
    {
        double encode = Open(line.Image);
        var session = _session!;
        cancellation.ThrowIfCancellationRequested();
        var watch = Stopwatch.StartNew();
        var results = new List<MaskResult>();
        if (line.Everything is { } everything)
            results.AddRange(await session.CollectEverything(everything with { Levels = line.Levels }, progress, cancellation));
        else
        {
            var prompt = line.ToPrompt(session.Width, session.Height);
            results.AddRange(ask?.Invoke(session, prompt) ?? session.Segment(prompt, new SegmentOptions { Levels = line.Levels }));
        }
        var seconds = new StepSeconds(_load, encode, watch.Elapsed.TotalSeconds);
        _load = 0; // only the first line waited for the model
        return new SegmentOutcome(line, _image!, results, seconds);
    }

    /// <summary>Seconds spent encoding; 0 when the picture is open already.</summary>
    private double Open(string path)
    {
        if (path == _path) return 0;
        Close();
        _image = ImageDecoder.Decode(path);
        ImageTooSmallException.ThrowIf(_image.Width, _image.Height, path);
        _session = features is null ? model.Open(_image) : OpenWithFeatures(_image);
        _path = path;
        return _session.EncodeTime.TotalSeconds;
    }

    private ImageSession OpenWithFeatures(RgbImage image)
    {
        if (File.Exists(features)) return model.OpenFeatures(features, image);
        var session = model.Open(image);
        try
        {
            session.SaveFeatures(features!);
            return session;
        }
        catch (Exception e)
        {
            session.Dispose();
            if (e is IOException) throw new OutputException(e.Message, e);
            throw;
        }
    }

    private void Close()
    {
        _session?.Dispose();
        (_session, _image, _path) = (null, null, null);
    }

    public void Dispose() => Close();
}
