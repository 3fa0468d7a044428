using SemanticSam.Granularity.Sam;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Sam;

/// <summary>Prompt encoder and mask decoder on the golden embeddings.</summary>
public sealed class PromptEncoderTests(ITestOutputHelper output)
{
    private const double Tolerance = 2e-5;

    [SkippableFact]
    public void Prompts_Small_GiveGoldenMasks() => Check("sam/small_prompts.safetensors", "sam/small_encoder.safetensors");

    [SkippableFact]
    public void Prompts_MobileTiny_GiveGoldenMasks() => Check("mobilesam/tiny_prompts.safetensors");

    /// <summary>Needs the complete golden data (SEMSAM_FIXTURES).</summary>
    [SkippableFact]
    [Trait("Category", "Slow")]
    public void Prompts_Tiny_GiveGoldenMasks() => Check("sam/tiny_prompts.safetensors", "sam/tiny_encoder.safetensors");

    /// <param name="file">Prompts and answers.</param>
    /// <param name="encoder">The file that tells the encoder's sizes, where they are not those of the README.</param>
    private void Check(string file, string? encoder = null)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var golden = new SamGolden(file);
        using var model = SamConfigs.Model(encoder is null ? SamConfigs.Of(golden) : SamConfigs.Of(golden, new SamGolden(encoder)));
        var image = model.ImageEncoder.call(SamConfigs.Image(model.Config));
        var position = model.PromptEncoder.DensePosition();
        golden.Check("dense_pe", position, Tolerance);
        foreach (string prompt in golden.Prompts(".iou.multi"))
        {
            var embedded = model.PromptEncoder.forward(golden.Optional(prompt + ".points"), golden.Optional(prompt + ".labels"),
                golden.Optional(prompt + ".box"), golden.Optional(prompt + ".mask_input"));
            golden.Check(prompt + ".sparse", embedded.Sparse, Tolerance);
            if (golden.Has(prompt + ".mask_input")) golden.Check(prompt + ".dense", embedded.Dense, Tolerance);
            else golden.Check("no_mask_dense", embedded.Dense[0].select(2, 3).select(1, 1), Tolerance);
            foreach (bool multimask in new[] { true, false })
            {
                var (masks, iou) = model.MaskDecoder.forward(image, position, embedded, multimask);
                golden.Check($"{prompt}.masks.{(multimask ? "multi" : "single")}", masks, Tolerance);
                golden.Check($"{prompt}.iou.{(multimask ? "multi" : "single")}", iou, Tolerance);
            }
        }
        output.WriteLine($"{golden.Config}: largest difference {golden.Worst:g3}");
    }

    [Fact]
    public void PromptEncoder_WrongShapes_AreNamed()
    {
        using var scope = NewDisposeScope();
        using var model = new SamModel(SamConfigs.Of("small"));
        Assert.Contains("[1, 1, 32, 32]", Assert.Throws<ArgumentException>(() => model.PromptEncoder.forward(masks: zeros(1, 1, 64, 64))).Message);
        Assert.Contains("together", Assert.Throws<ArgumentException>(() => model.PromptEncoder.forward(points: zeros(1, 1, 2))).Message);
        Assert.Contains("[2, 4]", Assert.Throws<ArgumentException>(() =>
            model.PromptEncoder.forward(zeros(2, 1, 2), zeros([2, 1], ScalarType.Int64), boxes: zeros(3, 4))).Message);
    }
}
