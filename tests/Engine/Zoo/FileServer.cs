using System.Net;
using System.Net.Sockets;

namespace SemanticSam.Tests.Engine.Zoo;

/// <summary>A file over HTTP on this machine, with the faults a test asks for.</summary>
internal sealed class FileServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _loop;

    public FileServer(byte[] content)
    {
        Content = content;
        int port = FreePort();
        Address = new Uri($"http://127.0.0.1:{port}/file.safetensors");
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
        _loop = Task.Run(ServeAsync);
    }

    public Uri Address { get; }

    public byte[] Content { get; set; }

    public string? Tag { get; set; } = "\"one\"";

    /// <summary>Whether ranges are honored.</summary>
    public bool Ranges { get; set; } = true;

    /// <summary>Connections are cut after so many bytes of the body, as often as <see cref="Cuts"/> says.</summary>
    public int CutAfter { get; set; }

    public int Cuts { get; set; }

    public int? Status { get; set; }

    /// <summary>Requests that are sent elsewhere on this server before the file is given.</summary>
    public int Redirections { get; set; }

    /// <summary>First byte that each request asked for.</summary>
    public List<long> Asked { get; } = [];

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                await AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
            {
                // the listener was stopped, or the client left
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var response = context.Response;
        if (Redirections > 0)
        {
            Redirections--;
            response.Redirect(new Uri(Address, $"/elsewhere/{Redirections}").ToString());
            response.Close();
            return;
        }
        long from = context.Request.Headers["Range"] is { } range ? long.Parse(range["bytes=".Length..^1]) : 0;
        Asked.Add(from);
        if (context.Request.Headers["If-Range"] is { } tag && tag != Tag) from = 0;
        if (!Ranges) from = 0;
        if (Status is { } status)
        {
            response.StatusCode = status;
            response.Close();
            return;
        }
        if (from > 0 && from >= Content.Length)
        {
            response.StatusCode = 416;
            response.AddHeader("Content-Range", $"bytes */{Content.Length}");
            response.Close();
            return;
        }
        if (Tag is not null) response.AddHeader("ETag", Tag);
        if (from > 0)
        {
            response.StatusCode = 206;
            response.AddHeader("Content-Range", $"bytes {from}-{Content.Length - 1}/{Content.Length}");
        }
        response.ContentLength64 = Content.Length - from;
        bool cut = Cuts-- > 0;
        int count = cut ? Math.Min(CutAfter, Content.Length - (int)from) : Content.Length - (int)from;
        await response.OutputStream.WriteAsync(Content.AsMemory((int)from, count));
        await response.OutputStream.FlushAsync();
        if (cut) response.Abort();
        else response.Close();
    }

    public void Dispose()
    {
        _listener.Stop();
        _listener.Close();
        _loop.Wait(TimeSpan.FromSeconds(5));
    }
}
