using System.Globalization;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace SemanticSam.Tests.Server;

/// <summary>What the page's workers draw: the right pixels once the view rests, moved along while it does not, and how fast that is.</summary>
[Collection(Browser.Shared)]
public sealed class PageDrawingTests(Browser browser, ITestOutputHelper output)
{
    private static readonly string[] Phases = ["pan", "zoom", "hover", "all"];

    /// <summary>Opens a picture that the page paints itself, with a grid of ragged masks on it of a thousand corners, as photographs have them.</summary>
    private static Task OpenGrid(IPage page, int width, int height, int masks) => page.EvaluateAsync(
        """
        async ([width, height, masks]) => {
          const canvas = new OffscreenCanvas(width, height), c = canvas.getContext("2d");
          for (let i = 0; i < 3000; i++) {
            c.fillStyle = `hsl(${i * 37 % 360} 60% ${30 + i % 40}%)`;
            c.fillRect(i * 7919 % width, i * 104729 % height, width / 30, height / 27);
          }
          const data = new DataTransfer();
          data.items.add(new File([await canvas.convertToBlob({ type: "image/jpeg" })], "grid.jpg", { type: "image/jpeg" }));
          dispatchEvent(new ClipboardEvent("paste", { clipboardData: data }));
          while (!semsam.store.image?.ready) await new Promise(done => setTimeout(done, 20));
          const { fill } = await import("/page/js/outline.js"), { fit } = await import("/page/js/view.js"), { changed } = await import("/page/js/store.js");
          const side = Math.ceil(Math.sqrt(masks)), step = width / side;
          const ragged = (x, y, i) => {
            const ring = [];
            for (let k = 0; k < 1000; k++) {
              const a = k / 1000 * 2 * Math.PI, r = step * (0.43 + 0.065 * Math.sin(37 * a) + 0.04 * Math.sin(101 * a + i));
              ring.push(x + r * Math.cos(a), y + r * Math.sin(a) * height / width);
            }
            return fill([ring], width, height);
          };
          semsam.store.doc = { ...semsam.store.doc, objects: Array.from({ length: masks }, (_, i) => ({
            id: i + 1, name: `thing ${i}`, color: `hsl(${i * 36} 80% 50%)`,
            mask: ragged((i % side + 0.5) * step, (Math.floor(i / side) + 0.5) * height / side, i) })) };
          semsam.ragged = ragged;
          changed("doc");
          fit();
        }
        """, new object[] { width, height, masks });

    /// <summary>
    /// How far the pixels on the screen are from those that the page's own painter gives for this view in one go; 0 is equal. Both are of the screen's size,
    /// which the canvas element does not know: a smaller one cuts outlines off, and what is left of them has slightly other edges.
    /// </summary>
    private static Task<int> Difference(IPage page) => page.EvaluateAsync<int>(
        """
        async () => {
          const { begin } = await import("/page/js/lines.js"), { paint } = await import("/page/js/paint.js"), base = document.querySelector("#base");
          const { store, view } = semsam, ratio = devicePixelRatio, all = { ...view, ratio }, { image } = store;
          if (base.style.transform !== "none") return 1000;
          const [width, height] = [view.width, view.height].map(side => Math.round(side * ratio));
          const wanted = new OffscreenCanvas(width, height), shown = new OffscreenCanvas(width, height), c = begin(wanted, all);
          c.imageSmoothingEnabled = view.scale < 4;
          c.imageSmoothingQuality = "medium";
          c.drawImage(image.bitmap, 0, 0, image.width, image.height);
          store.doc.objects.forEach((o, index) => paint(c, { ...o, index, look: "plain" }, all, { faint: store.doc.objects.length > 12, patterns: false }));
          shown.getContext("2d").drawImage(base, 0, 0);
          const [a, b] = [wanted, shown].map(one => one.getContext("2d").getImageData(0, 0, one.width, one.height).data);
          return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
        }
        """);

