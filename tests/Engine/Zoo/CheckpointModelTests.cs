using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Zoo;

/// <summary>Files with the names and shapes of the released checkpoints become models.</summary>
public sealed class CheckpointModelTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("openseed_swint_lang", "openseed-swint", 18)]
    [InlineData("openseed_swint_lang_o365", "openseed-swint", 77)]
    [InlineData("openseed_swint_lang_o365_decouple", "openseed-swint-o365-decoupled", 77)]
    [InlineData("openseed_swinl_lang_decouple", "openseed-swinl-decoupled", 18)]
    public void Configuration_OpenSeeDNames_TakesTheContextFromTheFile(string names, string expected, int context)
    {
        var config = SemanticSamCheckpoint.ConfigOf(NamesFiles.OpenSeeD(names));
        Assert.Equal((expected, context), (config.Name, config.Text!.Context));
    }

    [SkippableFact]
    public void WithSessions_FamilyWithoutSessions_SaysWhatItIs()
        => Assert.Contains("Clip ViT-B/32", Assert.Throws<CheckpointException>(() =>
            CheckpointModel.WithSessions(ModelRecognizer.Recognize(NamesFiles.Weights(NamesFiles.Rows(NamesFiles.Clip("vit_b_32").GetProperty("openai")))),
                "clip.pt")).Message);

    /// <summary>All 648 names under their prefix, half precision, with what training adds.</summary>
    [SkippableFact]
    [Trait("Category", "Slow")]
    public void Load_FileWithTheReleasedNames_GivesASessionModel()
    {
        var names = NamesFiles.SemanticSam("swinT");
        var integers = names.GetProperty("int64").EnumerateArray().Select(v => v.GetString()).ToHashSet();
        byte[] small = new byte[64 << 20];
        byte[] zeros = new byte[1 << 20];
        Array.Fill(small, (byte)0x10); // small numbers: weights that are all zero are refused
        var tensors = NamesFiles.Rows(names.GetProperty("tensors")).Append(("criterion.empty_weight", [2L])).Select(row =>
        {
            var (name, shape) = row;
            var dtype = integers.Contains(name) ? CheckpointDType.Int64 : CheckpointDType.Float16;
            return CheckpointTensor.FromMemory("model." + name, dtype, shape,
                (dtype == CheckpointDType.Int64 ? zeros : small).AsMemory(0, (int)shape.Aggregate(1L, (a, b) => a * b) * dtype.Size()));
        });
        string path = _folder.File("renamed.bin");
        SafetensorsWriter.Write(path, tensors);
        using var model = SegmentationModel.LoadCheckpoint(path);
        Assert.Equal(("semantic-sam-swint", false, FileHash.Sha256(path)), (model.Name, model.AnswersNames, model.Sha256));
        using var checkpoint = Checkpoint.Open(path);
        var weights = StateDict.From(checkpoint);
        var found = ModelRecognizer.Recognize(weights);
        Assert.Null(CheckpointModel.WhyNot(weights, found));
        Assert.Contains("Missing (1)",
            CheckpointModel.WhyNot(weights.Renamed(n => n.EndsWith("pb_embedding.weight", StringComparison.Ordinal) ? null : n), found));
    }
}
