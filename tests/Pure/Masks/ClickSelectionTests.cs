using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class ClickSelectionTests
{
    private static Golden Demo => field ??= Golden.Load("semantic_sam/demo.safetensors");
    private static JsonElement Index => Fixtures.Json("semantic_sam/demo.json").RootElement;

    [SkippableFact]
    public void Select_SyntheticMaps_EqualsReference()
    {
        var logits = Demo["synthetic.logits"];
        int h = (int)logits.Shape[1], w = (int)logits.Shape[2];
        foreach (var result in Index.GetProperty("synthetic_results").EnumerateArray())
        {
            var options = new ClickSelectionOptions
            {
                PredictedIouThreshold = result.GetProperty("thresh").GetDouble(),
                HoleArea = result.GetProperty("hole_scale").GetDouble(),
                IslandArea = result.GetProperty("island_scale").GetDouble(),
            };
            var kept = ClickSelection.Select(logits.Floats, Demo["synthetic.ious"].Floats, h, w, options);
            Assert.Equal(result.GetProperty("kept_iou_text").EnumerateArray().Select(t => t.GetString()),
                kept.Select(k => k.PredictedIou.ToString(CultureInfo.InvariantCulture)));
            Assert.Equal(result.GetProperty("kept_masks").EnumerateArray().Select(Read), kept.Select(k => k.Mask));
            Assert.Equal(result.GetProperty("area_ascending_order").EnumerateArray().Select(i => i.GetInt32()),
                ClickSelection.ByArea(kept).Select(k => kept.ToList().IndexOf(k)));
        }
    }

    [SkippableFact]
    public void RemoveSmall_SyntheticMaps_GivesReferenceHashes()
    {
        var logits = Demo["synthetic.logits"];
        int h = (int)logits.Shape[1], w = (int)logits.Shape[2];
        foreach (var entry in Index.GetProperty("remove_small_regions").EnumerateArray())
        {
            var mask = Rle.FromLogits(logits.Floats.AsSpan(entry.GetProperty("map").GetInt32() * h * w, h * w), h, w);
            var kind = entry.GetProperty("mode").GetString() == "holes" ? RegionKind.Holes : RegionKind.Islands;
            var (result, changed) = MaskRegions.RemoveSmall(mask, entry.GetProperty("area_thresh").GetDouble(), kind);
            Assert.Equal(entry.GetProperty("changed").GetBoolean(), changed);
            Assert.Equal(entry.GetProperty("area").GetInt32(), result.Area);
            Assert.Equal(entry.GetProperty("sha256_packed_rows").GetString(), Convert.ToHexStringLower(SHA256.HashData(PackRows(result))));
        }
    }

    [Fact]
    public void Select_NothingGoodEnough_KeepsTheLastVisited()
    {
        float[] logits = [1, -1, 1, 1];
        Assert.Equal([0], ClickSelection.Select(logits, [0.1f, 0.2f], 1, 2).Select(k => k.Index));
    }

    [Theory]
    [InlineData(0.495f, true)] // 0.49500000476837158 rounds up to 0.5
    [InlineData(0.494999f, false)]
    [InlineData(0.125f, false)]
    public void Select_Threshold_IsComparedAfterRounding(float iou, bool kept)
    {
        float[] logits = [1, -1, 1, 1];
        var options = new ClickSelectionOptions { PredictedIouThreshold = 0.5 };
        Assert.Equal(kept, ClickSelection.Select(logits, [iou, 0.9f], 1, 2, options).Any(k => k.Index == 0));
    }

    [Fact]
    public void Select_TwoEmptyMasks_AreNotDuplicates() =>
        Assert.Equal(2, ClickSelection.Select(new float[8], [0.9f, 0.8f], 2, 2).Count);

    private static Rle Read(JsonElement e) => Rle.FromCounts(e.GetProperty("size")[0].GetInt32(), e.GetProperty("size")[1].GetInt32(),
        [.. e.GetProperty("counts").EnumerateArray().Select(c => c.GetInt32())]);

    private static byte[] PackRows(Rle mask)
    {
        int stride = (mask.Width + 7) / 8;
        var packed = new byte[mask.Height * stride];
        byte[] pixels = mask.ToBytes();
        for (int i = 0; i < pixels.Length; i++)
            if (pixels[i] != 0) packed[i / mask.Width * stride + i % mask.Width / 8] |= (byte)(0x80 >> (i % mask.Width % 8));
        return packed;
    }
}
