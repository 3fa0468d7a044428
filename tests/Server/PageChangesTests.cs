using System.Buffers.Binary;
using System.IO.Hashing;
using Microsoft.Playwright;
using SemanticSam.Formats;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server;

/// <summary>What changes under the page: another picture in the middle of a question, another tab, a server that is gone, a link, a refusal.</summary>
[Collection(Browser.Shared)]
public sealed class PageChangesTests(Browser browser)
{
    private static async Task Open(IPage page, string name, byte[] picture)
    {
        await page.SetInputFilesAsync("#picker", new FilePayload { Name = name, MimeType = "image/png", Buffer = picture });
        await Browser.Until(page, $"semsam.store.image?.name === '{name}' && semsam.store.image.ready");
    }

    private static async Task Click(IPage page, double x, double y)
    {
        var box = (await page.Locator("#canvas").BoundingBoxAsync())!;
        var view = await page.EvaluateAsync<double[]>("[semsam.view.scale, semsam.view.x, semsam.view.y]");
        await page.Mouse.ClickAsync((float)(box.X + x * view[0] + view[1]), (float)(box.Y + y * view[0] + view[2]));
    }

    private static async Task Finish(IPage page, double x, double y)
    {
        int before = await page.EvaluateAsync<int>("semsam.store.doc.objects.length");
        await Click(page, x, y);
        await Browser.Until(page, "semsam.store.doc.candidates.length > 0");
        await page.ClickAsync("#finish");
        await Browser.Until(page, $"semsam.store.doc.objects.length === {before + 1}");
    }

    [SkippableFact]
    public async Task Everything_OfAPictureThatIsGone_IsNotLaidOnTheNext()
    {
        var (page, errors) = await browser.Open();
        await Open(page, "first.png", TestServer.Picture(1, 640, 480));
        var goOn = new TaskCompletionSource();
        await page.RouteAsync("**/api/v1/everything", async route =>
        {
            var answer = await route.FetchAsync();
            await goOn.Task;
            try
            {
                await route.FulfillAsync(new() { Response = answer });
            }
            catch (PlaywrightException)
            {
                // Nobody waits for it any more.
            }
        });
        await page.ClickAsync("#everything");
        await Browser.Until(page, "semsam.store.busy?.text.includes('verything')");
        await Open(page, "second.png", TestServer.Picture(2, 320, 240));
        goOn.SetResult();
        await Task.Delay(1000);
        Assert.Equal(0, await page.EvaluateAsync<int>("semsam.store.doc.objects.length"));
        Assert.Empty(errors);
    }

    [SkippableFact]
    public async Task TwoTabs_KeepAPictureEach()
    {
        var (first, errors) = await browser.Open();
        await Open(first, "first.png", TestServer.Picture(1, 480, 320));
        await Finish(first, 240, 160);
        await Task.Delay(600); // it is kept a little later
        var second = await first.Context.NewPageAsync();
        await second.GotoAsync(first.Url);
        await Browser.Until(second, "globalThis.semsam?.store.model");
        await Open(second, "second.png", TestServer.Picture(2, 320, 240));
        await Finish(second, 160, 120);
        await Task.Delay(600);
        await Finish(first, 20, 20); // kept anew, after the other tab
        await Task.Delay(600);
        foreach (var (page, name, objects) in new[] { (first, "first.png", 2), (second, "second.png", 1) })
        {
            await page.ReloadAsync();
            await Browser.Until(page, "globalThis.semsam?.store.image?.ready");
            Assert.Equal(name, await page.EvaluateAsync<string>("semsam.store.image.name"));
            Assert.Equal(objects, await page.EvaluateAsync<int>("semsam.store.doc.objects.length"));
        }
        Assert.Empty(errors);
    }

    /// <summary>What was there before stays, with all that was made of it.</summary>
    [SkippableFact]
    public async Task Picture_ThatIsRefused_LeavesWhatWasThere()
    {
        var (page, _) = await browser.Open();
        await Refused();
        Assert.True(await page.Locator("#start").IsVisibleAsync());
        await Open(page, "ball.png", TestServer.Picture(width: 480, height: 320));
        await Finish(page, 240, 160);
        await Refused();
        Assert.Equal("ball.png", await page.EvaluateAsync<string>("semsam.store.image.name"));
        Assert.Equal(1, await page.EvaluateAsync<int>("semsam.store.doc.objects.length"));
        await Finish(page, 20, 20); // and it can be asked

        async Task Refused()
        {
            await page.EvaluateAsync("document.querySelector('#toast').hidden = true");
            byte[] dot = SemanticSam.Imaging.ImageEncoder.Png(new SemanticSam.Imaging.RgbImage(1, 1));
            await page.SetInputFilesAsync("#picker", new FilePayload { Name = "dot.png", MimeType = "image/png", Buffer = dot });
            // What is said is there at once, what is shown with the next frame.
            await Browser.Until(page, "!document.querySelector('#toast').hidden && !semsam.store.busy && semsam.isSettled()");
            Assert.Contains("1 x 1", await page.TextContentAsync("#toast-text"), StringComparison.Ordinal);
        }
    }