    [SkippableFact]
    public async Task Layers_AfterTheViewHasMoved_AreDrawnForWhereItIs()
    {
        var (page, errors) = await browser.Open();
        await OpenGrid(page, 900, 600, 9);
        await Browser.Until(page, "semsam.isSettled()");
        Assert.InRange(await Difference(page), 0, 2);

        // While it moves, the pixels go along; what they do not reach is filled from the small picture of the whole.
        double[] moved = await page.EvaluateAsync<double[]>(
            """
            async () => {
              const { pan, zoomAt } = await import("/page/js/view.js"), before = { ...semsam.view };
              zoomAt(100, 80, 1.4);
              pan(90, -45);
              await new Promise(requestAnimationFrame);
              await new Promise(requestAnimationFrame);
              const base = document.querySelector("#base"), m = new DOMMatrix(getComputedStyle(base).transform), k = semsam.view.scale;
              // Where the picture's middle is on the screen, by the view and by the pixels that were drawn before, unless the new ones are there already.
              const at = m.isIdentity ? semsam.view : before;
              return [450 * k + semsam.view.x, m.a * (450 * at.scale + at.x) + m.e, 300 * k + semsam.view.y, m.d * (300 * at.scale + at.y) + m.f];
            }
            """);
        Assert.Equal(moved[0], moved[1], 0.01);
        Assert.Equal(moved[2], moved[3], 0.01);
        await Browser.Until(page, "semsam.isSettled()");
        Assert.InRange(await Difference(page), 0, 2);

        // Nothing stays of masks that are gone, and nothing of the picture before.
        await page.EvaluateAsync("import('/page/js/store.js').then(s => s.commit('delete', { objects: semsam.store.doc.objects.slice(4, 5) }))");
        await Browser.Until(page, "semsam.isSettled()");
        Assert.InRange(await Difference(page), 0, 2);
        await OpenGrid(page, 500, 700, 4);
        await Browser.Until(page, "semsam.isSettled()");
        Assert.InRange(await Difference(page), 0, 2);
        await page.EvaluateAsync("document.querySelector('#forget').click()");
        await Browser.Until(page, "semsam.isSettled()");
        Assert.False(await page.Locator("#base").IsVisibleAsync());
        Assert.Empty(errors);
    }

    /// <summary>
    /// Frames of a picture of 24 megapixels under 100 masks that is moved, zoomed and hovered over. What counts is the time between frames; software that
    /// stands for a graphics card, as here, and other work of the machine only make it longer, so the bound is of the page's own work a frame.
    /// </summary>
    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task Frames_OfALargePictureUnderAHundredMasks()
    {
        var (page, errors) = await browser.Open();
        await OpenGrid(page, 6000, 4000, 100);
        await Browser.Until(page, "semsam.isSettled()");
        foreach (string phase in Phases)
        {
            double[] figures = await page.EvaluateAsync<double[]>(
                """
                async phase => {
                  const { pan, zoomAt } = await import("/page/js/view.js"), { changed, set } = await import("/page/js/store.js");
                  const masks = Array.from({ length: 12 }, (_, i) => semsam.ragged(500 + i * 450, 2000, i)), frame = () => new Promise(requestAnimationFrame);
                  const hover = i => {
                    if (i % 6 === 0) set("hover", masks[i / 6 % 12]); // an answer in 100 ms
                    semsam.store.pointer = { x: 500 + i * 10, y: 2000 };
                    changed("pointer");
                  };
                  const move = {
                    pan: i => pan(Math.sin(i / 5) * 9, Math.cos(i / 5) * 9), zoom: i => zoomAt(600, 400, i % 60 < 30 ? 1.03 : 1 / 1.03), hover,
                    all: i => {
                      hover(i);
                      zoomAt(600, 400, i % 60 < 30 ? 1.02 : 1 / 1.02);
                      pan(Math.sin(i / 5) * 9, 0);
                    },
                  }[phase];
                  for (let i = 0; i < 30; i++) await frame();
                  Object.assign(semsam.draw, { frames: 0, total: 0, worst: 0 });
                  const gaps = [];
                  for (let i = 0, last = await frame(); i < 300; i++) {
                    move(i);
                    const now = await frame();
                    gaps.push(now - last);
                    last = now;
                  }
                  set("hover", null);
                  gaps.sort((a, b) => a - b);
                  return [...[0.5, 0.95, 0.99, 1].map(share => gaps[Math.round(share * 299)]), semsam.draw.total / semsam.draw.frames, semsam.draw.worst];
                }
                """, phase);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{phase,-5} ms between frames: p50 {figures[0]:0.0}  p95 {figures[1]:0.0}  p99 {figures[2]:0.0}  longest {figures[3]:0.0}; ")
                + string.Create(CultureInfo.InvariantCulture, $"the page's own work {figures[4]:0.00} (worst {figures[5]:0.0})"));
            Assert.InRange(figures[4], 0, 4);
            await Browser.Until(page, "semsam.isSettled()");
        }
        Assert.Empty(errors);
    }
}
