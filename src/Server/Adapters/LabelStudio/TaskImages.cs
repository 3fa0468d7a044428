using SemanticSam.Server.Images;

namespace SemanticSam.Server.Adapters.LabelStudio;

/// <summary>An image of a task.</summary>
/// <param name="File">Its file; null where it lies elsewhere.</param>
/// <param name="Elsewhere">Where Label Studio says that it lies, in the storage of a cloud; null where it gave the file.</param>
internal readonly record struct TaskImage(byte[]? File, string? Elsewhere);

/// <summary>
/// The images of tasks: from the Label Studio that connected itself by /setup, below the paths under which it gives out files, with the token that it gave;
/// and from nowhere else. It may stand on a private address, as it mostly does; where it leads on is told, and the token goes nowhere else.
/// </summary>
internal sealed class TaskImages : IDisposable
{
    /// <summary>Projects that are remembered; a new one takes the place of the oldest.</summary>
    private const int MostProjects = 100;

    private static readonly string[] Paths = ["/data/", "/storage-data/", "/tasks/"];

    /// <summary>Schemes of addresses in the storage of a cloud, which Label Studio resolves.</summary>
    private static readonly string[] Clouds = ["s3://", "gs://", "azure-blob://"];

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

    /// <summary>
    /// The address of a task's image in Label Studio: what lies in the storage of a cloud is asked of the task, and uploads, which exports and older
    /// versions name without it, lie below /data.
    /// </summary>
    /// <param name="image">As the task has it.</param>
    /// <param name="task">Number of the task.</param>
    public static string Resolve(string image, string? task)
    {
        if (Clouds.Any(c => image.StartsWith(c, StringComparison.OrdinalIgnoreCase)))
            return task is null ? image : $"/tasks/{Uri.EscapeDataString(task)}/presign/?fileuri={Uri.EscapeDataString(image)}";
        return image.TrimStart('/').StartsWith("upload/", StringComparison.Ordinal) ? "/data/" + image.TrimStart('/') : image;
    }

    /// <summary>Fetches an image.</summary>
    /// <param name="project">Its project.</param>
    /// <param name="image">See <see cref="Resolve"/>.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <param name="cancellation">The client gave up.</param>
    /// <exception cref="RefusedException">It is not of the project's Label Studio, or does not come.</exception>
    public async Task<TaskImage> Fetch(string project, string image, long most, CancellationToken cancellation)
    {
        if (Find(project) is not { } found || Address(found.Host, image) is not { } address)
            throw new RefusedException("url_refused", "The image of the task is not one of the Label Studio that connected this project. "
                + "If this server was started anew since, connect it there again (Settings, Model).");
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (found.Token.Length > 0) request.Headers.TryAddWithoutValidation("Authorization", "Token " + found.Token);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if ((int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } elsewhere)
                return new(null, new Uri(address, elsewhere).AbsoluteUri);
            return new(await UrlImages.Body(response, most, cancellation).ConfigureAwait(false), null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UriFormatException
            || e is OperationCanceledException && !cancellation.IsCancellationRequested)
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
