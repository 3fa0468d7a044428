using System.Diagnostics;
using SemanticSam.Cli.Requests;
using SemanticSam.Engine;
using SemanticSam.Formats.Results;
using SemanticSam.Imaging;

namespace SemanticSam.Cli.Running;

/// <summary>Answers lines with one model; consecutive lines of one image share its session.</summary>
internal sealed class SegmentJob : IDisposable
{
    private readonly SegmentRequest _request;
    private readonly SegmentationModel _model;
    private string? _path;
    private RgbImage? _image;
    private ImageSession? _session;
    private IReadOnlyList<string> _noticed = [];
    private double _load;

    /// <summary>Loads the model.</summary>
    /// <param name="request">Names it, and the features to take.</param>
    public SegmentJob(SegmentRequest request)
    {
        _request = request;
        (_model, _load) = request.Model.OpenTimed();
    }

    /// <summary>An image that can be segmented.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="maxPixels">Pixels of the largest image.</param>
    /// <param name="notice">Told what was assumed of it.</param>
    /// <exception cref="ImageException">It cannot.</exception>
    public static RgbImage Read(string path, long maxPixels, Action<string> notice)
    {
        var image = ImageDecoder.Decode(path, new() { MaxPixels = maxPixels, Notice = notice, LeastShare = ImageDecoderOptions.ShownShare });
        ImageException.ThrowIfTooSmall(image.Width, image.Height, path);
        return image;
    }

    /// <summary>Answers a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="progress">Told the share done by everything mode, 0 to 1; may be null.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <param name="notice">Told of what was not taken as it was asked.</param>
    /// <param name="image">Its image, where that has been read already, and what was told of it then.</param>
    public async Task<SegmentOutcome> Run(PromptLine line, IProgress<double>? progress, CancellationToken cancellation, Action<string> notice,
        (RgbImage Pixels, IReadOnlyList<string> Noticed)? image = null)
    {
        double encode = 0;
        var noticed = new List<string>();
        void Told(string sentence)
        {
            noticed.Add(sentence);
            notice(sentence);
        }
        if (line.Image != _path)
        {
            Close();
            _image = image?.Pixels ?? Read(line.Image, _request.MaxPixels, Told);
            _noticed = image?.Noticed ?? [.. noticed];
            noticed.Clear();
            _session = Open(_image);
            _path = line.Image;
            encode = _session.EncodeTime.TotalSeconds;
        }
        cancellation.ThrowIfCancellationRequested();
        var watch = Stopwatch.StartNew();
        var answer = await Answer.Of(_session!, line, _request.Ask, progress, cancellation, Told);
        var seconds = new StepSeconds(_load, encode, watch.Elapsed.TotalSeconds);
        _load = 0; // only the first line waited for the model
        return new(line, _image!, _model.Identity, answer.Masks, seconds) { Names = answer.Names, Notices = [.. _noticed, .. noticed] };
    }

    private ImageSession Open(RgbImage image)
    {
        if (_request.Features is not { } features) return _model.Open(image);
        if (File.Exists(features)) return _model.OpenFeatures(features, image);
        var session = _model.Open(image);
        try
        {
            OutputException.Guard(() => session.SaveFeatures(features));
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private void Close()
    {
        _session?.Dispose();
        (_session, _image, _path, _noticed) = (null, null, null, []);
    }

    public void Dispose()
    {
        Close();
        _model.Dispose();
    }
}