    /// <summary>Nothing is lost while the server is away: what was clicked and looked for is asked when it is back.</summary>
    [SkippableFact]
    public async Task Picture_ThatDidNotArrive_IsAskedWhenItHas()
    {
        var (page, _) = await browser.Open();
        await page.RouteAsync("**/api/v1/images", route => route.AbortAsync());
        await page.SetInputFilesAsync("#picker",
            new FilePayload { Name = "away.png", MimeType = "image/png", Buffer = TestServer.Picture(77, 480, 320) });
        await Browser.Until(page, "!document.querySelector('#toast').hidden && !semsam.store.busy");
        await Click(page, 240, 160);
        await Browser.Until(page, "document.querySelector('#status').textContent.includes('not there yet')");
        await page.FillAsync("#word", "ball");
        await page.PressAsync("#word", "Enter");
        await page.UnrouteAsync("**/api/v1/images");
        await page.EvaluateAsync("document.querySelector('#open').focus()");
        await page.ClickAsync("#toast-action");
        await Browser.Until(page, "semsam.store.image.ready && semsam.store.doc.candidates.length > 0 && semsam.store.doc.words[0].asked");
    }

    [SkippableFact]
    public async Task SeveralFiles_DroppedAtOnce_AreCounted()
    {
        var (page, _) = await browser.Open();
        await page.EvaluateAsync("""
            async () => {
              const canvas = new OffscreenCanvas(60, 40), data = new DataTransfer();
              canvas.getContext("2d").fillRect(10, 10, 20, 20);
              const blob = await canvas.convertToBlob();
              for (const name of ["one.png", "two.png", "three.png"]) data.items.add(new File([blob], name, { type: "image/png" }));
              data.items.add(new File(["x"], "notes.txt", { type: "text/plain" }));
              dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
            }
            """);
        await Browser.Until(page, "semsam.store.image?.ready && !document.querySelector('#toast').hidden");
        string text = (await page.TextContentAsync("#toast-text"))!;
        Assert.Contains("one.png", text, StringComparison.Ordinal);
        Assert.Contains("3 other files", text, StringComparison.Ordinal);
    }

    /// <summary>Browsers turn JPEGs as their metadata says, and not everything else that the server turns.</summary>
    [SkippableFact]
    public async Task Picture_TurnedByMetadata_LiesAsTheModelSeesIt()
    {
        var (page, errors) = await browser.Open();
        await Turned(page, 6, 64, 96);
        await Turned(page, 3, 96, 64);
        await Turned(page, 1, 96, 64);
        Assert.Empty(errors);
    }

    private static async Task Turned(IPage page, int orientation, int width, int height)
    {
        await Open(page, $"turned{orientation}.png", Turned(TestServer.Picture(orientation), orientation));
        Assert.Equal($"{width} x {height}", await page.EvaluateAsync<string>("`${semsam.store.image.bitmap.width} x ${semsam.store.image.bitmap.height}`"));
        Assert.Equal($"{width} x {height}", await page.EvaluateAsync<string>("`${semsam.store.image.width} x ${semsam.store.image.height}`"));
        // The sky of the picture grows greener downward as it is stored.
        var (first, last) = (await Green(0, 0), await Green(width - 1, height - 1));
        Assert.Equal(orientation == 1, last > first + 10);
        await Click(page, width / 2.0, height / 2.0);
        await Browser.Until(page, "semsam.store.doc.candidates.length > 0");
        Assert.Equal(width, await page.EvaluateAsync<int>("semsam.store.doc.candidates[0].mask.width"));

        Task<int> Green(int x, int y) => page.EvaluateAsync<int>("""
            ([x, y]) => {
              const { bitmap } = semsam.store.image, c = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
              c.drawImage(bitmap, 0, 0);
              return c.getImageData(x, y, 1, 1).data[1];
            }
            """, new[] { x, y });
    }

    /// <summary>With the orientation behind the pixels, where programs that add it later put it.</summary>
    private static byte[] Turned(byte[] png, int orientation)
    {
        byte[] exif = [(byte)'e', (byte)'X', (byte)'I', (byte)'f', (byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, (byte)orientation,
            0, 0, 0, 0, 0, 0, 0];
        var (length, sum) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, exif.Length - 4);
        BinaryPrimitives.WriteUInt32BigEndian(sum, Crc32.HashToUInt32(exif));
        return [.. png[..^12], .. length, .. exif, .. sum, .. png[^12..]];
    }

