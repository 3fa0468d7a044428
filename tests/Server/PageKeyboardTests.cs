using Microsoft.Playwright;

namespace SemanticSam.Tests.Server;

/// <summary>The page without a pointer: what a click or a drag does with each tool, Enter and the arrow keys do as well.</summary>
[Collection(Browser.Shared)]
public sealed class PageKeyboardTests(Browser browser)
{
    private const string Area = "semsam.store.doc.objects[0].mask.area";

    private async Task<(IPage Page, List<string> Errors)> Open(params string[] keys)
    {
        var (page, errors) = await browser.Open();
        await page.SetInputFilesAsync("#picker", new FilePayload { Name = "ball.png", MimeType = "image/png", Buffer = TestServer.Picture(0, 480, 320) });
        await Browser.Until(page, "semsam.store.image?.ready && !semsam.store.busy");
        await page.FocusAsync("#canvas");
        await Press(page, keys);
        return (page, errors);
    }

    private static async Task Press(IPage page, params string[] keys)
    {
        foreach (string key in keys) await page.Keyboard.PressAsync(key);
    }

    private static Task<double> Number(IPage page, string expression) => page.EvaluateAsync<double>(expression);

    [SkippableFact]
    public async Task Brush_Enter_PaintsADab_AndALineWithShift()
    {
        var (page, errors) = await Open("p", "ArrowRight", "Enter");
        double dab = await Number(page, Area);
        Assert.InRange(dab, 350, 550); // a disc 24 pixels across
        await Press(page, "Shift+ArrowRight", "Shift+Enter");
        double line = await Number(page, Area);
        Assert.True(line > dab * 1.5, $"{dab} {line}");
        await Press(page, "x", "Enter");
        Assert.InRange(await Number(page, Area), line - 550, line - 350);
        await Press(page, "Control+z");
        Assert.Equal(line, await Number(page, Area));
        Assert.Equal(0, await Number(page, "semsam.store.doc.prompt.points.length")); // nothing was asked
        Assert.Empty(errors);
    }

    [SkippableFact]
    public async Task Point_EnterAgain_TakesItAway()
    {
        var (page, errors) = await Open("ArrowRight", "Enter");
        await Browser.Until(page, "semsam.store.doc.candidates.length > 0");
        await Press(page, "Enter");
        Assert.Equal(0, await Number(page, "semsam.store.doc.prompt.points.length"));
        Assert.Empty(errors);
    }

    [SkippableFact]
    public async Task Lasso_Corners_AreClosedByEnteringTwice()
    {
        var (page, errors) = await Open("l", "ArrowRight", "Enter", "Shift+ArrowRight", "Shift+ArrowRight", "Enter", "Shift+ArrowDown", "Enter", "Enter");
        Assert.True(await Number(page, Area) > 300);
        Assert.Equal(0, await Number(page, "semsam.store.doc.prompt.points.length"));
        await Press(page, "ArrowRight", "Enter", "Escape"); // a lasso that is given up
        Assert.Equal(1, await Number(page, "semsam.store.doc.objects.length"));
        Assert.Empty(errors);
    }

    [SkippableFact]
    public async Task Corner_IsPickedUp_Moved_AndPutDown()
    {
        var (page, errors) = await Open();
        await page.EvaluateAsync("""
            Promise.all(["store", "outline", "ask", "marks"].map(m => import(`/page/js/${m}.js`))).then(([{ commit }, { fill }, { objectOf }, { sketch }]) => {
              const object = objectOf({ mask: fill([[100, 100, 200, 100, 200, 200, 100, 200]], 480, 320) });
              commit("test", { objects: [object], selection: [object.id] });
              sketch.cursor = { x: 199, y: 101 };
            })
            """);
        await Press(page, "c", "Enter", "Shift+ArrowRight", "Enter");
        Assert.True(await Number(page, Area) > 10_200);
        Assert.Equal(0, await Number(page, "semsam.store.doc.prompt.points.length"));
        await Press(page, "Control+z");
        Assert.Equal(10_000, await Number(page, Area));
        await Press(page, "Enter", "Delete"); // the corner that the cursor is at by now
        Assert.Empty(errors);
    }

    [SkippableFact]
    public async Task ShiftH_ShowsTheSelectedAlone()
    {
        var (page, errors) = await Open("p", "ArrowRight", "Enter", "Shift+H");
        Assert.True(await page.EvaluateAsync<bool>("semsam.store.doc.objects[0].solo"));
        await Press(page, "Shift+H");
        Assert.False(await page.EvaluateAsync<bool>("semsam.store.doc.objects[0].solo"));
        Assert.Empty(errors);
    }

    /// <summary>Where the cursor rests is said: nobody who does not see it can know otherwise.</summary>
    [SkippableFact]
    public async Task Cursor_ThatRests_IsSaid()
    {
        var (page, errors) = await Open("ArrowRight");
        await Browser.Until(page, "/^\\d+, 160/.test(document.querySelector('#live').textContent)");
        Assert.Empty(errors);
    }
}
