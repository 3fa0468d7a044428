using SemanticSam.Granularity.Layers;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Masks;
using SemanticSam.Tests.Granularity.RsPrompter;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Tuning;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Tuning;

public sealed class InstanceViewTests
{
    [SkippableFact]
    public void Steps_GoldenImage_GiveGoldenImagesMasksAndBoxes()
    {
        using var scope = NewDisposeScope();
        var golden = new TuningGolden("rsprompter/augment.safetensors");
        long[] labels = golden["crop.labels"].Integers;
        var view = new InstanceView(golden.Input("image").permute(2, 0, 1), golden["masks"] is var m ? tensor(m.Raw, m.Shape) : null!,
            golden.Boxes("boxes"), [.. labels.Select(l => (int)l)]);
        int[] targets = [.. System.Text.RegularExpressions.Regex.Matches(golden.Config.GetProperty("target").GetString()!, @"\b\d\d\b")
            .Select(v => int.Parse(v.Value))];
        var flipped = view.Flip();
        Check("flip", flipped);
        var up = flipped.Resize(targets[0]);
        Check("up", up);
        long[] offset = golden["crop.offset_yx"].Integers;
        var crop = up.Crop((int)offset[0], (int)offset[1], golden.Size("crop"));
        Check("crop", crop);
        Assert.Equal(labels, crop.Labels.Select(l => (long)l));
        Check("down", flipped.Resize(targets[1]));

        void Check(string name, InstanceView actual)
        {
            if (golden.Has(name + ".image")) golden.Check(name + ".image", actual.Image.permute(1, 2, 0));
            Assert.Equal(golden[name + ".masks"].Raw, actual.Masks.contiguous().data<byte>().ToArray());
            RegionTests.CheckBoxes(golden.Boxes(name + ".boxes"), actual.Boxes);
        }
    }

