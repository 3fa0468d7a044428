using SemanticSam.Engine;

namespace SemanticSam.Server.Inference;

/// <summary>Everything mode in the middle of its work. Used by the worker's thread alone; the image stays in the cache until <see cref="End"/>.</summary>
internal sealed class EverythingRun
{
    private readonly CachedImage _image;
    private readonly IAsyncEnumerator<EverythingStep> _steps;

    public EverythingRun(CachedImage image, EverythingOptions options, CancellationToken cancellation)
    {
        _image = image;
        Notices = image.Session.NoticeOf(options) is { } notice ? [notice] : [];
        _steps = image.Session.FollowEverything(options, cancellation).GetAsyncEnumerator(CancellationToken.None);
        image.Pins++;
    }

    /// <summary>What is not taken as it was asked.</summary>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>Computes the next step; null after the last.</summary>
    public EverythingStep? Next() => _steps.MoveNextAsync().AsTask().GetAwaiter().GetResult() ? _steps.Current : null;

    /// <summary>Lets go of the image.</summary>
    public bool End()
    {
        _image.Pins--;
        _steps.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return true;
    }
}
