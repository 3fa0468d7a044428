using System.Text.Json;
using SemanticSam.Tests.Reference.OpenSeeD;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>Compares semantic, panoptic and instance results with golden/openseed/inference.json.</summary>
internal static class TextInferenceGolden
{
    /// <summary>Applies the settings of the reference's names; what is not named stays.</summary>
    public static TextInferenceOptions Options(JsonElement settings, TextInferenceOptions? defaults = null)
    {
        var options = defaults ?? new();
        foreach (var setting in settings.EnumerateObject())
            options = setting.Name switch
            {
                "object_mask_threshold" => options with { ObjectMaskThreshold = setting.Value.GetDouble() },
                "overlap_threshold" => options with { OverlapThreshold = setting.Value.GetDouble() },
                "transform_eval" => options with { Sharpen = setting.Value.GetBoolean() },
                "pano_temp" => options with { Temperature = setting.Value.GetDouble() },
                "test_topk_per_image" => options with { TopInstances = setting.Value.GetInt32() },
                "focus_on_box" => options with { ScoreByNameOnly = setting.Value.GetBoolean() },
                _ => throw new InvalidOperationException($"Unknown setting {setting.Name}."),
            };
        return options;
    }

    public static void CheckPanoptic(JsonElement expected, PanopticResult actual, int pixelsAllowed = 0)
    {
        var segments = expected.GetProperty("segments").EnumerateArray().ToArray();
        Assert.Equal(segments.Select(s => (s.GetProperty("id").GetInt32(), s.GetProperty("isthing").GetBoolean(), s.GetProperty("category_id").GetInt32())),
            actual.Segments.Select(s => (s.Id, s.IsThing, s.Name)));
        long voidPixels = actual.Map.eq(0).sum().item<long>();
        Assert.InRange(voidPixels, expected.GetProperty("void_pixels").GetInt64() - pixelsAllowed,
            expected.GetProperty("void_pixels").GetInt64() + pixelsAllowed);
        for (int i = 0; i < segments.Length; i++)
        {
            var own = GoldenMasks.Of(actual.Map.eq(actual.Segments[i].Id));
            Assert.InRange(own.Area, segments[i].GetProperty("area").GetInt32() - pixelsAllowed, segments[i].GetProperty("area").GetInt32() + pixelsAllowed);
            if (!segments[i].TryGetProperty("mask", out var mask)) continue;
            int differing = GoldenMasks.Differing(own, GoldenMasks.Read(mask));
            Assert.True(differing <= pixelsAllowed, $"Segment {i + 1}: {differing} pixels differ.");
        }
    }

    public static void CheckInstances(JsonElement expected, InstanceResult actual, double tolerance = 1e-4, int pixelsAllowed = 0)
    {
        var instances = expected.GetProperty("instances_by_descending_score").EnumerateArray().ToArray();
        float[] scores = actual.Scores.cpu().data<float>().ToArray();
        long[] names = actual.Names.cpu().data<long>().ToArray();
        float[] boxes = actual.Boxes.cpu().contiguous().data<float>().ToArray();
        Assert.Equal(instances.Length, scores.Length);
        var taken = new bool[instances.Length];
        for (int i = 0; i < instances.Length; i++)
        {
            // Scores of neighbors may be closer than rounding: match by name and box, then compare the score.
            float[] box = [.. instances[i].GetProperty("box").EnumerateArray().Select(v => v.GetSingle())];
            int at = Enumerable.Range(0, scores.Length).Where(k => !taken[k] && names[k] == instances[i].GetProperty("class").GetInt64())
                .OrderBy(k => Enumerable.Range(0, 4).Sum(c => Math.Abs(boxes[4 * k + c] - box[c]))).FirstOrDefault(-1);
            Assert.True(at >= 0, $"Instance {i} is missing.");
            taken[at] = true;
            Close.AssertAbsolute(boxes.AsSpan(4 * at, 4), box, 0.02, $"box {i}");
            Close.AssertAbsolute([scores[at]], [instances[i].GetProperty("score").GetSingle()], tolerance, $"score {i}");
            if (instances[i].TryGetProperty("mask", out var mask))
            {
                int differing = GoldenMasks.Differing(GoldenMasks.Of(actual.Masks![at]), GoldenMasks.Read(mask));
                Assert.True(differing <= pixelsAllowed, $"Instance {i}: {differing} pixels differ.");
            }
        }
    }

    public static void CheckAreas(JsonElement expected, Tensor semantic, long pixelsAllowed = 0)
    {
        using var scope = NewDisposeScope();
        var label = semantic.argmax(0);
        long[] areas = [.. expected.EnumerateArray().Select(v => v.GetInt64())];
        for (int c = 0; c < areas.Length; c++)
            Assert.InRange(label.eq(c).sum().item<long>(), areas[c] - pixelsAllowed, areas[c] + pixelsAllowed);
    }
}
