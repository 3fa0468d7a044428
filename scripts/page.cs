// A picture of the page in use: dotnet run scripts/page.cs PHOTO X Y NAMES OUT.jpg
// A server has to run (./semsam serve); a Chromium is taken from where Debian has it, or from SEMSAM_BROWSER. NAMES are asked first, then a click at X, Y.
#:package Microsoft.Playwright
#:property PublishAot=false
using System.Globalization;
using Microsoft.Playwright;

if (args.Length != 5) throw new ArgumentException("page.cs PHOTO X Y NAMES OUT.jpg");
using var playwright = await Playwright.CreateAsync();
await using var browser = await playwright.Chromium.LaunchAsync(new()
{
    ExecutablePath = Environment.GetEnvironmentVariable("SEMSAM_BROWSER") ?? "/usr/bin/chromium", Args = ["--no-sandbox"],
});
var page = await (await browser.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 800 }, ColorScheme = ColorScheme.Light })).NewPageAsync();
await page.GotoAsync(Environment.GetEnvironmentVariable("SEMSAM_SERVER") ?? "http://127.0.0.1:8420");
await Until("globalThis.semsam?.store.model");
await page.SetInputFilesAsync("#picker", args[0]);
await Until("semsam.store.image?.ready");
foreach (string name in args[3].Split(','))
{
    await page.FillAsync("#word", name.Trim());
    await page.PressAsync("#word", "Enter");
}
await Until("semsam.isSettled() && semsam.store.doc.words.every(w => w.asked)");
double[] view = await page.EvaluateAsync<double[]>("[semsam.view.scale, semsam.view.x, semsam.view.y]");
var canvas = (await page.Locator("#canvas").BoundingBoxAsync())!;
await page.Mouse.ClickAsync((float)(canvas.X + Number(args[1]) * view[0] + view[1]), (float)(canvas.Y + Number(args[2]) * view[0] + view[2]));
await Until("semsam.isSettled() && semsam.store.doc.candidates.length > 0");
await page.WaitForTimeoutAsync(500);
await page.ScreenshotAsync(new() { Path = args[4], Type = ScreenshotType.Jpeg, Quality = 85 });

static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

async Task Until(string expression)
{
    for (int i = 0; i < 600; i++, await Task.Delay(100))
        if (await page.EvaluateAsync<bool>($"Boolean({expression})")) return;
    throw new TimeoutException($"It did not come to {expression}.");
}
