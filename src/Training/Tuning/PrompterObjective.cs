using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Masks;
using SemanticSam.Training.Losses;
using SemanticSam.Training.Objectives;
using static TorchSharp.torch;

namespace SemanticSam.Training.Tuning;

/// <summary>How a prompter's losses are computed.</summary>
internal sealed record PrompterObjectiveOptions
{
    /// <summary>Proposals that regions are chosen from.</summary>
    public ProposalLimits Proposals { get; init; } = ProposalLimits.Training;

    /// <summary>Anchors that are learned from.</summary>
    public CandidateSampling Anchors { get; init; } = CandidateSampling.OfAnchors;

    /// <summary>Regions that are learned from; null for the head's own number.</summary>
    public CandidateSampling? Regions { get; init; }

    /// <summary>Most regions or queries of an image whose masks are drawn in a step; null for all that stand for a truth.</summary>
    public int? Masks { get; init; }

    /// <summary>Points that masks of queries are compared at.</summary>
    public PointOptions Points { get; init; } = new();
}

/// <summary>What a prompter is trained to do.</summary>
internal sealed class PrompterObjective(Prompter prompter, PrompterObjectiveOptions options)
{
    private AnchorGrid? _anchors;

    /// <summary>The loss of a batch.</summary>
    /// <param name="maps">Of the batch.</param>
    /// <param name="truths">One an image.</param>
    /// <param name="random">Chooses anchors and regions.</param>
    /// <param name="uniform">Chooses points.</param>
    /// <param name="report">Receives each loss under its name.</param>
    /// <returns>A scalar, in the caller's dispose scope.</returns>
    public Tensor Loss(PrompterMaps maps, IReadOnlyList<InstanceTruth> truths, Random random, RandomUniform uniform, LossReport report)
    {
        using var scope = NewDisposeScope();
        var loss = prompter.Config.FindsRegions ? OfRegions(maps, truths, random, report)
            : new QueryLoss(prompter.Config.Classes, options.Points, uniform, (tokens, coarse, images) => prompter.DrawQueries(maps, tokens, coarse, images),
                options.Masks, random).Of(prompter.Ask(maps, last: false), truths, report);
        return loss.MoveToOuterDisposeScope();
    }

    private Tensor OfRegions(PrompterMaps maps, IReadOnlyList<InstanceTruth> truths, Random random, LossReport report)
    {
        var config = prompter.Config;
        var (rpnClasses, rpnBoxes) = RpnLoss.Of(prompter.ProposalHead, maps.Maps, truths, AnchorsOf(maps.Maps), options.Anchors, random);
        BoxF[][] proposals = Proposals(maps);
        bool anchor = config.Head == PrompterHead.Anchor;
        var sampling = options.Regions ?? (anchor ? CandidateSampling.OfPrompts : CandidateSampling.OfRegions);
        var sampled = SampledRegions.Of(proposals, truths, config.Classes,
            config.Head == PrompterHead.Detector ? MaxIouAssignment.OfRegionsAlone : MaxIouAssignment.OfRegions, sampling, random);
        var regionMaps = new PrompterMaps(prompter.Regions.Maps(maps.Maps), maps.Embedding);
        var (logits, deltas) = prompter.Regions.Boxes(regionMaps.Maps, sampled.Regions);
        var (classes, boxes) = RegionLoss.Of(logits, deltas, sampled, truths);
        var drawn = options.Masks is { } most ? sampled.Fewer(most, random) : sampled;
        Region[] objects = [.. drawn.Objects.Select(o => drawn.Regions[o.Index])];
        // nothing to draw in this batch, or SAM draws
        var masks = objects.Length == 0 || config.Head == PrompterHead.Detector ? zeros([], device: logits.device)
            : anchor ? OfDrawn(prompter.DrawRegions(maps, prompter.Regions.Prompts(regionMaps.Maps, objects), [.. objects.Select(o => o.Image)]), drawn, truths)
            : RegionMaskLoss.OfBoxes(prompter.Regions.Masks(regionMaps.Maps, objects), drawn, truths);
        report.Add("acc", RegionLoss.Accuracy(logits, sampled));
        Tensor? sum = null;
        foreach (var (name, loss) in new[]
        {
            ("loss_rpn_cls", rpnClasses.sum()), ("loss_rpn_bbox", rpnBoxes.sum()), ("loss_cls", classes), ("loss_bbox", boxes), ("loss_mask", masks),
        })
        {
            report.Add(name, loss.detach(), 1);
            sum = sum is null ? loss : sum + loss;
        }
        return sum!;
    }

    private Tensor OfDrawn(Tensor logits, SampledRegions drawn, IReadOnlyList<InstanceTruth> truths) =>
        prompter.Config.MasksInBoxes ? RegionMaskLoss.AroundBoxes(logits, drawn, truths) : RegionMaskLoss.OfImages(logits, drawn, truths);

    /// <summary>Regions of each image. Which they are is no part of what is learned.</summary>
    private BoxF[][] Proposals(PrompterMaps maps)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        return [.. RegionProposals.Of(prompter.Proposals(maps), prompter.Config.AnchorScales, options.Proposals, prompter.Config.ImageSize)
            .Select(p => p.Boxes)];
    }

    private AnchorGrid AnchorsOf(IReadOnlyList<Tensor> maps)
    {
        LevelShape[] shapes = [.. maps.Select(m => new LevelShape(m.shape[2], m.shape[3]))];
        if (_anchors is null || !_anchors.IsOf(shapes, prompter.Config.AnchorScales)) _anchors = new AnchorGrid(shapes, prompter.Config.AnchorScales);
        return _anchors;
    }
}
