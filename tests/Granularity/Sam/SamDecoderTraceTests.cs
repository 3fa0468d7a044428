using System.Text.RegularExpressions;
using SemanticSam.Granularity.Sam;
using SemanticSam.Tests.Support;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Sam;

/// <summary>What happens inside the mask decoder on the way with gradients, which goes module by module. Needs the complete golden data (SEMSAM_FIXTURES).</summary>
[Trait("Category", "Slow")]
public sealed class SamDecoderTraceTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("points3")]
    [InlineData("box")]
    public void PredictMasks_Tiny_GivesGoldenTrace(string prompt)
    {
        using var scope = NewDisposeScope();
        var golden = new SamGolden("sam/tiny_decoder_trace.safetensors");
        var prompts = new SamGolden("sam/tiny_prompts.safetensors");
        using var model = SamConfigs.Model("tiny");
        using var trace = new ModuleTrace().Watch(model.MaskDecoder);
        foreach (var (name, module) in model.MaskDecoder.named_modules())
            if (module is TwoWayAttentionBlock block)
                block.register_forward_hook((_, _, _, _, _, result) =>
                {
                    trace.Keep(name + ".queries", result.Queries);
                    trace.Keep(name + ".keys", result.Keys);
                    return result;
                });
            else if (module is TwoWayTransformer transformer)
                transformer.register_forward_hook((_, image, _, tokens, result) =>
                {
                    trace.Keep("src", image.transpose(1, 2).view(1, 256, 16, 16));
                    trace.Keep("tokens", tokens);
                    trace.Keep(name + ".queries", result.Queries);
                    trace.Keep(name + ".keys", result.Keys);
                    return result;
                });
        var embedded = model.PromptEncoder.forward(prompts.Optional(prompt + ".points"), prompts.Optional(prompt + ".labels"), prompts.Optional(prompt + ".box"));
        model.MaskDecoder.PredictMasks(new SamGolden("sam/tiny_encoder.safetensors").Tensor("embedding"), model.PromptEncoder.DensePosition(), embedded);

        foreach (string name in golden.Names.Where(n => n.StartsWith(prompt + ".", StringComparison.Ordinal)))
        {
            string bare = name[(prompt.Length + 1)..].Replace(".sample", "");
            var actual = trace[Module(bare)];
            if (name.EndsWith(".sample", StringComparison.Ordinal))
                actual = bare.EndsWith(".keys", StringComparison.Ordinal) ? SamGolden.Strided(actual, 1, 8)
                    : SamGolden.Grid(actual, bare == "src" ? 2 : bare is "upscaling3" or "upscaling4" ? 8 : 4);
            golden.Check(name, actual, 2e-5);
        }
        output.WriteLine($"{prompt}: largest difference {golden.Worst:g3}");
    }

    private static string Module(string name)
    {
        name = Regex.Replace(name, @"^layer(\d)", "transformer.layers.$1");
        name = Regex.Replace(name, @"^upscaling(\d)", "output_upscaling.$1");
        name = Regex.Replace(name, @"^hyper(\d)", "output_hypernetworks_mlps.$1");
        return name switch { "iou" => "iou_prediction_head", "final_attn" => "transformer.final_attn_token_to_image", _ => name };
    }
}
