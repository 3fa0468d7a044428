using System.Text.Json;
using SemanticSam.Masks;
using SemanticSam.Tests.Reference.OpenSeeD;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.OpenSeeD;

public sealed class MaskResamplingTests(ITestOutputHelper output)
{
    public static TheoryData<int> Cases() => Fixtures.Cases(
        () => Enumerable.Range(0, Described(GoldenTensors.Load("openseed/units")).GetProperty("cases_image_size_then_output_hw").GetArrayLength()));

    private static JsonElement Described(GoldenTensors golden) => golden.Sidecar.GetProperty("sem_seg_postprocess");

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void ToOutput_CropAndBicubic_GivesReference(int index)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenTensors.Load("openseed/units");
        var described = Described(golden).GetProperty("cases_image_size_then_output_hw")[index];
        var input = Formula.Of(Described(golden).GetProperty("input").GetString()!);
        var padded = new PixelSize((int)input.shape[1], (int)input.shape[2]);
        var unpadded = new PixelSize(described[0][0].GetInt32(), described[0][1].GetInt32());
        var size = new PixelSize(described[1].GetInt32(), described[2].GetInt32());
        output.WriteLine($"{golden.Check($"resize{index}", MaskResampling.ToOutput(input, new ImageGeometry(padded, unpadded, size))):g3}");
    }

    [SkippableFact]
    public void ToUnpadded_ReferenceLogits_GivesReferenceCrop()
    {
        using var scope = NewDisposeScope();
        var units = new Units();
        var golden = units.Golden;
        var logits = units.Input("post.logits");
        long[] bilinear = golden.Shape("post.bilinear"), crop = golden.Shape("post.crop");
        var padded = new PixelSize((int)bilinear[2], (int)bilinear[3]);
        var unpadded = new PixelSize((int)crop[1], (int)crop[2]);
        output.WriteLine($"{golden.Check("post.bilinear", MaskResampling.ToUnpadded(logits, padded, padded).unsqueeze(0)):g3}");
        output.WriteLine($"{golden.Check("post.crop", MaskResampling.ToUnpadded(logits, padded, unpadded)):g3}");
    }

    [Fact]
    public void ToOutput_FusedSteps_EqualOneAfterTheOther()
    {
        using var scope = NewDisposeScope();
        var logits = DetInput.Tensor("fused.logits", 2, 10, 13);
        var padded = new PixelSize(40, 52);
        var unpadded = new PixelSize(37, 49);
        var size = new PixelSize(61, 30);
        var upsampled = nn.functional.interpolate(logits.unsqueeze(0), [40, 52], mode: InterpolationMode.Bilinear, align_corners: false).squeeze(0);
        var stepwise = MaskResampling.ToOutput(upsampled, new ImageGeometry(padded, unpadded, size));
        var fused = MaskResampling.ToOutput(logits, new ImageGeometry(padded, unpadded, size));
        Close.AssertAbsolute(fused, stepwise, 1e-5, "fused");
        // The output size of the unpadded image needs no bicubic step.
        var same = MaskResampling.ToOutput(logits, new ImageGeometry(padded, unpadded, unpadded));
        Close.AssertAbsolute(same, MaskResampling.ToUnpadded(logits, padded, unpadded), 1e-5, "same size");
    }
}
