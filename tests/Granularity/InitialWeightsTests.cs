using System.Text.RegularExpressions;
using SemanticSam.Granularity.Sam;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity;

/// <summary>
/// A fresh model has the initial distribution that its authors' code gives it: torch's own by kind of layer, and what the code says beyond
/// (segment_anything, mobile_sam, semantic_sam, openseed, clip; TinyViT and Swin as there).
/// </summary>
public sealed class InitialWeightsTests
{
    private static readonly Distribution Zeros = new(0), Ones = new(1), Unit = Distribution.Normal(1), Small = Distribution.Normal(0.02);

    public static TheoryData<string> Families => NetworkFamilies.All;

    [Theory]
    [MemberData(nameof(Families))]
    public void Constructor_EveryFamily_DrawsThePublishedWeights(string family)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        using var model = NetworkFamilies.Create(family);
        Check(model, family);
    }

    [Fact]
    public void ResetForScratch_Nano_PreparesATrainingFromNothing()
    {
        using var scope = NewDisposeScope();
        manual_seed(8);
        using var model = new SemanticSamModel(ModelConfig.Nano);
        model.ResetForScratch();
        Check(model, "nano scratch");
    }

    private static void Check(nn.Module model, string family)
    {
        var modules = model.named_modules().ToDictionary(m => m.name, m => m.module);
        var faults = new List<string>();
        foreach (var (name, parameter) in model.named_parameters())
        {
            int dot = name.LastIndexOf('.');
            var owner = dot < 0 ? model : modules[name[..dot]];
            var expected = Beyond(family, name, parameter) ?? OfLayer(owner, name[(dot + 1)..], parameter)
                ?? throw new InvalidOperationException($"{family}: no published distribution is stated for {name}.");
            if (expected.Fault(parameter.detach().flatten().to(ScalarType.Float64).data<double>().ToArray()) is { } fault)
                faults.Add($"{name} [{string.Join(", ", parameter.shape)}]: {fault}");
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    /// <summary>Torch's own.</summary>
    private static Distribution? OfLayer(nn.Module layer, string name, Tensor parameter) => layer switch
    {
        Linear linear => Distribution.FanIn(linear.weight.shape[1]),
        AdaptableLinear linear => Distribution.FanIn(linear.Weight.shape[1]),
        Conv2d convolution => Distribution.FanIn(convolution.weight.shape[1..].Aggregate(1L, (a, b) => a * b)),
        ConvTranspose2d convolution => Distribution.FanIn(convolution.weight!.shape[1..].Aggregate(1L, (a, b) => a * b)),
        Embedding => Unit,
        LayerNorm or GroupNorm or BatchNorm2d or LayerNorm2d => name == "weight" ? Ones : Zeros,
        _ => null,
    };

    /// <summary>What the authors' code says beyond torch's own.</summary>
    private static Distribution? Beyond(string family, string name, Tensor parameter) => family switch
    {
        "sam" => First(name, (@"pos_embed$|rel_pos_[hw]$", Zeros)),
        "mobile-sam" => First(name,
            (@"attention_biases$", Zeros),
            (@"layers\.0\.blocks\.\d+\.conv3\.bn\.weight$", Zeros),
            (@"image_encoder\..*\.(qkv|proj|fc1|fc2|head)\.weight$|image_encoder\.head\.weight$", Small),
            (@"image_encoder\..*\.(qkv|proj|fc1|fc2)\.bias$|image_encoder\.head\.bias$", Zeros)),
        "clip" => Clip(name, 96, 3) ?? First(name, (@"logit_scale$", new(Math.Log(1 / 0.07)))),
        "nano scratch" => First(name,
            (@"class_embed(_part)?$|lang_mapper$", Distribution.Normal(Math.Pow(parameter.numel() / FanIn(parameter), -0.5))),
            (@"logit_scale$", new(2)),
            (@"token_embedding\.weight$", Distribution.Normal(0.05)),
            (@"positional_embedding$", Distribution.Normal(0.02)),
            (@"level_embed$", Distribution.Normal(0.1)),
            (@"lang_proj$", Distribution.Normal(Math.Pow(parameter.numel() / FanIn(parameter), -0.5))),
            (@"resblocks.*bias$", Zeros)) ?? Clip(name, 192, 2) ?? MaskDino(name, parameter),
        _ => MaskDino(name, parameter),
    };

    private static Distribution? Clip(string name, double width, int layers)
    {
        double output = Math.Pow(width, -0.5) * Math.Pow(2 * layers, -0.5);
        return First(name,
            (@"token_embedding\.weight$", Small),
            (@"positional_embedding$", Distribution.Normal(0.01)),
            (@"resblocks.*in_proj_weight$", Distribution.Normal(Math.Pow(width, -0.5))),
            (@"resblocks.*attn.*bias$", Zeros),
            (@"resblocks.*out_proj\.weight$", Distribution.Normal(output)),
            (@"c_fc\.weight$", Distribution.Normal(Math.Pow(2 * width, -0.5))),
            (@"c_proj\.weight$", Distribution.Normal(output)),
            (@"text_projection$", Distribution.Normal(Math.Pow(width, -0.5))));
    }

    /// <summary>Semantic-SAM, OpenSeeD and the embedded model, whose backbone and additions are its own.</summary>
    private static Distribution? MaskDino(string name, Tensor parameter) => First(name,
        (@"relative_position_bias_table$", Small),
        (@"^backbone\..*bn2\.weight$", Zeros), // the embedded model's: fresh blocks pass their input through
        (@"^backbone\.(stem|layers).*(conv|conv1|conv2)\.weight$", Distribution.Normal(parameter.dim() == 4 ? Math.Sqrt(2.0 / (parameter.shape[0] * 9)) : 1)),
        (@"input_proj\.\d+\.0\.weight$", Distribution.Xavier(parameter)),
        (@"input_proj\.\d+\.0\.bias$", Zeros),
        (@"(adapter_1|layer_1)\.weight$|mask_features\.weight$", Distribution.Uniform(Math.Sqrt(3.0 / FanIn(parameter)))),
        (@"mask_features\.bias$", Zeros),
        (@"level_embed$", Unit),
        (@"sampling_offsets\.weight$|attention_weights\.(weight|bias)$", Zeros),
        (@"sampling_offsets\.bias$", Distribution.Rays),
        (@"(value_proj|output_proj)\.weight$", Distribution.Xavier(parameter)),
        (@"(value_proj|output_proj)\.bias$", Zeros),
        (@"lang_encoder\..*(token_embedding\.weight|positional_embedding)$|lang_proj$", Small),
        (@"lang_encoder\..*(out_proj|c_fc|c_proj)\.weight$", Small),
        (@"lang_encoder\..*(out_proj|c_fc|c_proj|in_proj)[._]bias$", Zeros),
        (@"in_proj_weight$", Distribution.Xavier(parameter)),
        (@"in_proj_bias$|out_proj\.bias$", Zeros),
        (@"logit_scale$", Ones),
        (@"layers\.\d+\.(linear1|linear2|self_attn\.out_proj)\.weight$|ref_point_head\.layers\.\d\.weight$", Distribution.Xavier(parameter)),
        (@"predictor\.class_embed(_part)?$|lang_mapper$", Small),
        (@"bbox_embed\.(\d+\.)?layers\.2\.(weight|bias)$", Zeros),
        (@"shape_prior\.bias$", Distribution.Rays),
        (@"(prompt_feature\.\d+|name_evidence|shape_prior|click_quality\.layers\.2)\.(weight|bias)$", Zeros));

    private static double FanIn(Tensor weight) => weight.shape.Skip(1).Aggregate(1.0, (a, b) => a * b);

    private static Distribution? First(string name, params ReadOnlySpan<(string Pattern, Distribution Distribution)> rules)
    {
        foreach (var (pattern, distribution) in rules)
            if (Regex.IsMatch(name, pattern)) return distribution;
        return null;
    }

    /// <summary>A distribution of mean <paramref name="Mean"/>; constant where neither bound nor deviation is given.</summary>
    private sealed record Distribution(double Mean, double Deviation = 0, double? Bound = null)
    {
        /// <summary>A pattern of numbers that has tests of its own; here it has only to be finite and not all alike.</summary>
        public static Distribution Rays { get; } = new(double.NaN);

        public static Distribution Normal(double deviation) => new(0, deviation);

        public static Distribution Uniform(double bound) => new(0, bound / Math.Sqrt(3), bound);

        public static Distribution FanIn(long fan) => Uniform(Math.Pow(fan, -0.5));

        public static Distribution Xavier(Tensor weight)
        {
            if (weight.dim() < 2) return Uniform(1);
            long cells = weight.numel() / (weight.shape[0] * weight.shape[1]);
            return Uniform(Math.Sqrt(6.0 / ((weight.shape[0] + weight.shape[1]) * cells)));
        }

        /// <summary>Why these numbers are not of the distribution; null when they may be. Six standard errors: one run in many millions fails by
        /// chance.</summary>
        public string? Fault(double[] values)
        {
            if (!values.All(double.IsFinite)) return "not finite";
            if (double.IsNaN(Mean)) return values.Distinct().Count() > 1 ? null : "all alike";
            double mean = values.Average(), deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), n = values.Length;
            if (Deviation == 0) return values.All(v => Math.Abs(v - Mean) < 1e-6) ? null : $"not {Mean} everywhere (mean {mean:g3}, deviation {deviation:g3})";
            if (Bound is { } bound && values.Max(Math.Abs) > bound * (1 + 1e-6)) return $"{values.Max(Math.Abs):g4} exceeds {bound:g4}";
            if (Math.Abs(mean) > 6 * Deviation / Math.Sqrt(n)) return $"mean {mean:g3}, deviation {Deviation:g3} was expected";
            return n >= 16 && Math.Abs(deviation / Deviation - 1) > 6 / Math.Sqrt(2 * n) ? $"deviation {deviation:g4} instead of {Deviation:g4}" : null;
        }
    }
}
