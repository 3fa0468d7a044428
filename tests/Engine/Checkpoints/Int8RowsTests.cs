using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Engine.Checkpoints;

public sealed class Int8RowsTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"semsam-int8-{Guid.NewGuid():n}.safetensors");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Pack_ThenFill_IsWithinHalfAStepOfEachRow()
    {
        using var scope = NewDisposeScope();
        Tensor matrix = randn(5, 40) * tensor(new float[] { 0.01f, 1, 100, 0, 3 }).unsqueeze(1), vector = randn(7);
        SafetensorsWriter.Write(_path, Int8Rows.Pack(new Dictionary<string, Tensor> { ["m"] = matrix, ["v"] = vector }), new SafetensorsWriterOptions());
        using var file = Checkpoint.Open(_path);
        Tensor gotMatrix = empty(5, 40), gotVector = empty(7);
        Int8Rows.Fill(file, "m", gotMatrix);
        Int8Rows.Fill(file, "v", gotVector);
        Assert.True((gotMatrix - matrix).abs().le(matrix.abs().amax([1], keepdim: true) / 253).all().item<bool>());
        Assert.True(gotVector.Equals(vector));
        Assert.Throws<CheckpointException>(() => Int8Rows.Fill(file, "absent", gotVector));
        Assert.Throws<CheckpointException>(() => Int8Rows.Fill(file, "v", gotMatrix));
    }
}
