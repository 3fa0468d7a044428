using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine;

/// <summary>What the embedded model convolves in changes the edges of its masks and nothing else.</summary>
public sealed class ModelPrecisionTests
{
    private const string Photo = "wholepart/images/val/ccp_0667.jpg";

    [Fact]
    public void Precision_OfTheEmbeddedModel_ChangesMasksByAFewPixels()
    {
        var image = ImageDecoder.Decode(Fixtures.OwnPath(Photo));
        var (exact, exactClick) = Answer(ModelPrecision.Float32, image);
        var (rounded, roundedClick) = Answer(ModelPrecision.Bfloat16, image);
        Assert.NotEqual(exact.Mask, rounded.Mask); // the option does something
        Assert.InRange(exact.Mask.IoU(rounded.Mask), 0.97, 0.99999);
        Assert.Equal(exact.PredictedIou, rounded.PredictedIou, 0.03);
        Assert.InRange(exactClick.Mask.IoU(roundedClick.Mask), 0.97, 1);
        var automatic = Answer(ModelPrecision.Automatic, image).Person.Mask;
        Assert.True(automatic.Equals(exact.Mask) || automatic.Equals(rounded.Mask));
    }

    [Theory]
    [InlineData(ModelPrecision.Float32)]
    [InlineData(ModelPrecision.Bfloat16)]
    public void SaveFeatures_AnyPrecision_AnswerAsBefore(ModelPrecision precision)
    {
        using var folder = new TempFolder();
        TinyNano.Lay(folder.File("model"));
        using var model = SegmentationModel.Load(folder.File("model"), new ModelOptions { Precision = precision });
        using var session = model.Open(TinyNano.Image());
        session.SaveFeatures(folder.File("features.safetensors"));
        using var opened = model.OpenFeatures(folder.File("features.safetensors"), TinyNano.Image());
        Assert.Equal(session.Segment(Prompt.At(60, 40)), opened.Segment(Prompt.At(60, 40)));
        Assert.Equal(session.Segment(Prompt.Named("car")), opened.Segment(Prompt.Named("car")));
    }

    [Fact]
    public void Load_Bfloat16_IsRefusedByOtherFamilies()
    {
        using var folder = new TempFolder();
        folder.Write("sam.pth", [1, 2, 3]);
        var bfloat16 = new ModelOptions { Precision = ModelPrecision.Bfloat16 };
        string sam = folder.File("sam.pth"), other = Path.Combine(Fixtures.Own, "semantic-sam-small");
        Assert.Contains("compute in float32", Assert.Throws<CheckpointException>(() => SegmentationModel.LoadCheckpoint(sam, bfloat16)).Message);
        Assert.DoesNotContain("float32", Assert.Throws<CheckpointException>(() => SegmentationModel.LoadCheckpoint(sam)).Message);
        Assert.Contains("compute in float32", Assert.Throws<CheckpointException>(() => SegmentationModel.Load(other, bfloat16)).Message);
    }

    private static (MaskResult Person, MaskResult Click) Answer(ModelPrecision precision, RgbImage image)
    {
        using var model = SegmentationModel.Default(new ModelOptions { Precision = precision });
        using var session = model.Open(image);
        return (session.Segment(Prompt.Named("person"))[0], session.Segment(Prompt.At(image.Width / 2f, image.Height / 2f))[0]);
    }
}
