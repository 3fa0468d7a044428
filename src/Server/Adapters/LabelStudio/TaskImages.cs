using SemanticSam.Server.Images;

namespace SemanticSam.Server.Adapters.LabelStudio;

/// <summary>
/// The images of tasks: from the Label Studio that connected itself by /setup, below the paths under which it gives out files, with the token that it gave;
/// and from nowhere else. It may stand on a private address, as it mostly does; redirects are not followed, so the token goes nowhere else either.
/// </summary>
internal sealed class TaskImages : IDisposable
{
    /// <summary>Projects that are remembered; a new one takes the place of the oldest.</summary>
    private const int MostProjects = 100;

    private static readonly string[] Paths = ["/data/", "/storage-data/", "/tasks/"];

    private readonly Lock _lock = new();
    private readonly List<(string Project, Uri Host, string Token)> _projects = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler {
        AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) }) { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Remembers where a project's images are.</summary>
    public void Remember(string project, string? hostname, string? token)
    {
        if (!Uri.TryCreate(hostname, UriKind.Absolute, out var host) || host.Scheme is not ("http" or "https") || host.UserInfo.Length > 0) return;
        lock (_lock)
        {
            _projects.RemoveAll(p => p.Project == project);
            if (_projects.Count == MostProjects) _projects.RemoveAt(0);
            _projects.Add((project, host, token ?? ""));
        }
    }

    /// <summary>Whether an image is one of the project's own Label Studio.</summary>
    public bool IsOwn(string project, string image) => Find(project) is { } found && Address(found.Host, image) is not null;

    /// <summary>Fetches an image.</summary>
    /// <exception cref="RefusedException">It lies elsewhere, or does not come.</exception>
    public async Task<byte[]> Fetch(string project, string image, long most, CancellationToken cancellation)
    {
        if (Find(project) is not { } found || Address(found.Host, image) is not { } address)
            throw new RefusedException("url_refused", "The image of the task is not one of the Label Studio that connected this project. "
                + "If this server was started anew since, connect it there again (Settings, Model).");
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (found.Token.Length > 0) request.Headers.TryAddWithoutValidation("Authorization", "Token " + found.Token);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            return await UrlImages.Body(response, most, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || e is OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new RefusedException("url_failed", "The image could not be fetched from Label Studio.");
        }
    }

    private (Uri Host, string Token)? Find(string project)
    {
        lock (_lock)
        {
            int at = _projects.FindLastIndex(p => p.Project == project);
            return at < 0 ? null : (_projects[at].Host, _projects[at].Token);
        }
    }

    /// <summary>The image's address, if it is the host's; null otherwise.</summary>
    private static Uri? Address(Uri host, string image)
    {
        if (!Uri.TryCreate(host, image, out var address)) return null;
        bool own = address.Scheme == host.Scheme && address.Authority == host.Authority && address.UserInfo.Length == 0;
        // A Label Studio behind a path of a proxy has it before its own paths.
        string below = host.AbsolutePath.TrimEnd('/');
        return own && Paths.Any(p => address.AbsolutePath.StartsWith(below + p, StringComparison.Ordinal)
            || address.AbsolutePath.StartsWith(p, StringComparison.Ordinal)) ? address : null;
    }

    public void Dispose() => _client.Dispose();
}
