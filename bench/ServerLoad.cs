using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace SemanticSam.Bench;

/// <summary>
/// Mixed load on a server that runs in a process of its own: clicks, words, new pictures, everything mode, and clients that give up. Prints how long answers,
/// refusals and, as a control, trivial answers took, and how the server's memory went (Linux, where its process id is given).
/// </summary>
internal sealed class ServerLoad(Uri address, double minutes, int clients, int? process)
{
    private const int ImageSide = 640, KnownImages = 8;

    /// <summary>The trivial answer beside the load: what of the time of a refusal is the machine's and the client's.</summary>
    private const string Control = "/healthz";

    private readonly ConcurrentDictionary<string, ConcurrentBag<double>> _times = new();
    private readonly ConcurrentDictionary<HttpStatusCode, int> _others = new();
    private readonly string[] _ids = new string[KnownImages];
    private int _next = KnownImages;

    /// <param name="arguments">Address, minutes, clients; perhaps the server's process id.</param>
    public static async Task Print(string[] arguments)
    {
        if (arguments.Length is not (3 or 4) || !Uri.TryCreate(arguments[0], UriKind.Absolute, out var address))
        {
            Console.Error.WriteLine(
                "--server-load http://127.0.0.1:8420 MINUTES CLIENTS [PROCESS-ID]; start the server with --rate 100000 and, for keys, set SEMSAM_API_KEY");
            return;
        }
        await new ServerLoad(address, double.Parse(arguments[1], CultureInfo.InvariantCulture), int.Parse(arguments[2], CultureInfo.InvariantCulture),
            arguments.Length == 4 ? int.Parse(arguments[3], CultureInfo.InvariantCulture) : null).Run();
    }

    private async Task Run()
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = clients + 8 })
        {
            BaseAddress = address, Timeout = TimeSpan.FromMinutes(5),
        };
        if (Environment.GetEnvironmentVariable("SEMSAM_API_KEY") is { Length: > 0 } key) client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        for (int i = 0; i < KnownImages; i++)
        {
            using var question = Image(i);
            using var answer = await client.SendAsync(question);
            _ids[i] = (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["id"]!;
        }
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(minutes));
        var clock = Stopwatch.StartNew();
        var memory = new List<(double Minute, double Mb)>();
        var all = Enumerable.Range(0, clients).Select(c => Task.Run(() => One(client, new(c), over.Token))).ToArray();
        var control = Task.Run(() => Controls(client, over.Token));
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(1000);
            if (process is { } id) memory.Add((clock.Elapsed.TotalMinutes, Resident(id)));
        }
        await Task.WhenAll([.. all, control]);
        Tell(clock.Elapsed, memory);
    }

    private async Task One(HttpClient client, Random random, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            int kind = random.Next(100);
            string name = kind switch { < 80 => "click", < 88 => "words", < 94 => "new picture", < 96 => "everything", _ => "given up" };
            using var gaveUp = new CancellationTokenSource(name == "given up" ? random.Next(1, 50) : 300_000);
            using var question = Question(name, random); // drawing a picture takes longer than a refusal
            long start = Stopwatch.GetTimestamp();
            try
            {
                using var answer = await client.SendAsync(question, gaveUp.Token);
                await answer.Content.CopyToAsync(Stream.Null, gaveUp.Token);
                double ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (answer.StatusCode is HttpStatusCode.OK) Note(name, ms);
                else if (answer.StatusCode is HttpStatusCode.TooManyRequests)
                {
                    Note("refused (429)", ms);
                    await Task.Delay(100, CancellationToken.None);
                }
                else _others.AddOrUpdate(answer.StatusCode, 1, (_, n) => n + 1);
            }
            catch (OperationCanceledException) when (name == "given up")
            {
                Note(name, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
    }

    private async Task Controls(HttpClient client, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            using (await client.GetAsync(Control, CancellationToken.None)) Note(Control, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await Task.Delay(50, CancellationToken.None);
        }
    }

    private HttpRequestMessage Question(string name, Random random)
    {
        string image = $$"""{"image": {"id": "{{_ids[random.Next(KnownImages)]}}"}""";
        return name switch
        {
            "new picture" => Image(Interlocked.Increment(ref _next)),
            "words" => Json("/segment", image + """, "prompts": [{"names": ["ball", "sky"]}]}"""),
            "everything" => Json("/everything", image + """, "points_per_side": 8}"""),
            _ => Json("/segment", $"{image}, \"prompts\": [{{\"points\": [[{random.Next(ImageSide)}, {random.Next(ImageSide)}]]}}]}}"),
        };

        static HttpRequestMessage Json(string path, string json) => Post(path, new StringContent(json, Encoding.UTF8, "application/json"));
    }

    private static HttpRequestMessage Image(int seed)
    {
        var image = new Imaging.RgbImage(ImageSide, ImageSide);
        for (int y = 0; y < ImageSide; y++)
            for (int x = 0; x < ImageSide; x++)
            {
                bool inside = (x - ImageSide / 2) * (x - ImageSide / 2) + (y - ImageSide / 2) * (y - ImageSide / 2) < 40_000;
                var pixel = image.Row(y).Slice(3 * x, 3);
                (pixel[0], pixel[1], pixel[2]) = inside ? ((byte)220, (byte)(seed >> 8), (byte)seed) : ((byte)60, (byte)(y / 3), (byte)200);
            }
        return Post("/images", new ByteArrayContent(Imaging.ImageEncoder.Png(image)) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } });
    }

    private static HttpRequestMessage Post(string path, HttpContent content) => new(HttpMethod.Post, "/api/v1" + path) { Content = content };

    private void Note(string kind, double ms) => _times.GetOrAdd(kind, _ => []).Add(ms);

    private void Tell(TimeSpan took, List<(double X, double Y)> memory)
    {
        Console.WriteLine(FormattableString.Invariant($"{clients} clients for {took.TotalMinutes:0.0} minutes"));
        foreach (var (kind, bag) in _times.OrderByDescending(t => t.Value.Count))
        {
            double[] times = [.. bag.Order()];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{kind,-14} {times.Length / took.TotalSeconds,8:0.00}/s  p50 {At(times, 0.5),8:0.0} ms  p95 " +
                $"{At(times, 0.95),8:0.0}  p99 {At(times, 0.99),8:0.0}  longest {times[^1],8:0.0}"));
        }
        foreach (var (status, count) in _others) Console.WriteLine($"status {(int)status}: {count}");
        if (memory.Count < 4) return;
        (double X, double Y)[] half = [.. memory.Skip(memory.Count / 2)];
        double x = half.Average(p => p.X), y = half.Average(p => p.Y);
        double slope = half.Sum(p => (p.X - x) * (p.Y - y)) / half.Sum(p => (p.X - x) * (p.X - x));
        Console.WriteLine(FormattableString.Invariant(
            $"memory: {memory[0].Y:0} MB at first, {memory[^1].Y:0} at last, {memory.Max(m => m.Y):0} at most; second half {slope:+0.00;-0.00} MB a minute"));

        static double At(double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];
    }

    private static double Resident(int id)
    {
        using var server = Process.GetProcessById(id);
        return server.WorkingSet64 / 1e6;
    }
}
