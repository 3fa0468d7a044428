using System.Diagnostics;
using Microsoft.Playwright;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server;

/// <summary>That the page loses nothing and changes nothing else than what was meant; and says what went wrong.</summary>
[Collection(Browser.Shared)]
public sealed class PageKeepingTests(Browser browser)
{
    private async Task<(IPage Page, List<string> Errors)> Open(int objects = 0)
    {
        var (page, errors) = await browser.Open();
        await page.SetInputFilesAsync("#picker", new FilePayload { Name = "ball.png", MimeType = "image/png", Buffer = TestServer.Picture(0, 480, 320) });
        await Browser.Until(page, "semsam.store.image?.ready && !semsam.store.busy");
        if (objects > 0)
            await page.EvaluateAsync("""
                n => Promise.all(["store", "outline", "ask"].map(m => import(`/page/js/${m}.js`))).then(([{ commit }, { fill }, { objectOf }]) => {
                  const box = i => ({ mask: fill([[20 + 110 * i, 100, 120 + 110 * i, 100, 120 + 110 * i, 200, 20 + 110 * i, 200]], 480, 320) });
                  commit("test", { objects: Array.from({ length: n }, (_, i) => ({ ...objectOf(box(i)), id: i + 1 })), selection: [1] });
                })
                """, objects);
        return (page, errors);
    }

    private static Task Run(IPage page, string module, string call) => page.EvaluateAsync($"import('/page/js/{module}.js').then(m => m.{call})");

    /// <summary>A tab that is closed while its server still loads the model has nothing to keep, and nothing to forget.</summary>
    [SkippableFact]
    public async Task Tab_ClosedBeforeItsPicture_LeavesWhatIsKept()
    {
        var (page, errors) = await Open(objects: 1);
        await Run(page, "store", "save()");
        var second = await page.Context.NewPageAsync();
        await second.RouteAsync("**/api/v1/model", _ => Task.CompletedTask); // never answered
        await second.GotoAsync(browser.Server.Server.Addresses[0]);
        await Browser.Until(second, "globalThis.semsam");
        await second.EvaluateAsync("dispatchEvent(new Event('pagehide'))"); // as a page has it that lives on for a while, to be gone back to
        await Task.Delay(500);
        await second.CloseAsync();
        var third = await page.Context.NewPageAsync(); // has what was changed last
        await third.GotoAsync(browser.Server.Server.Addresses[0]);
        await Browser.Until(third, "globalThis.semsam?.store.image?.ready");
        Assert.Equal(1, await third.EvaluateAsync<int>("semsam.store.doc.objects.length"));
        Assert.Empty(errors);
    }

    /// <summary>Corners that were moved belong to the mask that they are of, whatever is selected when the tool is put down; each move can be undone.</summary>
    [SkippableFact]
    public async Task Corners_StayWithTheirMask()
    {
        var (page, errors) = await Open(objects: 2);
        await page.FocusAsync("#canvas");
        await page.Keyboard.PressAsync("c");
        var canvas = (await page.Locator("#canvas").BoundingBoxAsync())!;
        var from = await page.EvaluateAsync<double[]>("import('/page/js/view.js').then(({ toScreen }) => { const p = toScreen(20, 100); return [p.x, p.y]; })");
        await page.Mouse.MoveAsync((float)(canvas.X + from[0]), (float)(canvas.Y + from[1]));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync((float)(canvas.X + from[0] + 40), (float)(canvas.Y + from[1] + 40), new() { Steps = 4 });
        await page.Mouse.UpAsync();
        await Run(page, "edit", "select(2)");
        await page.Keyboard.PressAsync("v");
        int[] areas = await page.EvaluateAsync<int[]>("semsam.store.doc.objects.map(o => o.mask.area)");
        Assert.True(areas[0] < 9_900, $"{areas[0]}");
        Assert.Equal(10_000, areas[1]);
        await page.Keyboard.PressAsync("Control+z"); // the selection
        await page.Keyboard.PressAsync("Control+z"); // the corner
        areas = await page.EvaluateAsync<int[]>("semsam.store.doc.objects.map(o => o.mask.area)");
        Assert.Equal([10_000, 10_000], areas);
        Assert.Empty(errors);
    }

