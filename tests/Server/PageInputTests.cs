using Microsoft.Playwright;

namespace SemanticSam.Tests.Server;

/// <summary>Ways into the page and its picture beside the mouse's click: clipboard, camera, links, fingers and the lasso.</summary>
[Collection(Browser.Shared)]
public sealed class PageInputTests(Browser browser)
{
    private static async Task OpenPicture(IPage page)
    {
        await page.SetInputFilesAsync("#picker",
            new FilePayload { Name = "ball.png", MimeType = "image/png", Buffer = TestServer.Picture(width: 480, height: 320) });
        await Browser.Until(page, "semsam.store.image?.ready");
    }

    private static async Task<(float X, float Y)> At(IPage page, double x, double y)
    {
        var box = (await page.Locator("#canvas").BoundingBoxAsync())!;
        var view = await page.EvaluateAsync<double[]>("[semsam.view.scale, semsam.view.x, semsam.view.y]");
        return ((float)(box.X + x * view[0] + view[1]), (float)(box.Y + y * view[0] + view[2]));
    }

    [SkippableFact]
    public async Task Clipboard_WithAPicture_OpensIt()
    {
        var (page, errors) = await browser.Open();
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await page.EvaluateAsync("""
            async () => {
              const canvas = new OffscreenCanvas(200, 120), c = canvas.getContext("2d");
              c.fillStyle = "#c33";
              c.fillRect(50, 30, 80, 60);
              await navigator.clipboard.write([new ClipboardItem({ "image/png": await canvas.convertToBlob() })]);
            }
            """);
        await page.Keyboard.PressAsync("Control+v");
        await Browser.Until(page, "semsam.store.image?.ready");
        Assert.Equal("200 x 120", await page.EvaluateAsync<string>("`${semsam.store.image.width} x ${semsam.store.image.height}`"));
        Assert.Empty(errors);
    }

    [SkippableFact]
    public async Task Camera_TakesAPicture_AndIsLetGo()
    {
        var (page, errors) = await browser.Open();
        await page.ClickAsync("#start-camera");
        await page.ClickAsync("#camera-dialog button[value=yes]");
        await Browser.Until(page, "semsam.store.image?.ready");
        Assert.Equal("photo.jpg", await page.EvaluateAsync<string>("semsam.store.image.name"));
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('#video').srcObject === null"));
        Assert.Empty(errors);
    }

    /// <summary>A link opens the picture and asks the prompt again, in a browser that has seen neither.</summary>
    [SkippableFact]
    public async Task Link_OfAPrompt_ShowsTheSameToOthers()
    {
        var (page, errors) = await browser.Open();
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await OpenPicture(page);
        var (x, y) = await At(page, 240, 160);
        await page.Mouse.ClickAsync(x, y);
        await Browser.Until(page, "semsam.store.doc.candidates.length === 6");
        await page.EvaluateAsync("document.querySelector('#share').click()");
        await Browser.Until(page, "document.body.textContent.includes('Link copied')");
        string link = await page.EvaluateAsync<string>("navigator.clipboard.readText()");
        var (other, otherErrors) = await browser.Open(link: link);
        await Browser.Until(other, "globalThis.semsam?.store.doc.candidates.length === 6");
        string masks = "JSON.stringify(semsam.store.doc.prompt.points.map(p => [Math.round(p.x), Math.round(p.y), p.positive]))";
        Assert.Equal(await page.EvaluateAsync<string>(masks), await other.EvaluateAsync<string>(masks));
        Assert.Empty(errors.Concat(otherErrors));
    }

    [SkippableFact]
    public async Task TwoFingers_ZoomAtWhatLiesBetweenThem()
    {
        var (page, errors) = await browser.Open(new() { ViewportSize = new() { Width = 800, Height = 700 }, HasTouch = true });
        await OpenPicture(page);
        var (x, y) = await At(page, 240, 160);
        double before = await page.EvaluateAsync<double>("semsam.view.scale");
        var session = await page.Context.NewCDPSessionAsync(page);
        await Touch("touchStart", 40);
        for (int apart = 50; apart <= 120; apart += 10) await Touch("touchMove", apart);
        await session.SendAsync("Input.dispatchTouchEvent", new() { ["type"] = "touchEnd", ["touchPoints"] = Array.Empty<object>() });
        await Browser.Until(page, $"semsam.view.scale > {(before * 2).ToString(System.Globalization.CultureInfo.InvariantCulture)}");
        Assert.InRange(await page.EvaluateAsync<double>("semsam.view.scale") / before, 2.5, 3.5); // from 80 to 240 pixels apart
        var (after, height) = await At(page, 240, 160);
        Assert.InRange(Math.Abs(after - x) + Math.Abs(height - y), 0, 12); // the middle stays
        Assert.Equal(0, await page.EvaluateAsync<int>("semsam.store.doc.prompt.points.length")); // and was no click
        Assert.Empty(errors);

        Task Touch(string type, int apart) => session.SendAsync("Input.dispatchTouchEvent", new()
        {
            ["type"] = type, ["touchPoints"] = new object[] { new Dictionary<string, object> { ["x"] = x - apart, ["y"] = y, ["id"] = 1 },
                new Dictionary<string, object> { ["x"] = x + apart, ["y"] = y, ["id"] = 2 } },
        });
    }

