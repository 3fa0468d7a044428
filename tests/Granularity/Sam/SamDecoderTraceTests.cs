using System.Text.RegularExpressions;
using SemanticSam.Granularity.Sam;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Sam;

/// <summary>What happens inside the mask decoder on the way with gradients, which goes module by module. Needs the complete golden data
/// (SEMSAM_FIXTURES).</summary>
[Trait("Category", "Slow")]
public sealed class SamDecoderTraceTests(ITestOutputHelper output)
{
    private const string File = "sam/tiny_decoder_trace.safetensors";

    public static TheoryData<string> Prompts() => Fixtures.Cases(() => new SamGolden(File).Prompts(".tokens"));

    [SkippableTheory]
    [MemberData(nameof(Prompts))]
    public void PredictMasks_Tiny_GivesGoldenTrace(string prompt)
    {
        using var scope = NewDisposeScope();
        SamGolden golden = new(File), prompts = new("sam/tiny_prompts.safetensors"), encoder = new("sam/tiny_encoder.safetensors");
        using var model = SamConfigs.Model(SamConfigs.Of(golden, encoder));
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
                    trace.Keep("src", image.transpose(1, 2).view(1, model.Config.Width, model.Config.Grid, model.Config.Grid));
                    trace.Keep("tokens", tokens);
                    trace.Keep(name + ".queries", result.Queries);
                    trace.Keep(name + ".keys", result.Keys);
                    return result;
                });
        var embedded = model.PromptEncoder.forward(prompts.Optional(prompt + ".points"), prompts.Optional(prompt + ".labels"),
            prompts.Optional(prompt + ".box"));
        model.MaskDecoder.PredictMasks(encoder.Tensor("embedding"), model.PromptEncoder.DensePosition(), embedded);

        foreach (string name in golden.Names.Where(n => n.StartsWith(prompt + ".", StringComparison.Ordinal)))
        {
            string bare = name[(prompt.Length + 1)..].Replace(".sample", "");
            golden.Check(name, trace[Module(bare)], 2e-5);
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