    /// <summary>"Undo" of a deletion takes back the deletion, also when something else was done since.</summary>
    [SkippableFact]
    public async Task Undo_OfADeletion_LeavesWhatWasDoneSince()
    {
        var (page, errors) = await Open(objects: 3);
        await Run(page, "edit", "change([2], { parent: 1 }, 'test')");
        await Run(page, "edit", "remove([1])");
        await Run(page, "edit", "change([2], { name: 'kept' }, 'rename')");
        await page.ClickAsync("#toast-action");
        int[] ids = await page.EvaluateAsync<int[]>("semsam.store.doc.objects.map(o => o.id).sort()");
        Assert.Equal([1, 2, 3], ids);
        Assert.Equal("kept", await page.EvaluateAsync<string>("semsam.store.doc.objects.find(o => o.id === 2).name"));
        Assert.Equal(1, await page.EvaluateAsync<int>("semsam.store.doc.objects.find(o => o.id === 2).parent"));
        Assert.Empty(errors);
    }

    [SkippableFact]
    public async Task Groups_OfTwoTimes_AreTwoGroups()
    {
        var (page, errors) = await Open(objects: 4);
        foreach (string pair in new[] { "[1, 2]", "[3, 4]", "[1, 2]", "[1, 2]" }) // the first is ungrouped and grouped again
        {
            await Run(page, "store", $"commit('select', {{ selection: {pair} }})");
            await Run(page, "edit", "group()");
        }
        string[] groups = await page.EvaluateAsync<string[]>("semsam.store.doc.objects.map(o => o.group)");
        Assert.Equal(groups[0], groups[1]);
        Assert.NotEqual(groups[1], groups[2]);
        Assert.Empty(errors);
    }

    /// <summary>A stream that ends without its end, and one that says why it cannot go on.</summary>
    [SkippableTheory]
    [InlineData("""{"event": "progress", "share": 0.5, "candidates": []}""", "broke off")]
    [InlineData("""{"event": "error", "code": "internal", "error": "The server failed unexpectedly."}""", "failed unexpectedly")]
    public async Task Everything_BrokenOff_IsSaid(string line, string said)
    {
        var (page, _) = await Open();
        await page.RouteAsync("**/api/v1/everything", route => route.FulfillAsync(new() { ContentType = "application/x-ndjson", Body = line + "\n" }));
        await page.ClickAsync("#everything");
        await Browser.Until(page, "!document.querySelector('#toast').hidden && !semsam.store.busy");
        Assert.Contains(said, await page.TextContentAsync("#toast-text"), StringComparison.Ordinal);
        Assert.Equal(said == "broke off", await page.IsVisibleAsync("#toast-action"));
    }

    [SkippableFact]
    public async Task Words_WithoutAPicture_AreKeptForIt()
    {
        var (page, errors) = await browser.Open();
        await page.FillAsync("#word", "ball");
        await page.PressAsync("#word", "Enter");
        Assert.Contains("Open a picture", await page.TextContentAsync("#toast-text"), StringComparison.Ordinal);
        Assert.Equal("ball", await page.InputValueAsync("#word"));
        Assert.Empty(errors);
    }

    [SkippableFact]
    public async Task Key_ThatIsRefused_IsSaidSo()
    {
        var (page, _) = await Open();
        await page.RouteAsync("**/api/v1/segment", route => route.FulfillAsync(new() { Status = 401, ContentType = "application/problem+json", Body = "{}" }));
        await page.Locator("#canvas").ClickAsync();
        await page.Locator("#key-dialog").WaitForAsync();
        Assert.False(await page.IsVisibleAsync("#key-refused"));
        await page.FillAsync("#key", "not one of them");
        await page.ClickAsync("#key-dialog button.primary");
        await page.Locator("#key-refused").WaitForAsync();
        await page.ClickAsync("#key-dialog button[value=no]");
        await Browser.Until(page, "document.querySelector('#toast-action').textContent === 'Enter it'");
    }

