using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.RsPrompter;
using static TorchSharp.torch;
using Limits = SemanticSam.Engine.Zoo.PrompterLimits;

namespace SemanticSam.Tests.Engine.Zoo;

public sealed class PrompterLimitsTests
{
    public static TheoryData<string> Heads => [.. Enum.GetNames<PrompterHead>()];

    /// <summary>What a folder's file is measured against before anything is built: never more than the network has, or a sound folder would be refused, and not
    /// much less.</summary>
    [Theory]
    [MemberData(nameof(Heads))]
    public void ParametersAtLeast_OfEveryHead_IsMostOfTheNetworkAndNoMore(string head)
    {
        var config = Config(head);
        Limits.Require(config, "test");
        using var network = config.Head == PrompterHead.Classifier ? (nn.Module)new MaskClassifier(config.Classes) : new Prompter(config);
        double actual = network.parameters().Sum(p => p.numel()), least = Limits.ParametersAtLeast(config);
        Assert.InRange(least, 1, actual);
        // Doubling the classes is seen.
        Assert.True(Limits.ParametersAtLeast(config with { Classes = 2000 }) > least);
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void Require_EveryHeadWithAnEntryOutOfRange_NamesTheEntry(string head)
    {
        var config = Config(head);
        foreach (var (wrong, entry) in new (PrompterConfig, string)[]
        {
            (config with { Classes = 0 }, "classes"), (config with { ImageSize = 8192 }, "image_size"), (config with { Width = 1 << 20 }, "width"),
            (config with { Points = 0 }, "points"),
            (config with { BoxWidth = 0 }, "box_width"), (config with { Queries = 100_000 }, "queries"),
            (config with { StateWidths = [-1] }, "state_widths[0]"),
            (config with { AnchorScales = [0] }, "anchor_scales[0]"), (config with { Decoder = new() { Depth = 0 } }, "decoder.depth"),
        }) Assert.Contains(entry, Assert.Throws<CheckpointException>(() => Limits.Require(wrong, "test")).Message);
    }

    private static PrompterConfig Config(string head) => PrompterConfig.Of(Enum.Parse<PrompterHead>(head), 5, [32, 32]) with
    {
        Width = 32,
        ImageSize = 128,
        PyramidWidths = head is "Anchor" or "Query" ? [32, 32, 32, 32] : [],
        FineMasks = head is "Anchor" or "Query",
        BoxWidth = 64,
        Decoder = new() { FeedForward = 64, IouHeadWidth = 32 },
        Backbone = head == "Detector" ? new(8, [1, 1, 1, 1]) : null,
    };
}
