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
            double[] first = [.. coords];
            transform.ApplyCoords(coords, hw[0], hw[1]);
            transform.ApplyBoxes(boxes, hw[0], hw[1]);
            Assert.Equal(Flat(entry, "out"), coords);
            Assert.Equal(Flat(entry, "box_out"), boxes);
            Assert.Equal((coords[2], coords[3]), transform.ApplyCoords(first[2], first[3], hw[0], hw[1]));
        }
    }

    [Fact]
    public void ApplyBoxes_ValuesThatAreNoBoxes_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new ResizeLongestSide(64).ApplyBoxes(new double[6], 10, 10));
        Assert.Throws<ArgumentException>(() => new ResizeLongestSide(64).ApplyCoords(new double[3], 10, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResizeLongestSide(0));
    }

    private static double[] Flat(JsonElement entry, string name) =>
        [.. entry.GetProperty(name).EnumerateArray().SelectMany(r => r.EnumerateArray()).Select(v => v.GetDouble())];
}