    [SkippableFact]
    public async Task Export_OfWhatWasErasedToTheLastPixel_IsLeftOutAndSaid()
    {
        var (page, errors) = await Open(objects: 2);
        await Run(page, "edit", "change([2], o => ({ mask: o.mask.subtract(o.mask) }), 'erase')");
        await Run(page, "export", "openExport()");
        Assert.Contains("1 object. 1 object without a pixel left out.", await page.TextContentAsync("#export-body"), StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    /// <summary>What is copied asks what the page asks: the region, the threshold, names with any sign in them.</summary>
    [SkippableFact]
    public async Task Code_AsksWhatThePageAsks()
    {
        var (page, errors) = await Open();
        await page.EvaluateAsync("""
            import("/page/js/store.js").then(({ commit }) => commit("test", { region: [40, 30, 400, 300], words: [
              { text: 'red; "ball"\u2028', color: "#000000", visible: true, threshold: 0.25, masks: [], asked: true }] }))
            """);
        string csharp = await page.EvaluateAsync<string>("import('/page/js/export.js').then(e => e.csharp())");
        Assert.Contains("""model.Open(ImageDecoder.Decode("ball.png").Crop(40, 30, 360, 270))""", csharp, StringComparison.Ordinal);
        Assert.Contains("""Names = ["red; \"ball\"\u2028"] }, new SegmentOptions { PresenceThreshold = 0.25 })""", csharp, StringComparison.Ordinal);
        await Run(page, "store", "commit('test', { prompt: { points: [{ x: 100, y: 60.5, positive: true }], box: null } })");
        csharp = await page.EvaluateAsync<string>("import('/page/js/export.js').then(e => e.csharp())");
        Assert.Contains("Points = [new(60f, 30.5f)]", csharp, StringComparison.Ordinal); // within the region
        string link = await page.EvaluateAsync<string>("import('/page/js/open.js').then(o => o.toHash())");
        Assert.Contains("r=40%2C30%2C400%2C300", link, StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    /// <summary>By a real shell and a real curl.</summary>
    [SkippableFact]
    public async Task Curl_OfNamesWithSemicolons_IsAnswered()
    {
        Skip.IfNot(File.Exists("/usr/bin/curl") && File.Exists("/bin/sh"), "there is no curl");
        var (page, _) = await Open();
        await page.EvaluateAsync("""
            import("/page/js/store.js").then(({ commit }) => commit("test", { words: [
              { text: "ball; type=x", color: "#000000", visible: true, threshold: null, masks: [], asked: true }] }))
            """);
        string curl = await page.EvaluateAsync<string>("import('/page/js/export.js').then(e => e.curl())");
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.File("ball.png"), TestServer.Picture(0, 480, 320));
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", curl]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true,
            RedirectStandardError = true })!;
        string answer = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Contains("\"image_id\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"names\":[{", answer, StringComparison.Ordinal); // it was asked, whatever the model makes of it
    }

    /// <summary>A window of 320 pixels, or a page at 400 % of its size in one of 1280: what is pressed lies within it, dialogs as well.</summary>
    [SkippableFact]
    public async Task Window_Of320Pixels_CutsNothingOff()
    {
        const string Cut = """
            [...document.querySelectorAll("button, input, select, h2, p, summary, pre")]
              .filter(e => e.checkVisibility() && !e.closest("#tools, .hidden, #chips"))
              .filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.right > innerWidth + 0.5 || r.left < -0.5); })
              .map(e => e.id || e.className || e.textContent.slice(0, 20)).join("; ")
            """;
        var (page, errors) = await browser.Open(new() { ViewportSize = new() { Width = 320, Height = 640 } });
        Assert.Equal("", await page.EvaluateAsync<string>(Cut)); // the start
        await page.SetInputFilesAsync("#picker", new FilePayload { Name = "ball.png", MimeType = "image/png", Buffer = TestServer.Picture(0, 480, 320) });
        await Browser.Until(page, "semsam.store.image?.ready && !semsam.store.busy");
        await page.Locator("#canvas").ClickAsync();
        await Browser.Until(page, "semsam.store.doc.candidates.length > 0");
        Assert.Equal("", await page.EvaluateAsync<string>(Cut));
        await page.ClickAsync("#finish");
        await page.ClickAsync("#sheet");
        Assert.Equal("", await page.EvaluateAsync<string>(Cut));
        foreach (string open in new[] { "document.querySelector('#menu-dialog').showModal()", "import('/page/js/export.js').then(e => e.openExport())",
            "import('/page/js/keys.js').then(k => k.help())" })
        {
            await page.EvaluateAsync(open);
            Assert.Equal("", await page.EvaluateAsync<string>(Cut));
            await page.EvaluateAsync("document.querySelector('dialog[open]').close()");
        }
        Assert.Empty(errors);
    }
}
