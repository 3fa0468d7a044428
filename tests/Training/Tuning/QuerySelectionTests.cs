using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Masks;
using SemanticSam.Training.Losses;
using SemanticSam.Training.Objectives;
using SemanticSam.Training.Tuning;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Tuning;

/// <summary>Queries that begin at cells of the image.</summary>
public sealed class QuerySelectionTests
{
    private const int Side = 128, Classes = 2;

    private static PrompterConfig Config => new()
    {
        Head = PrompterHead.Query, Classes = Classes, ImageSize = Side, Width = 16, StateWidths = [16, 16], QueryWidth = 32, Queries = 5, DecoderLayers = 3,
        EncoderLayers = 1, DecoderFeedForward = 32, EncoderFeedForward = 32, PointWidth = 16, Points = 2, SelectsQueries = true,
        Decoder = new() { FeedForward = 32, Heads = 2, IouHeadWidth = 16 },
    };

    [Fact]
    public void Peaks_NeighborsAndOthers_AreTheSurestOfEachPlace()
    {
        using var scope = NewDisposeScope();
        var logits = full([1, Classes, 6, 8], -5f);
        void Set(int label, int row, int column, float value) => logits[0, label, row, column] = tensor(value);
        Set(0, 1, 1, 3); // the peak of a middle of three cells
        Set(0, 1, 2, 2.9f);
        Set(1, 2, 1, 2.8f);
        Set(1, 4, 6, 1); // less sure than any of them, but a place of its own
        Assert.Equal([9, 38], QuerySelection.Peaks(logits, 2).data<long>().ToArray());
        Assert.Equal(48, QuerySelection.Peaks(logits, 100).shape[1]);
    }

    [Fact]
    public void Loss_RightAndWrongCells_TellsThemApart()
    {
        using var scope = NewDisposeScope();
        // A large thing with a small one of another class at its middle, and one that is smaller than a cell, in its corner.
        var truth = Truth((new(16, 16, 112, 112), 0), (new(60, 60, 68, 68), 1), (new(2, 121, 5, 124), 0));
        var right = full([1, Classes, 16, 16], -10f);
        for (int row = 0; row < 16; row++)
            for (int column = 0; column < 16; column++)
            {
                double x = column + 0.5 - 8, y = row + 0.5 - 8;
                bool small = x * x + y * y <= 0.8 * 0.8;
                if (small) right[0, 1, row, column] = tensor(10f);
                else if (x * x + y * y <= 1.8 * 1.8) right[0, 0, row, column] = tensor(10f);
            }
        right[0, 0, 15, 0] = tensor(10f);
        float Of(Tensor logits) => SelectionLoss.Of(logits, [truth], Side).item<float>();
        Assert.InRange(Of(right), 0, 1e-3);
        var without = right.clone();
        without[0, 0, 15, 0] = tensor(-10f);
        Assert.True(Of(without) > 0.05, "A thing that is missed costs.");
        var beside = right.clone();
        beside[0, 0, 2, 12] = tensor(10f);
        Assert.True(Of(beside) > 0.3, "So does a place with nothing.");
        Assert.True(float.IsFinite(SelectionLoss.Of(right, [Truth()], Side).item<float>()));
    }

    [Fact]
    public void Queries_OfTwoImages_BeginAtTheCellsOfEach_AndTeachTheSelection()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        using var prompter = new Prompter(Config);
        prompter.train();
        var maps = prompter.Maps(new([rand(2, 8, 8, 16), rand(2, 8, 8, 16)], rand(2, 16, 8, 8)));
        var answers = prompter.Ask(maps, last: false);
        Assert.Equal([2, Classes, 16, 16], answers[0].Cells!.shape);
        Assert.All(answers.Skip(1), a => Assert.Null(a.Cells));
        Assert.All(answers, a => Assert.Equal([2, 5, Classes + 1], a.Classes.shape));
        Assert.False(answers[0].Classes[0].allclose(answers[0].Classes[1])); // learned ones would be the same for both at the start
        var report = new LossReport();
        var loss = new PrompterObjective(prompter, new() { Points = new PointOptions { Count = 64 } }).Loss(maps,
            [Truth((new(16, 16, 48, 48), 0)), Truth((new(60, 60, 120, 100), 1))], new Random(1), shape => rand(shape), report);
        loss.backward();
        var weights = prompter.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (string part in new[] { "inner", "cells", "start" })
            Assert.True(weights[$"panoptic_head.query_selection.{part}.weight"].grad!.abs().sum().item<float>() > 0);
        Assert.Contains("loss_cells", report.Means.Select(m => m.Key));
        Assert.DoesNotContain("panoptic_head.query_embed.weight", weights.Keys);
    }

    private static InstanceTruth Truth(params (BoxF Box, int Label)[] things)
    {
        var masks = zeros(things.Length, Side, Side, dtype: ScalarType.Byte);
        for (int i = 0; i < things.Length; i++)
        {
            var b = things[i].Box;
            masks[i].narrow(0, (long)b.Y1, (long)(b.Y2 - b.Y1)).narrow(1, (long)b.X1, (long)(b.X2 - b.X1)).fill_(1);
        }
        return new([.. things.Select(t => t.Box)], [.. things.Select(t => t.Label)], masks);
    }
}