    /// <summary>What lies at the right is above after a quarter turn to the left, in image, masks and boxes alike; four turns are none.</summary>
    [Fact]
    public void Turn_ByQuarters_TurnsImageMasksAndBoxes()
    {
        using var scope = NewDisposeScope();
        var masks = zeros([1, 20, 30], ScalarType.Byte);
        masks[0, TensorIndex.Slice(3, 5), TensorIndex.Slice(24, 30)] = 1; // near the right side
        var view = new InstanceView(arange(3 * 20 * 30, dtype: ScalarType.Float32).view(3, 20, 30), masks, [new(24, 3, 30, 5)], [7]);
        var turned = view.Turn(1);
        Assert.Equal((30, 20), (turned.Height, turned.Width));
        Assert.Equal([new BoxF(3, 0, 5, 6)], turned.Boxes);
        Assert.Equal(view.Image[1, 4, 29].item<float>(), turned.Image[1, 0, 4].item<float>());
        for (int quarters = 0; quarters < 4; quarters++)
        {
            var some = view.Turn(quarters);
            Assert.Equal(InstanceView.BoxesOf(some.Masks), some.Boxes);
            Assert.Equal([7], some.Labels);
            var whole = some.Turn(4 - quarters == 4 ? 0 : 4 - quarters);
            Assert.True(whole.Image.equal(view.Image).all().item<bool>() && whole.Masks.equal(view.Masks).all().item<bool>());
            Assert.Equal(view.Boxes, whole.Boxes);
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Draw_WhereViewsAreTurned_ShowsAllSidesUp(bool turns, bool jitters)
    {
        using var folder = new TempFolder();
        using var scope = NewDisposeScope();
        var image = new RgbImage(64, 64);
        for (int p = 0; p < image.Pixels.Length; p++) image.Pixels[p] = (byte)(p / 3 / 64 < 32 && p / 3 % 64 < 32 ? 250 : 10); // one light corner
        File.WriteAllBytes(folder.File("corner.png"), ImageEncoder.Png(image));
        File.WriteAllText(folder.File("coco.json"), """
            {"images": [{"id": 1, "file_name": "corner.png", "width": 64, "height": 64}], "categories": [{"id": 1, "name": "corner"}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 32, 0, 32, 32, 0, 32]], "bbox": [0, 0, 32, 32]}]}
            """);
        var data = TuningData.Load(folder.File("coco.json"), folder.Path, _ => { });
        var source = new ViewSource(data, 64, 0, CPU) { Scales = new(1, 1), Turns = turns, Jitters = jitters };
        var corners = Enumerable.Range(0, 40).Select(v => source.Draw(0, v, pixels: false).Boxes[0]).ToHashSet();
        Assert.Equal(turns ? 4 : 2, corners.Count);
        Assert.Equal(new BoxF(0, 0, 32, 32), source.Draw(0, 0, pixels: false).Boxes[0]); // the plain view
    }

    [Fact]
    public void Crop_ObjectOutside_IsGone()
    {
        using var scope = NewDisposeScope();
        var masks = zeros([2, 20, 30], ScalarType.Byte);
        masks[0, TensorIndex.Slice(2, 6), TensorIndex.Slice(3, 9)] = 1;
        masks[1, TensorIndex.Slice(12, 18), TensorIndex.Slice(20, 28)] = 1;
        var view = new InstanceView(zeros(3, 20, 30), masks, [new(3, 2, 9, 6), new(20, 12, 28, 18)], [0, 1]).Crop(0, 0, 10);
        Assert.Equal([new BoxF(3, 2, 9, 6)], view.Boxes);
        Assert.Equal([0], view.Labels);
    }

    /// <summary>
    /// What a training sees and what the model sees in use are the same pixels: else thin things are broken up in one and whole in the other.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Draw_LargeImage_IsSmoothedAsInUse(bool jitters)
    {
        using var folder = new TempFolder();
        using var scope = NewDisposeScope();
        const int Width = 300, Height = 200, Side = 64;
        var image = new RgbImage(Width, Height);
        for (int p = 0; p < image.Pixels.Length; p++) image.Pixels[p] = (byte)(p / 3 % Width % 5 == 0 ? 250 : 10); // stripes as thin as a wing
        File.WriteAllBytes(folder.File("stripes.png"), ImageEncoder.Png(image));
        File.WriteAllText(folder.File("coco.json"), $$"""
            {"images": [{"id": 1, "file_name": "stripes.png", "width": {{Width}}, "height": {{Height}}}], "categories": [{"id": 1, "name": "stripe"}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 300, 0, 300, 200, 0, 200]], "bbox": [0, 0, 300, 200]}]}
            """);
        var data = TuningData.Load(folder.File("coco.json"), folder.Path, _ => { });
        var drawn = new ViewSource(data, Side, 0, CPU) { Scales = new(1, 1) }.Draw(0, jitters ? 1 : 0, pixels: true);
        var used = Resize.LongestSide(image, Side);
        Assert.Equal((used.Height, used.Width), (drawn.Height, drawn.Width));
        var wanted = ImageTensor.Bytes(used).squeeze(0).to(ScalarType.Float32);
        float Furthest(Tensor of) => (drawn.Image - of).abs().max().item<float>();
        float apart = Math.Min(Furthest(wanted), jitters ? Furthest(wanted.flip(2)) : float.MaxValue);
        Assert.True(apart <= 1.01f, $"A pixel differs by {apart}: more than is rounded.");
    }

    [Fact]
    public void Draw_PieceOfALargerImage_HoldsAnInstanceAtTheSizeOfTheWhole()
    {
        using var scope = NewDisposeScope();
        var masks = zeros([2, 90, 120], ScalarType.Byte);
        masks[0, TensorIndex.Slice(2, 12), TensorIndex.Slice(3, 23)] = 1;
        masks[1, TensorIndex.Slice(70, 80), TensorIndex.Slice(90, 110)] = 1;
        var view = new InstanceView(zeros(3, 90, 120), masks, [new(3, 2, 23, 12), new(90, 70, 110, 80)], [0, 1]);
        var seen = new HashSet<int>();
        var places = new HashSet<float>();
        for (int seed = 0; seed < 40; seed++)
        {
            var piece = LargeScaleJitter.Draw(view, 64, new(1, 1), new Random(seed), whole: 240);
            Assert.Equal((64, 64), (piece.Height, piece.Width));
            Assert.NotEmpty(piece.Boxes);
            Assert.All(piece.Boxes, b => Assert.InRange(b.Width, 1, 42)); // twice as large as in the image, or cut
            Assert.Contains(piece.Boxes, b => b.Width >= 19); // of the one in the middle at least half is there
            seen.UnionWith(piece.Labels);
            places.UnionWith(piece.Boxes.Select(b => b.X1));
        }
        Assert.Equal(2, seen.Count);
        Assert.True(places.Count > 5, "All pieces are cut alike.");
    }

    [Fact]
    public void Draw_SameSeed_GivesTheSameViewWithinTheSide()
    {
        using var scope = NewDisposeScope();
        var view = new InstanceView(rand(3, 40, 60), ones([1, 40, 60], ScalarType.Byte), [new(0, 0, 60, 40)], [0]);
        for (int seed = 0; seed < 20; seed++)
        {
            InstanceView first = LargeScaleJitter.Draw(view, 48, ScaleRange.Released, new Random(seed)),
                second = LargeScaleJitter.Draw(view, 48, ScaleRange.Released, new Random(seed));
            Assert.True(first.Image.equal(second.Image).all().item<bool>());
            Assert.InRange(Math.Max(first.Height, first.Width), 4, 48);
            Assert.Equal(1, first.Masks.shape[0]);
        }
    }
}
