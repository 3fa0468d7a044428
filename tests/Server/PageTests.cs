using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace SemanticSam.Tests.Server;

/// <summary>The page as a person uses it, in a browser.</summary>
[Collection(Browser.Shared)]
public sealed class PageTests(Browser browser)
{
    private static async Task OpenPicture(IPage page)
    {
        await page.SetInputFilesAsync("#picker", new FilePayload { Name = "ball.png", MimeType = "image/png",
            Buffer = TestServer.Picture(width: 480, height: 320) });
        await Browser.Until(page, "semsam.store.image?.ready");
    }

    /// <summary>A place of the image, on the screen.</summary>
    private static async Task<(float X, float Y)> At(IPage page, double x, double y)
    {
        var box = (await page.Locator("#canvas").BoundingBoxAsync())!;
        var view = await page.EvaluateAsync<double[]>("[semsam.view.scale, semsam.view.x, semsam.view.y]");
        return ((float)(box.X + x * view[0] + view[1]), (float)(box.Y + y * view[0] + view[2]));
    }

    private static async Task Click(IPage page, double x, double y, MouseButton button = MouseButton.Left)
    {
        var (sx, sy) = await At(page, x, y);
        await page.Mouse.ClickAsync(sx, sy, new() { Button = button });
    }

    private static Task<int> Count(IPage page, string what) => page.EvaluateAsync<int>($"semsam.store.doc.{what}.length");

    [SkippableFact]
    public async Task Click_LevelFinishUndoRedoReload_KeepWhatWasMade()
    {
        var (page, errors) = await browser.Open();
        await OpenPicture(page);
        await Click(page, 240, 160);
        await Browser.Until(page, "semsam.store.doc.candidates.length === 6");
        await Browser.Until(page, "document.querySelector('#live').textContent.includes('% of the picture')");

        // Two levels are two masks; the keys, the slider and the thumbnails agree.
        string[] masks = await page.EvaluateAsync<string[]>("semsam.store.doc.candidates.map(c => JSON.stringify(c.mask))");
        Assert.True(masks.Distinct().Count() > 1, "all levels are one mask");
        await page.Keyboard.PressAsync("5");
        await Browser.Until(page,
            "document.querySelector('#level').value === '5' && document.querySelectorAll('#candidates [aria-selected=true]').length === 1");
        await page.Keyboard.PressAsync("[");
        await Browser.Until(page, "document.querySelector('#level-name').textContent.startsWith('part')");

        await page.Keyboard.PressAsync("f");
        await page.WaitForSelectorAsync("#objects [role=treeitem]");
        Assert.Equal(masks[3], await page.EvaluateAsync<string>("JSON.stringify(semsam.store.doc.objects[0].mask)"));
        await page.Keyboard.PressAsync("Control+z");
        Assert.Equal((0, 6), (await Count(page, "objects"), await Count(page, "candidates")));
        await page.Keyboard.PressAsync("Control+z");
        Assert.Equal(0, await Count(page, "prompt.points"));
        await page.Keyboard.PressAsync("Control+Shift+z");
        await page.Keyboard.PressAsync("Control+Shift+z");
        Assert.Equal(1, await Count(page, "objects"));

        await page.WaitForTimeoutAsync(600);
        await page.ReloadAsync();
        await Browser.Until(page, "semsam.store.image?.ready && semsam.store.doc.objects.length === 1");
        Assert.Equal(masks[3], await page.EvaluateAsync<string>("JSON.stringify(semsam.store.doc.objects[0].mask)"));
        Assert.Empty(errors);
    }

