using System.Diagnostics;
using System.Globalization;
using System.Text;
using SemanticSam.Cli;
using SemanticSam.Imaging;
using SemanticSam.Tests.Engine.Batch;
using SemanticSam.Tests.Engine.Checkpoints.PyTorch;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;

namespace SemanticSam.Tests.Scenarios;

/// <summary>
/// Every reader on files made to cost memory or time, each in a process of its own: at most 1 GB and 10 s, one line on standard error, and an exit code that is
/// no defect. The figures are printed.
/// </summary>
public sealed class ResourceTests(ITestOutputHelper log) : IDisposable
{
    private const int Megabytes = 1024;
    private const double Seconds = 10;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        return _folder.Write(name, Encoding.UTF8.GetBytes(text));
    }

    private string Safetensors(string name, string header) =>
        _folder.Write(name, [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header)]);

    private static string Coco(string images, string annotations) =>
        $"{{\"images\":[{images}],\"categories\":[{{\"id\":1,\"name\":\"a\"}}],\"annotations\":[{annotations}]}}";

    private string[] ToCoco(string input) => ["convert", input, "--to", "coco", "--out", _folder.File("o.json")];

    private IEnumerable<(string Name, string[] Arguments)> Corpus()
    {
        yield return ("pickle, key of long texts", ["models", "check", Pickle(p =>
        {
            p.Op('}').Op('(').Text(new string('A', 8 << 20)).Op((byte)'q', 0);
            for (int i = 0; i < 16; i++) p.Op((byte)'h', 0);
            p.Op('t').Op('N').Op('s');
        })]);
        yield return ("pickle, two million dictionaries", ["models", "check", Pickle(p =>
        {
            p.Op(']').Op('(');
            for (int i = 0; i < 1_900_000; i++) p.Op('}');
            p.Op('e');
        })]);
        yield return ("safetensors, a name of a megabyte",
            ["models", "check", Safetensors("n.safetensors",
            $"{{\"{string.Concat(Enumerable.Repeat("model.", 200_000))}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}}}")]);
        yield return ("safetensors, 190,000 tensors",
            ["models", "check", Safetensors("t.safetensors",
            $"{{{string.Join(',', Enumerable.Range(0, 190_000).Select(i => $"\"t{i}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}"))}}}")]);
        yield return ("coco, 100,000 images of one name",
            ["convert",
            Write("same.json",
            Coco(string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"{{\"id\":{i},\"file_name\":\"a.jpg\",\"width\":9,\"height\":9}}")), "")), "--to",
            "sa1b", "--out", _folder.File("same")]);
        yield return ("coco, a chain of 100,000 parents", ToCoco(Write("chain.json", Coco("{\"id\":1,\"file_name\":\"a.jpg\",\"width\":9,\"height\":9}",
            string.Join(',', Enumerable.Range(1, 100_000)
                .Select(i => $"{{\"id\":{i},\"image_id\":1,\"category_id\":1,\"parent\":{i - 1},\"segmentation\":{{\"size\":[9,9],\"counts\":[0,81]}}}}"))))));
        yield return ("coco, 100,000 polygons of one annotation",
            ToCoco(Write("poly.json", Coco("{\"id\":1,\"file_name\":\"a.jpg\",\"width\":4000,\"height\":4000}",
            $"{{\"id\":1,\"image_id\":1,\"category_id\":1,\"segmentation\":[{string.Join(',', Enumerable.Range(0, 100_000)
                .Select(i => $"[{i % 1000 * 4},{i / 1000 * 4},{i % 1000 * 4 + 2},{i / 1000 * 4},{i % 1000 * 4 + 2},{i / 1000 * 4 + 2}]"))}]}}"))));
        yield return ("coco, run lengths of 300,000 numbers as size",
            ToCoco(Write("size.json", Coco("{\"id\":1,\"file_name\":\"a.jpg\",\"width\":9,\"height\":9}",
            $"{{\"id\":1,\"image_id\":1,\"category_id\":1,"
                + $"\"segmentation\":{{\"size\":[{string.Join(',', Enumerable.Range(0, 300_000))}],\"counts\":[81]}}}}"))));
        yield return ("cvat, nested 100,000 deep",
            ToCoco(Write("deep.xml", "<annotations><image id=\"0\" name=\"a.jpg\" width=\"4\" height=\"4\">" + string.Concat(Enumerable.Repeat("<a>", 100_000))
            + string.Concat(Enumerable.Repeat("</a>", 100_000)) + "</image></annotations>")));
        yield return ("cvat, masks of 300 megapixels", ToCoco(Write("large.xml", "<annotations><image id=\"0\" name=\"a.jpg\" width=\"20000\" height=\"15000\">"
            + string.Concat(Enumerable.Repeat("<mask label=\"a\" rle=\"0,300000000\" left=\"0\" top=\"0\" width=\"20000\" height=\"15000\"/>", 3))
                + "</image></annotations>")));
        yield return ("cvat, ellipses of 300 megapixels",
            ToCoco(Write("ellipse.xml", "<annotations><image id=\"0\" name=\"a.jpg\" width=\"20000\" height=\"15000\">"
            + string.Concat(Enumerable.Repeat("<ellipse label=\"a\" cx=\"10000\" cy=\"7500\" rx=\"10000\" ry=\"7500\"/>", 50)) + "</image></annotations>")));
        yield return ("labelme, a rectangle of 300 megapixels",
            ToCoco(Write("l.json",
            "{\"imageWidth\":20000,\"imageHeight\":15000,\"imagePath\":\"a.jpg\","
                + "\"shapes\":[{\"label\":\"a\",\"shape_type\":\"rectangle\",\"points\":[[0,0],[19999,14999]]}]}")));
        File.WriteAllBytes(_folder.File("i.png"), ImageEncoder.Png(new RgbImage(8, 8)));
        Write("y/classes.txt", "a\n");
        File.Copy(_folder.File("i.png"), _folder.File("y/i.png"));
        Write("y/i.txt", "0 0.5 0.5 0.5 0.5\n" + new string('9', 100 << 20) + "\n" + new string('\n', 50 << 20));
        yield return ("yolo, a label file of 150 MB", ToCoco(_folder.File("y")));
        Write("n/data.yaml", "names: [" + string.Join(", ", Enumerable.Range(0, 100_000).Select(i => $"\"n{i}\"")) + "]\n");
        File.Copy(_folder.File("i.png"), _folder.File("n/i.png"));
        Write("n/i.txt", "0 0.5 0.5 0.5 0.5\n");
        yield return ("yolo, 100,000 names", ToCoco(_folder.File("n")));
        yield return ("segment, a prompt line of 60 MB",
            ["segment", "--prompts", Write("p.jsonl", "{\"image\":\"i.png\",\"points\":[" + new string(' ', 60 << 20) + "[1,1]]}\n")]);
        File.WriteAllBytes(_folder.File("b.png"), ImageEncoder.Png(BatchImages.Make(1)));
        yield return ("segment, 1,000 negative points",
            ["segment", "--prompts", Write("neg.jsonl",
            $"{{\"image\":\"b.png\",\"points\":[[30,30,1],{string.Join(',', Enumerable.Range(0, 1000).Select(i => $"[{i % 70},{i / 70},0]"))}]}}\n")]);
    }

    private string Pickle(Action<PickleBuilder> build)
    {
        var pickle = new PickleBuilder();
        build(pickle);
        return _folder.Write($"{Guid.NewGuid():N}.pth", new ZipBuilder().Add("x/data.pkl", pickle.Bytes).Build());
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Readers_OnFilesMadeToCost_StayWithinMemoryAndTime()
    {
        var beyond = new List<string>();
        foreach (var (name, arguments) in Corpus())
        {
            var watch = Stopwatch.StartNew();
            using var process = ToolProcess.Start(new Dictionary<string, string?> { ["OMP_WAIT_POLICY"] = "passive" }, arguments);
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            long peak = 0;
            var cpu = TimeSpan.Zero;
            while (!process.HasExited && watch.Elapsed.TotalSeconds < 6 * Seconds)
            {
                process.Refresh();
                try
                {
                    peak = Math.Max(peak, process.PeakWorkingSet64);
                    cpu = process.TotalProcessorTime; // of a process that has ended nobody tells it
                }
                catch (InvalidOperationException)
                {
                    break; // it ended just now
                }
                await Task.Delay(20);
            }
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync();
            string said = (await error).Split('\n')[0];
            string line = string.Create(CultureInfo.InvariantCulture, $"{name}: code {process.ExitCode}, {peak >> 20} MB, {watch.Elapsed.TotalSeconds:f1} s " +
                $"({cpu.TotalSeconds:f1} s of processors); {said[..Math.Min(said.Length, 120)]}");
            log.WriteLine(line);
            _ = await output;
            // Processor time: others may run beside it.
            if (peak >> 20 > Megabytes || cpu.TotalSeconds > Seconds
                || process.ExitCode is not (0 or ExitCodes.Failed or ExitCodes.BadInput or ExitCodes.BadModel)) beyond.Add(line);
        }
        Assert.Empty(beyond);
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task Interrupted_HoweverOften_EndsByItselfAndLeavesNothing()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals by a command of Linux");
        BatchImages.Write(_folder.File("in"), [.. Enumerable.Range(0, 40).Select(i => $"{i}.png")]);
        foreach (string signal in new[] { "INT", "TERM", "HUP" })
            for (int round = 0; round < 3; round++)
            {
                using var process = ToolProcess.Start(null, "segment", _folder.File("in"), "--everything", "--out",
                    _folder.File($"{signal}{round}"), "--resume");
                var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
                for (int i = 0; i < 400 && !Directory.Exists(_folder.File($"{signal}{round}/results")); i++) await Task.Delay(25);
                foreach (int pause in new[] { 100, 20, 5 })
                {
                    Send(signal, process.Id);
                    await Task.Delay(pause);
                }
                await process.WaitForExitAsync();
                Assert.Equal(ExitCodes.Interrupted, process.ExitCode);
                Assert.NotNull(await output + await error);
                Assert.Empty(Directory.EnumerateFiles(_folder.File($"{signal}{round}"), ".*.tmp", SearchOption.AllDirectories));
            }
    }

    private static void Send(string signal, int process)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", $"{process}"]) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }
}