    /// <summary>A second picture takes the place of the first, with all that was made of it; a button gives both back.</summary>
    [SkippableFact]
    public async Task SecondPicture_ByMistake_CanBeTakenBack()
    {
        var (page, errors) = await browser.Open();
        await OpenPicture(page);
        string first = await page.EvaluateAsync<string>("semsam.store.image.id");
        await page.Locator("#word").FillAsync("ball");
        await page.Locator("#word").PressAsync("Enter");
        await Browser.Until(page, "semsam.store.doc.words[0]?.asked && !semsam.store.busy");
        await page.SetInputFilesAsync("#picker", new FilePayload { Name = "other.png", MimeType = "image/png", Buffer = TestServer.Picture(9, 320, 240) });
        await Browser.Until(page, "semsam.store.image?.name === 'other.png' && semsam.store.image.ready");
        Assert.Equal(0, await page.EvaluateAsync<int>("semsam.store.doc.words.length"));
        await page.Locator("#toast-action").ClickAsync();
        await Browser.Until(page, "semsam.store.image?.name !== 'other.png' && semsam.store.image.ready");
        Assert.Equal(first, await page.EvaluateAsync<string>("semsam.store.image.id"));
        Assert.Equal(1, await page.EvaluateAsync<int>("semsam.store.doc.words.length"));
        Assert.Empty(errors);
    }

    /// <summary>The panel is a strip below the picture there: what a tool needs shows in it, without being pulled out over the picture.</summary>
    [SkippableFact]
    public async Task Phone_WithTheBrush_HasItsSize()
    {
        var (page, errors) = await browser.Open(new() { ViewportSize = new() { Width = 400, Height = 800 }, HasTouch = true, IsMobile = true });
        await OpenPicture(page);
        Assert.True(await page.Locator("#brush").IsHiddenAsync());
        await page.Locator("#tool-brush").TapAsync();
        await page.WaitForSelectorAsync("#brush");
        Assert.True(await page.Locator("#holes").IsHiddenAsync());
        await page.Locator("#tool-smart").TapAsync();
        await page.WaitForSelectorAsync("#brush", new() { State = WaitForSelectorState.Hidden });

        // Pulled out and in again, the handle covers nothing and looks as before.
        await page.Locator("#sheet").TapAsync();
        await page.WaitForSelectorAsync("#holes");
        Assert.Equal("rgba(0, 0, 0, 0)", await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('#sheet')).backgroundColor"));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        Assert.Empty(errors);
    }

    [SkippableFact]
    public async Task Lasso_PutsInWhatItSurrounds_AndTakesItOut()
    {
        var (page, errors) = await browser.Open();
        await OpenPicture(page);
        await page.Keyboard.PressAsync("l");
        await Around(100, 100, 200, 180);
        await Browser.Until(page, "semsam.store.doc.objects.length === 1");
        Assert.InRange(await page.EvaluateAsync<double>("semsam.store.doc.objects[0].mask.area"), 0.97 * 100 * 80, 1.03 * 100 * 80);
        await page.Keyboard.DownAsync("Shift");
        await Around(100, 100, 150, 180);
        await page.Keyboard.UpAsync("Shift");
        await Browser.Until(page, "semsam.store.doc.objects[0].mask.area < 5000");
        Assert.InRange(await page.EvaluateAsync<double>("semsam.store.doc.objects[0].mask.area"), 0.95 * 50 * 80, 1.05 * 50 * 80);
        Assert.Empty(errors);

        async Task Around(double x1, double y1, double x2, double y2)
        {
            bool down = false;
            foreach (var (x, y) in ((double, double)[])[(x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1)])
            {
                var (sx, sy) = await At(page, x, y);
                await page.Mouse.MoveAsync(sx, sy, new() { Steps = 3 });
                if (!down) await page.Mouse.DownAsync();
                down = true;
            }
            await page.Mouse.UpAsync();
        }
    }
}