    [SkippableFact]
    public async Task Link_GivenToAnOpenPage_IsFollowed()
    {
        var (page, errors) = await browser.Open();
        await Open(page, "first.png", TestServer.Picture(1, 480, 320));
        string other = await browser.Server.Upload(TestServer.Picture(5, 320, 240));
        await page.EvaluateAsync($"location.hash = '#id={other}&p=160,120,1&l=3'");
        await Browser.Until(page, $"semsam.store.image.id === '{other}' && semsam.store.doc.candidates.length > 0");
        Assert.Equal(320, await page.EvaluateAsync<int>("semsam.store.doc.candidates[0].mask.width"));
        Assert.Empty(errors);
    }

    /// <summary>A word whose answer came after the next step is asked again where that step is undone.</summary>
    [SkippableFact]
    public async Task Undo_OfAStepAfterAWord_KeepsItsAnswer()
    {
        var (page, errors) = await browser.Open();
        await Open(page, "ball.png", TestServer.Picture(width: 480, height: 320));
        await Finish(page, 240, 160);
        var goOn = new TaskCompletionSource();
        await page.RouteAsync("**/api/v1/segment", async route =>
        {
            await goOn.Task;
            await route.ContinueAsync();
        });
        await page.FillAsync("#word", "ball");
        await page.PressAsync("#word", "Enter");
        await Browser.Until(page, "semsam.store.doc.words.length === 1");
        await page.FocusAsync("#canvas");
        await page.Keyboard.PressAsync("h"); // hides the object: a step of its own
        goOn.SetResult();
        await Browser.Until(page, "semsam.store.doc.words[0].asked && !semsam.store.busy");
        await page.Keyboard.PressAsync("Control+z");
        await Browser.Until(page, "!semsam.store.doc.objects[0].hidden && semsam.store.doc.words[0].asked");
        Assert.Empty(errors);
    }

    /// <summary>However many questions meet a key that is no longer right, it is asked for once, and all of them go on.</summary>
    [SkippableFact]
    public async Task Key_IsAskedForOnce_AndForPicturesToo()
    {
        const string Key = "a-key-for-the-tests-0001";
        await using var server = await TestServer.Start(TestServer.Options with { ApiKeys = [Key] });
        var (any, _) = await browser.Open();
        var page = await any.Context.NewPageAsync();
        await page.GotoAsync(server.Server.Addresses[0]);
        await Give();
        await Browser.Until(page, "globalThis.semsam?.store.model");
        await page.EvaluateAsync("""
            async () => {
              sessionStorage.clear();
              const { getModel, upload } = await import("/page/js/api.js"), canvas = new OffscreenCanvas(60, 40);
              canvas.getContext("2d").fillRect(10, 10, 20, 20);
              const blob = await canvas.convertToBlob();
              globalThis.done = 0;
              for (const ask of [getModel(), getModel(), upload(blob, () => {}, new AbortController().signal)]) ask.then(() => done++);
            }
            """);
        await Give();
        await Browser.Until(page, "done === 3");

        async Task Give()
        {
            await page.FillAsync("#key", Key);
            await page.ClickAsync("#key-dialog button[value=yes]");
        }
    }

