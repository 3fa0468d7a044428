using System.Text.Json;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Imaging.Resizing;

public sealed class ResizeLongestSideTests
{
    [SkippableFact]
    public void PreprocessShape_GoldenRows_AreEqual()
    {
        using JsonDocument sidecar = Fixtures.Json("sam/transforms.json");
        foreach (JsonElement row in sidecar.RootElement.GetProperty("preprocess_shape").GetProperty("rows").EnumerateArray())
        {
            int[] v = [.. row.EnumerateArray().Select(e => e.GetInt32())];
            Assert.Equal((v[3], v[4]), new ResizeLongestSide(v[2]).PreprocessShape(v[0], v[1]));
        }
    }

    [SkippableFact]
    public void ApplyCoords_GoldenCases_AreEqualInDouble()
    {
        using JsonDocument sidecar = Fixtures.Json("sam/transforms.json");
        foreach (JsonElement entry in sidecar.RootElement.GetProperty("apply_coords").EnumerateArray())
        {
            var transform = new ResizeLongestSide(entry.GetProperty("target_length").GetInt32());
            int[] hw = [.. entry.GetProperty("hw").EnumerateArray().Select(e => e.GetInt32())];
            double[] coords = Flat(entry, "coords"), boxes = Flat(entry, "box");
            Assert.Equal(Flat(entry, "out"), Apply(transform, coords, hw));
            Assert.Equal(Flat(entry, "box_out"), Apply(transform, boxes, hw)); // the two corners of each box
        }
    }

    [Fact]
    public void Side_BelowOne_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new ResizeLongestSide(0));

    private static IEnumerable<double> Apply(ResizeLongestSide transform, double[] xy, int[] hw) =>
        xy.Chunk(2).Select(p => transform.ApplyCoords(p[0], p[1], hw[0], hw[1])).SelectMany(p => (double[])[p.X, p.Y]);

    private static double[] Flat(JsonElement entry, string name) =>
        [.. entry.GetProperty(name).EnumerateArray().SelectMany(r => r.EnumerateArray()).Select(v => v.GetDouble())];
}