    /// <summary>A click takes the best of its levels until somebody says which; then that one is kept, for what lies under the pointer, too.</summary>
    [SkippableFact]
    public async Task Level_UntilChosen_IsTheBest()
    {
        const string Best = "semsam.store.doc.candidates.reduce((a, b) => b.score > a.score ? b : a).levelIndex", Level = "semsam.store.doc.level";
        var (page, errors) = await browser.Open();
        var asked = new List<JsonNode>();
        page.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/segment", StringComparison.Ordinal)) asked.Add(JsonNode.Parse(request.PostData!)!);
        };
        await OpenPicture(page);
        Assert.Equal("true", await page.GetAttributeAsync("#best", "aria-pressed"));
        var (x, y) = await At(page, 240, 160);
        await page.Mouse.MoveAsync(x, y);
        await Browser.Until(page, "semsam.store.hover?.area > 0");
        Assert.Null(asked[^1]["levels"]);
        foreach (int column in new[] { 240, 30 }) // the ball, and the ground
        {
            await Click(page, column, 160);
            await Browser.Until(page, "semsam.isSettled() && semsam.store.doc.candidates.length > 1");
            Assert.True(await page.EvaluateAsync<bool>($"{Level} === {Best}"));
            await page.Keyboard.PressAsync("b");
        }
        await page.Keyboard.PressAsync("6");
        await Browser.Until(page, "document.querySelector('#best').ariaPressed === 'false'");
        (x, y) = await At(page, 250, 170);
        await page.Mouse.MoveAsync(x, y);
        await Browser.Until(page, "semsam.isSettled()");
        await page.WaitForTimeoutAsync(200);
        Assert.Equal("detail", (string)asked[^1]["levels"]![0]!);
        await Click(page, 240, 160);
        await Browser.Until(page, "semsam.isSettled() && semsam.store.doc.candidates.length > 1");
        Assert.Equal(6, await page.EvaluateAsync<int>(Level));
        await page.Keyboard.PressAsync("y");
        await Browser.Until(page, $"{Level} === {Best} && document.querySelector('#best').ariaPressed === 'true'");
        Assert.Empty(errors);
    }

    [SkippableFact]
    public async Task Hover_Box_NegativePoint_AskWhatTheyShow()
    {
        var (page, errors) = await browser.Open();
        var asked = new List<JsonNode>();
        page.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/segment", StringComparison.Ordinal)) asked.Add(JsonNode.Parse(request.PostData!)!["prompts"]![0]!);
        };
        await OpenPicture(page);
        var (x, y) = await At(page, 240, 160);
        await page.Mouse.MoveAsync(x, y);
        await Browser.Until(page, "semsam.store.hover?.area > 0");
        var (endX, endY) = await At(page, 340, 250);
        var (startX, startY) = await At(page, 140, 60);
        await page.Mouse.MoveAsync(startX, startY);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(endX, endY, new() { Steps = 4 });
        await page.Mouse.UpAsync();
        await Browser.Until(page, "semsam.store.doc.candidates.length > 0");
        Assert.Equal([140.0, 60, 340, 250], asked[^1]["box"]!.AsArray().Select(v => Math.Round((double)v!)));
        await Click(page, 20, 20, MouseButton.Right);
        await Browser.Until(page, "semsam.store.doc.prompt.points.length === 1");
        await page.WaitForTimeoutAsync(100);
        Assert.Equal(0, (int)asked[^1]["points"]![0]![2]!);
        await Click(page, 20, 20); // a click on a point deletes it
        await Browser.Until(page, "semsam.store.doc.prompt.points.length === 0");
        await page.Keyboard.PressAsync("Escape");
        Assert.Equal(0, await Count(page, "candidates"));
        Assert.Empty(errors);
    }

    /// <summary>Each button does what it says: an id that stands twice would give one button's work to another element.</summary>
    [SkippableFact]
    public async Task Buttons_PartsAndWhole_AskOnceThereIsAPlace()
    {
        var (page, errors) = await browser.Open();
        Assert.Empty(await page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)"));
        await OpenPicture(page);
        foreach (string kind in new[] { "parts", "whole" })
        {
            Assert.True(await page.Locator($"button#{kind}").IsDisabledAsync());
            await Click(page, 240, 160);
            await Browser.Until(page, "semsam.store.doc.candidates.length === 6");
            var asked = page.WaitForRequestAsync($"**/api/v1/{kind}");
            await page.Locator($"button#{kind}").ClickAsync();
            await asked;
            await Browser.Until(page, "!semsam.store.busy && semsam.store.doc.objects.length > 0");
            await page.EvaluateAsync("import('/page/js/store.js').then(store => store.reset())");
            await Browser.Until(page, "semsam.isSettled()");
        }
        Assert.Empty(errors);
    }

    /// <summary>Whoever is quicker than the answer means the mask that is on its way.</summary>
    [SkippableFact]
    public async Task Finish_BeforeTheAnswer_FinishesIt()
    {
        var (page, errors) = await browser.Open();
        await OpenPicture(page);
        await page.RouteAsync("**/api/v1/segment", async route =>
        {
            await Task.Delay(1000);
            await route.ContinueAsync();
        });
        await Click(page, 240, 160);
        await page.Keyboard.PressAsync("f");
        Assert.Equal((1, 0), (await Count(page, "prompt.points"), await Count(page, "candidates")));
        await Browser.Until(page, "semsam.store.doc.objects.length === 1");
        Assert.EndsWith("is finished; 1 object.", await page.TextContentAsync("#status"), StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    /// <summary>What was finished last is selected, but nobody said that it is to go out alone.</summary>
    [SkippableFact]
    public async Task Export_WritesAllObjects_OrTheSelectedWhereThatIsTicked()
    {
        var (page, errors) = await browser.Open();
        await OpenPicture(page);
        foreach (double x in new[] { 240, 40 })
        {
            await Click(page, x, 160);
            await Browser.Until(page, "semsam.store.doc.candidates.length === 6");
            await page.Keyboard.PressAsync("f");
        }
        Assert.Equal((2, 1), (await Count(page, "objects"), await Count(page, "selection")));
        await Browser.Until(page, "document.querySelectorAll('#objects [tabindex=\"0\"]').length === 2"); // the selected row and its color: no stop a row
        await page.Keyboard.PressAsync("Control+s");
        Assert.Equal(2, await Written());
        await page.Locator("#export-selected").CheckAsync();
        Assert.Equal(1, await Written());
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("Control+a");
        await page.Keyboard.PressAsync("Control+s");
        Assert.Equal(2, await Written());
        Assert.Empty(errors);

        async Task<int> Written()
        {
            var download = await page.RunAndWaitForDownloadAsync(() => page.Locator("#export-result").ClickAsync());
            return JsonNode.Parse(await File.ReadAllTextAsync(await download.PathAsync()))!["annotations"]!.AsArray().Count;
        }
    }

    [SkippableFact]
    public async Task Words_OfWhatIsNotThere_SayZeroFound()
    {
        var (page, errors) = await browser.Open();
        await OpenPicture(page);
        await page.FillAsync("#word", "zebra");
        await page.PressAsync("#word", "Enter");
        await Browser.Until(page, "semsam.store.doc.words.length === 1 && semsam.store.doc.words[0].asked");
        int found = await page.EvaluateAsync<int>("semsam.store.doc.words[0].masks.length");
        await Browser.Until(page, $"document.querySelector('.chip .count').textContent === '{found} found'");
        await page.PressAsync("#word", "Backspace");
        Assert.Equal(0, await Count(page, "words"));
        Assert.Empty(errors);
    }

    [SkippableFact]
    public async Task Keyboard_Alone_DoesAll()
    {
        var (page, errors) = await browser.Open();
        await page.FocusAsync("#samples button");
        await page.Keyboard.PressAsync("Enter");
        await Browser.Until(page, "semsam.store.image?.ready");
        await page.FocusAsync("#canvas");
        await page.Keyboard.PressAsync("Shift+ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        await Browser.Until(page, "semsam.store.doc.candidates.length > 0");
        await page.Keyboard.PressAsync("Shift+ArrowRight");
        await page.Keyboard.PressAsync("Shift+Enter");
        bool[] signs = await page.EvaluateAsync<bool[]>("semsam.store.doc.prompt.points.map(p => p.positive)");
        Assert.Equal([true, false], signs);
        await Browser.Until(page, "semsam.store.doc.candidates.length > 0");
        await page.Keyboard.PressAsync("f");
        await page.FocusAsync("#objects [role=treeitem]");
        await page.Keyboard.PressAsync("F2");
        await page.Keyboard.TypeAsync("tree");
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal("tree", await page.EvaluateAsync<string>("semsam.store.doc.objects[0].name"));
        await page.FocusAsync("#objects [role=treeitem]");
        await page.Keyboard.PressAsync("Delete");
        Assert.Equal(0, await Count(page, "objects"));
        await page.Keyboard.PressAsync("?");
        await page.WaitForSelectorAsync("#help-dialog[open]");
        Assert.Empty(errors);
    }

    [SkippableFact]
    public async Task BrushAndEraser_ChangePixelsAsPainted()
    {
        var (page, errors) = await browser.Open();
        await OpenPicture(page);
        await page.Keyboard.PressAsync("p");
        var (x, y) = await At(page, 100, 100);
        await page.Mouse.MoveAsync(x, y);
        await page.Mouse.DownAsync();
        await page.Mouse.UpAsync();
        await Browser.Until(page, "semsam.store.doc.objects.length === 1");
        double area = await page.EvaluateAsync<double>("semsam.store.doc.objects[0].mask.area");
        Assert.InRange(area, Math.PI * 144 * 0.95, Math.PI * 144 * 1.05); // a disc 24 pixels wide
        await page.Keyboard.PressAsync("x");
        await page.Mouse.DownAsync();
        await page.Mouse.UpAsync();
        await Browser.Until(page, "semsam.store.doc.objects[0].mask.area === 0");
        Assert.Empty(errors);
    }

    [SkippableFact]
    public async Task Masks_InThePage_AreThoseOfTheServer()
    {
        var (page, _) = await browser.Open();
        await OpenPicture(page);
        await Click(page, 240, 160);
        await Browser.Until(page, "semsam.store.doc.candidates.length > 0");
        // Text to runs and back, areas, outlines filled again, and the operations on runs, against plain bitmaps.
        Assert.Equal("", await page.EvaluateAsync<string>(
            """
            async () => {
              const { Mask } = await import("/page/js/mask.js"), { fill, polygons, trace } = await import("/page/js/outline.js"), { fillHoles, split } = await import("/page/js/regions.js");
              const all = semsam.store.doc.candidates.map(c => c.mask), wrong = [], { width: w, height: h } = semsam.store.image, frame = { x: 0, y: 0, width: w, height: h };
              const check = (name, ok) => ok || wrong.push(name), same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
              for (const m of all) {
                const bits = m.bitmap(frame);
                check("bitmap", same(Mask.fromBitmap(bits, frame, w, h), m));
                check("bounds", same(Mask.fromBitmap(m.bitmap(), m.bounds, w, h), m));
                check("text", same(Mask.parse(JSON.parse(JSON.stringify(m))), m));
                check("area", bits.reduce((a, b) => a + b, 0) === m.area);
                check("outline", same(fill(trace(m), w, h), m));
                check("pieces", split(m).length > 60 || split(m).reduce((a, b) => a + b.area, 0) === m.area);
                check("holes", fillHoles(m).intersect(m).area === m.area);
                for (const n of all) {
                  const other = n.bitmap(frame);
                  check("union", same(m.union(n), Mask.fromBitmap(bits.map((b, i) => b | other[i]), frame, w, h)));
                  check("intersect", same(m.intersect(n), Mask.fromBitmap(bits.map((b, i) => b & other[i]), frame, w, h)));
                  check("subtract", same(m.subtract(n), Mask.fromBitmap(bits.map((b, i) => b & ~other[i] & 1), frame, w, h)));
                }
              }
              return [...new Set(wrong)].join();
            }
            """));
    }

    [SkippableFact]
    public async Task Server_ThatForgotThePicture_IsSentItAgain()
    {
        var (page, errors) = await browser.Open();
        await OpenPicture(page);
        int clicks = 0;
        await page.RouteAsync("**/api/v1/segment", async route =>
        {
            if (IsHover(route) || clicks++ > 0) await route.ContinueAsync();
            else await route.FulfillAsync(new() { Status = 404, ContentType = "application/problem+json",
                Body = """{"code": "image_unknown", "detail": "gone"}""" });
        });
        await Click(page, 240, 160);
        await Browser.Until(page, "semsam.store.doc.candidates.length === 6");
        Assert.Equal(2, clicks);
        Assert.Empty(errors);
        await page.UnrouteAsync("**/api/v1/segment");

        // Started anew it knows neither the picture nor what a further click goes on from.
        string[] unknown = ["image_unknown", "logits_unknown"];
        int asked = 0;
        await page.RouteAsync("**/api/v1/segment", async route =>
        {
            if (IsHover(route))
            {
                await route.ContinueAsync();
                return;
            }
            int turn = asked++; // before the answer: the page may ask again while this one still waits for it to be sent
            if (turn == unknown.Length) Assert.DoesNotContain("logits", route.Request.PostData, StringComparison.Ordinal);
            if (turn >= unknown.Length) await route.ContinueAsync();
            else await route.FulfillAsync(new() { Status = 404, ContentType = "application/problem+json",
                Body = $$"""{"code": "{{unknown[turn]}}", "detail": "gone"}""" });
        });
        string before = await page.EvaluateAsync<string>("JSON.stringify(semsam.store.doc.candidates)");
        await Click(page, 260, 170);
        await Browser.Until(page, $"JSON.stringify(semsam.store.doc.candidates) !== {System.Text.Json.JsonSerializer.Serialize(before)}");
        Assert.Equal(3, asked);
        Assert.DoesNotContain("gone", await page.TextContentAsync("#status"), StringComparison.Ordinal);
        Assert.Empty(errors);

        // What lies under the pointer is asked for meanwhile, as often as the pointer has time to.
        static bool IsHover(IRoute route) => route.Request.PostData?.Contains("\"masks\":\"single\"", StringComparison.Ordinal) == true;
    }
}