    /// <summary>A heading that a dialog begins with is no place to press anything.</summary>
    [SkippableFact]
    public async Task Dialog_OpenedByKeys_HasNoFrameAroundItsHeading()
    {
        var (page, _) = await browser.Open();
        await page.FocusAsync("#canvas");
        await page.Keyboard.PressAsync("?");
        await Browser.Until(page, "document.activeElement.id === 'h-help'");
        Assert.Equal("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
    }

    /// <summary>A mask with two holes and a piece in one of them comes back out of each format of polygons as it went in.</summary>
    [SkippableFact]
    public async Task Export_OfHoles_KeepsThem()
    {
        var (page, _) = await browser.Open();
        foreach (string format in (string[])["coco", "labelme", "yolo", "geojson"])
        {
            double share = await page.EvaluateAsync<double>(Exported, format);
            Assert.True(share is > 0.999 and <= 1, $"{format}: {share}");
        }
    }

    /// <summary>Of a format's name the IoU of what comes back out of it.</summary>
    private const string Exported = """
            async format => {
              const [{ formats }, { Mask }, { fill }] = await Promise.all(["formats", "mask", "outline"].map(m => import(`/page/js/${m}.js`)));
              const width = 120, height = 90, box = (x, y, w, h) => fill([[x, y, x + w, y, x + w, y + h, x, y + h]], width, height);
              const mask = box(5, 5, 100, 80).subtract(box(15, 15, 30, 40)).subtract(box(60, 20, 30, 30)).union(box(20, 20, 10, 10));
              const object = { id: 1, name: "ring", color: "#fff", mask, level: null, score: null, parent: null }, image = { name: "a.png", width, height };
              const { blob } = await formats.find(f => f[0] === format)[3](image, [object], 0, { name: "m", sha256: "0" }), text = await blob.text();
              const rings = format === "yolo" ? text.trim().split("\n").map(l => [l.split(" ").slice(1).map((v, i) => v * (i % 2 ? height : width))])
                : format === "coco" ? JSON.parse(text).annotations[0].segmentation.map(r => [r])
                : format === "labelme" ? JSON.parse(text).shapes.map(s => [s.points.flat()])
                : JSON.parse(text).features[0].geometry.coordinates.map(polygon => polygon.map(r => r.flat()));
              const read = rings.map(r => fill(r, width, height)).reduce((a, b) => a.union(b), Mask.empty(width, height)); // pieces belong together
              return read.iou(mask);
            }
            """;

    /// <summary>YOLO's lines have numbers; what they are called is saved beside them, and both are read again.</summary>
    [SkippableFact]
    public async Task Export_OfYolo_HasTheNames()
    {
        var (page, _) = await browser.Open();
        await Open(page, "ball.png", TestServer.Picture(width: 480, height: 320));
        await page.EvaluateAsync("""
            Promise.all(["store", "outline", "ask"].map(m => import(`/page/js/${m}.js`))).then(([{ store, commit }, { fill }, { objectOf }]) => {
              const box = x => ({ mask: fill([[x, 10, x + 90, 10, x + 90, 200, x, 200]], 480, 320) });
              commit("test", { objects: ["it's: a \"ball\"", "Tür"].map((name, i) => ({ ...objectOf(box(20 + 200 * i)), id: i + 1, name })) });
            })
            """);
        var saved = new List<IDownload>();
        page.Download += (_, download) => saved.Add(download);
        await page.EvaluateAsync("import('/page/js/export.js').then(e => e.openExport())");
        await page.Locator("#export-yolo").ClickAsync();
        for (int i = 0; i < 200 && saved.Count < 2; i++) await Task.Delay(50);
        using var folder = new TempFolder();
        foreach (var download in saved) await download.SaveAsAsync(folder.File(download.SuggestedFilename));
        Assert.Equal(["ball.txt", "data.yaml"], saved.Select(d => d.SuggestedFilename).Order(StringComparer.Ordinal));
        File.WriteAllBytes(folder.File("ball.png"), TestServer.Picture(width: 480, height: 320));
        using var reader = AnnotationReader.Open(folder.Path);
        Assert.Equal(["it's: a \"ball\"", "Tür"], reader.Read().Single().Annotations.Select(m => m.Whole!.Value.Name));
    }

    /// <summary>What is copied is run by a shell and compiled, whatever the picture is called.</summary>
    [SkippableFact]
    public async Task Code_OfAPictureWithAnyName_MeansThatPicture()
    {
        const string Name = "it's; \"a\" $HOME `x` 100%! \\ ünï 猫🐈.png";
        var (page, _) = await browser.Open();
        await Open(page, "x.png", TestServer.Picture(width: 480, height: 320));
        await page.EvaluateAsync("name => { semsam.store.image.name = name; }", Name);
        string curl = await page.EvaluateAsync<string>("import('/page/js/export.js').then(e => e.curl())");
        // Single quotes for the shell, and within them double ones for curl, which knows a backslash in them.
        Assert.Contains("""-F 'image=@"it'\''s; \"a\" $HOME `x` 100%! \\ ünï 猫🐈.png"'""", curl, StringComparison.Ordinal);
        string csharp = await page.EvaluateAsync<string>("import('/page/js/export.js').then(e => e.csharp())");
        Assert.Contains("""model.Open("it's; \"a\" $HOME `x` 100%! \\ ünï 猫🐈.png")""", csharp, StringComparison.Ordinal);
    }

    /// <summary>A finger needs 44 pixels, on sliders as well; and in a narrow window the key for words pulls the panel out that has them.</summary>
    [SkippableFact]
    public async Task NarrowWindow_HasRoomForFingers_AndWordsByTheirKey()
    {
        var (page, errors) = await browser.Open(new() { ViewportSize = new() { Width = 390, Height = 780 } });
        await Open(page, "ball.png", TestServer.Picture(width: 480, height: 320));
        Assert.True((await page.Locator("#level").BoundingBoxAsync())!.Height >= 44);
        await page.FocusAsync("#canvas");
        await page.Keyboard.PressAsync("w");
        Assert.Equal("word", await page.EvaluateAsync<string>("document.activeElement.id"));
        string small = await page.EvaluateAsync<string>("""
            [...document.querySelectorAll("button, input, select")].filter(e => e.checkVisibility() && !e.closest("dialog"))
              .filter(e => e.getBoundingClientRect().height < 43.5).map(e => e.id).join(" ")
            """);
        Assert.Equal("", small);
        Assert.Empty(errors);
    }
}
