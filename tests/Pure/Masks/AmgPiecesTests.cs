using System.Globalization;
using System.Text.Json;
using SemanticSam.Formats.Coco;
using SemanticSam.Formats.Shapes;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Masks;

/// <summary>The remaining pure functions of SAM's automatic mask generation against golden/amg/pieces.</summary>
public sealed class AmgPiecesTests
{
    private static Golden Pieces => field ??= Golden.Load("amg/pieces.safetensors");
    private static JsonElement Index => Fixtures.Json("amg/pieces.json").RootElement;

    private static BoxI ToBox(JsonElement e) => new(e[0].GetInt32(), e[1].GetInt32(), e[2].GetInt32(), e[3].GetInt32());

    private static double[] Flat((double X, double Y)[] grid) => [.. grid.SelectMany(p => new[] { p.X, p.Y })];

    [SkippableFact]
    public void PointGrid_EverySize_EqualsReferenceInDouble()
    {
        foreach (var (name, grid) in Pieces.Tensors.Where(t => t.Key.StartsWith("grid.", StringComparison.Ordinal)))
            Assert.Equal(grid.Doubles, Flat(PointGrid.Build(int.Parse(name[5..], CultureInfo.InvariantCulture))));
        foreach (var entry in Index.GetProperty("layer_grids").EnumerateArray())
        {
            int[] a = [.. entry.GetProperty("args").EnumerateArray().Select(v => v.GetInt32())];
            var layers = PointGrid.BuildLayers(a[0], a[1], a[2]);
            Assert.Equal(entry.GetProperty("sizes").EnumerateArray().Select(v => v.GetInt32()), layers.Select(l => l.Length));
            for (int k = 0; k < layers.Length; k++) Assert.Equal(Pieces[$"layer_grid.{a[0]}_{a[1]}_{a[2]}.{k}"].Doubles, Flat(layers[k]));
        }
    }

    [Fact]
    public void PointGrid_LayerWithoutPoints_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PointGrid.BuildLayers(4, 3, 2));

    [SkippableFact]
    public void CropBoxes_EveryCase_EqualsReference()
    {
        foreach (var entry in Index.GetProperty("crop_boxes").EnumerateArray())
        {
            var size = entry.GetProperty("im_size_hw");
            var crops = CropBoxes.Generate(size[0].GetInt32(), size[1].GetInt32(), entry.GetProperty("n_layers").GetInt32(), entry.GetProperty("overlap_ratio").GetDouble());
            Assert.Equal(entry.GetProperty("boxes_xyxy").EnumerateArray().Select(ToBox), crops.Select(c => c.Box));
            Assert.Equal(entry.GetProperty("layer_idxs").EnumerateArray().Select(v => v.GetInt32()), crops.Select(c => c.Layer));
        }
    }

    [SkippableFact]
    public void Stability_EveryThreshold_EqualsReferenceBits()
    {
        var logits = Pieces["stability.logits"];
        int n = (int)logits.Shape[0], size = (int)(logits.Shape[1] * logits.Shape[2]);
        var cases = Pieces.Tensors.Where(t => t.Key.StartsWith("stability.t", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(cases);
        foreach (var (name, expected) in cases)
        {
            string[] parts = name["stability.t".Length..].Split("_o");
            double threshold = double.Parse(parts[0], CultureInfo.InvariantCulture), offset = double.Parse(parts[1], CultureInfo.InvariantCulture);
            for (int i = 0; i < n; i++)
                Assert.Equal(expected.Floats[i], Stability.Score(logits.Floats.AsSpan(i * size, size), threshold, offset));
        }
    }

    [SkippableFact]
    public void RemoveSmall_EveryCase_EqualsReference()
    {
        foreach (var entry in Index.GetProperty("regions").EnumerateArray())
        {
            string name = entry.GetProperty("mask").GetString()!;
            var pixels = Pieces[$"regions.{name}"];
            int h = (int)pixels.Shape[0], w = (int)pixels.Shape[1];
            var kind = entry.GetProperty("mode").GetString() switch
            {
                "holes" => RegionKind.Holes,
                "islands" => RegionKind.Islands,
                var other => throw new InvalidDataException(other),
            };
            var (mask, changed) = MaskRegions.RemoveSmall(Rle.FromBytes(pixels.Raw, h, w), entry.GetProperty("area_thresh").GetDouble(), kind);
            Assert.Equal(entry.GetProperty("changed").GetBoolean(), changed);
            Assert.Equal(entry.GetProperty("coco").GetString(), mask.ToCompressedString());
        }
    }

    [SkippableFact]
    public void IsNearCropEdge_EveryBox_EqualsReference()
    {
        BoxI crop = ToBox(Index.GetProperty("near_edge").GetProperty("crop_box")), picture = ToBox(Index.GetProperty("near_edge").GetProperty("orig_box"));
        BoxF[] boxes = [.. Pieces["near_edge.boxes"].Integers.Chunk(4).Select(b => new BoxF(b[0], b[1], b[2], b[3]))];
        Assert.Equal(Pieces["near_edge.out"].Bools, boxes.Select(b => CropBoxes.IsNearCropEdge(b, crop, picture)));
        Assert.Equal(Pieces["near_edge.out_whole"].Bools, boxes.Select(b => CropBoxes.IsNearCropEdge(b, picture, picture)));
        Assert.Equal(Pieces["near_edge.out_atol5"].Bools, boxes.Select(b => CropBoxes.IsNearCropEdge(b, crop, picture, 5)));
    }

    [SkippableFact]
    public void Uncrop_BoxesAndPoints_EqualReference()
    {
        BoxI crop = ToBox(Index.GetProperty("near_edge").GetProperty("crop_box"));
        var boxes = Pieces["uncrop.boxes"].Integers.Chunk(4).Select(b => CropBoxes.Uncrop(new BoxF(b[0], b[1], b[2], b[3]), crop));
        Assert.Equal(Pieces["uncrop.boxes_out"].Integers, boxes.SelectMany(b => new[] { (long)b.X1, (long)b.Y1, (long)b.X2, (long)b.Y2 }));
        var points = Pieces["uncrop.points"].Doubles.Chunk(2).Select(p => CropBoxes.Uncrop((p[0], p[1]), crop));
        Assert.Equal(Pieces["uncrop.points_out"].Doubles, points.SelectMany(p => new[] { p.X, p.Y }));
    }
}
