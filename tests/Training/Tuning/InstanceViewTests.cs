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
