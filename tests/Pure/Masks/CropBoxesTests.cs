using SemanticSam.Masks;
using SemanticSam.Tests.Pure.Support;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class CropBoxesTests
{
    [SkippableFact]
    public void Generate_EveryCase_EqualsReference()
    {
        foreach (var entry in AmgPieces.Index.GetProperty("crop_boxes").EnumerateArray())
        {
            var size = entry.GetProperty("im_size_hw");
            var crops = CropBoxes.Generate(size[0].GetInt32(), size[1].GetInt32(), entry.GetProperty("n_layers").GetInt32(),
                entry.GetProperty("overlap_ratio").GetDouble());
            Assert.Equal(entry.GetProperty("boxes_xyxy").EnumerateArray().Select(AmgPieces.Box), crops.Select(c => c.Box));
            Assert.Equal(entry.GetProperty("layer_idxs").EnumerateArray().Select(v => v.GetInt32()), crops.Select(c => c.Layer));
        }
    }

    [SkippableFact]
    public void IsNearCropEdge_EveryBox_EqualsReference()
    {
        BoxI crop = AmgPieces.Box(AmgPieces.Index.GetProperty("near_edge").GetProperty("crop_box")),
            image = AmgPieces.Box(AmgPieces.Index.GetProperty("near_edge").GetProperty("orig_box"));
        BoxF[] boxes = [.. AmgPieces.Tensors["near_edge.boxes"].Integers.Chunk(4).Select(b => new BoxF(b[0], b[1], b[2], b[3]))];
        Assert.Equal(AmgPieces.Tensors["near_edge.out"].Bools, boxes.Select(b => CropBoxes.IsNearCropEdge(b, crop, image)));
        Assert.Equal(AmgPieces.Tensors["near_edge.out_whole"].Bools, boxes.Select(b => CropBoxes.IsNearCropEdge(b, image, image)));
        Assert.Equal(AmgPieces.Tensors["near_edge.out_atol5"].Bools, boxes.Select(b => CropBoxes.IsNearCropEdge(b, crop, image, 5)));
    }

    [SkippableFact]
    public void Uncrop_BoxesAndPoints_EqualReference()
    {
        BoxI crop = AmgPieces.Box(AmgPieces.Index.GetProperty("near_edge").GetProperty("crop_box"));
        var boxes = AmgPieces.Tensors["uncrop.boxes"].Integers.Chunk(4).Select(b => CropBoxes.Uncrop(new BoxF(b[0], b[1], b[2], b[3]), crop));
        Assert.Equal(AmgPieces.Tensors["uncrop.boxes_out"].Integers, boxes.SelectMany(b => new[] { (long)b.X1, (long)b.Y1, (long)b.X2, (long)b.Y2 }));
        var points = AmgPieces.Tensors["uncrop.points"].Doubles.Chunk(2).Select(p => CropBoxes.Uncrop((p[0], p[1]), crop));
        Assert.Equal(AmgPieces.Tensors["uncrop.points_out"].Doubles, points.SelectMany(p => new[] { p.X, p.Y }));
    }
}
