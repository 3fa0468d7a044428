using System.Diagnostics;
using Microsoft.Playwright;

namespace SemanticSam.Tests.Server;

/// <summary>
/// The system's Chromium and a server with the embedded model, once for all classes that drive the page: the first page of a browser costs seconds. Without
/// a browser the tests are skipped, and say why.
/// </summary>
[CollectionDefinition(Shared)]
public sealed class Browser : IAsyncLifetime, ICollectionFixture<Browser>
{
    /// <summary>Name of the collection of those classes.</summary>
    public const string Shared = "browser";

    /// <summary>Profiles that stay open: those of one test.</summary>
    private const int MostContexts = 4;

    private static readonly string[] Places =
    [
        Environment.GetEnvironmentVariable("SEMSAM_BROWSER") ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        @"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private readonly Queue<IBrowserContext> _contexts = new();
    private string? _missing;

    internal TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        string? program = Places.FirstOrDefault(File.Exists);
        if (program is null)
        {
            _missing = "there is no Chromium: install one (on Debian: apt-get install chromium), or name it in SEMSAM_BROWSER";
            return;
        }
        Server = await TestServer.Start();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, // A camera that shows a test pattern, allowed without asking.
            Args = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"] });
    }

    /// <summary>A page in a profile of its own, with the errors that its scripts raise; at the server's start, or where a link leads.</summary>
    internal async Task<(IPage Page, List<string> Errors)> Open(BrowserNewContextOptions? options = null, string? link = null)
    {
        Skip.If(_missing is not null, _missing);
        var context = await _browser!.NewContextAsync(options ?? new() { ViewportSize = new() { Width = 1280, Height = 800 } });
        // Those of tests that are over: each keeps six connections to the server, which has only so many.
        _contexts.Enqueue(context);
        while (_contexts.Count > MostContexts) await _contexts.Dequeue().CloseAsync();
        var page = await context.NewPageAsync();
        var errors = new List<string>();
        page.PageError += (_, error) => errors.Add(error);
        page.Console += (_, message) =>
        {
            // That an image is not known yet is asked by a request that browsers report.
            if (message.Type == "error" && !message.Text.Contains("404", StringComparison.Ordinal)) errors.Add(message.Text);
        };
        page.SetDefaultTimeout(60_000);
        await page.GotoAsync(link ?? Server.Server.Addresses[0]);
        await Until(page, "globalThis.semsam?.store.model");
        return (page, errors);
    }

    /// <summary>Waits until an expression holds. Playwright's own way would need the page to allow eval, which it does not.</summary>
    internal static async Task Until(IPage page, string expression)
    {
        for (var watch = Stopwatch.StartNew(); !await page.EvaluateAsync<bool>($"Boolean({expression})"); await Task.Delay(20))
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"it did not come to {expression}; the page says: {await page.TextContentAsync("#status")}");
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (Server is not null) await Server.DisposeAsync();
    }
}
