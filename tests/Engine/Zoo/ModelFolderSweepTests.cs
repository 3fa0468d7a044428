using System.Text.Json.Nodes;
using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Zoo;
using SemanticSam.Imaging;
using SemanticSam.Tests.Engine.Batch;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Zoo;

/// <summary>
/// Every entry of a model folder's JSON files with every value that it must not have: either the folder is refused, as a fault of the model and by its file,
/// or the model answers.
/// </summary>
public sealed class ModelFolderSweepTests : IDisposable
{
    private static readonly string[] Values =
    [
        "null", "-1", "0", "3", "1000000000", "1e308", "-1e39", "\"x\"", "\"\"", "true", "[]", "{}", "[null]", "[1, 2]", "[{}]", "1e-320",
        "9223372036854775808",
    ];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Model(string family)
    {
        string folder = _folder.File("model");
        if (family == "nano") TinyNano.Lay(folder);
        else
        {
            Directory.CreateDirectory(folder);
            foreach (string file in Directory.GetFiles(Fixtures.SmallSemanticSam)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
        return folder;
    }

    /// <summary>Ways to all values of a document; of lists the first two members.</summary>
    private static IEnumerable<object[]> Ways(JsonNode? node, object[] way)
    {
        if (way.Length > 0) yield return way;
        var below = node switch
        {
            JsonObject o => o.Select(p => Ways(p.Value, [.. way, p.Key])),
            JsonArray a => a.Take(2).Select((v, i) => Ways(v, [.. way, i])),
            _ => [],
        };
        foreach (object[] further in below.SelectMany(w => w)) yield return further;
    }

    private static string Changed(string json, object[] way, string? value)
    {
        JsonNode root = JsonNode.Parse(json)!, at = root;
        foreach (object key in way[..^1]) at = key is string name ? at[name]! : at[(int)key]!;
        if (value is null) (at as JsonObject)?.Remove((string)way[^1]);
        else if (way[^1] is string last) at[last] = JsonNode.Parse(value);
        else at[(int)way[^1]] = JsonNode.Parse(value);
        return root.ToJsonString();
    }

    [Theory]
    [InlineData("nano", 97)]
    [InlineData("semantic-sam", 97)]
    public void Entry_OfAnyWrongValue_IsRefusedOrAnswers(string family, int each) => Sweep(family, each);

    [Theory]
    [InlineData("nano")]
    [InlineData("semantic-sam")]
    [Trait("Category", "Slow")]
    public void Entry_OfAnyWrongValue_IsRefusedOrAnswers_Slow(string family) => Sweep(family, 1);

    private void Sweep(string family, int each)
    {
        string folder = Model(family);
        var image = BatchImages.Make(1);
        var wrong = new List<string>();
        int at = 0, tried = 0;
        foreach (string file in Directory.GetFiles(folder, "*.json").Where(f => Path.GetFileName(f) != "vocab.json").Order(StringComparer.Ordinal))
        {
            string json = File.ReadAllText(file), name = Path.GetFileName(file);
            foreach (object[] way in Ways(JsonNode.Parse(json), []))
                foreach (string? value in (string?[])[.. Values, .. way[^1] is string ? [null] : Array.Empty<string?>()])
                {
                    if (at++ % each != 0) continue;
                    tried++;
                    File.WriteAllText(file, Changed(json, way, value));
                    if (Fault(folder, image) is { } fault) wrong.Add($"{name}: {string.Join('.', way)} = {value ?? "(missing)"}: {fault}");
                }
            File.WriteAllText(file, json);
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {tried}: {string.Join("\n", wrong.Take(60))}");
        Assert.True(tried > 4, $"{tried}");
    }

    private static string? Fault(string folder, RgbImage image)
    {
        SegmentationModel model;
        try
        {
            model = SegmentationModel.Load(folder);
        }
        catch (CheckpointException)
        {
            return null;
        }
        catch (Exception e)
        {
            return $"loading: {e.GetType().Name} {e.Message}";
        }
        using (model)
        {
            try
            {
                using var session = model.Open(image);
                foreach (var prompt in (Prompt[])[Prompt.At(20, 20), Prompt.Around(5, 5, 40, 30), Prompt.Named("car", "wheel of car", "sky")])
                    foreach (var result in session.Segment(prompt))
                        if (!float.IsFinite(result.PredictedIou)) return "an answer that is no number";
                session.SegmentEverything(new() { PointsPerSide = 2 });
                return null;
            }
            catch (Exception e)
            {
                return $"answering: {e.GetType().Name} {e.Message}";
            }
        }
    }
}
