using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>Between checkpoint tensors and torch tensors: bytes go straight from the mapped file into the tensor's memory.</summary>
internal static class CheckpointTorch
{
    /// <summary>The values as a new tensor that owns its memory.</summary>
    /// <param name="source">Tensor of a checkpoint.</param>
    /// <param name="dtype">Element type of the result: the source's when null; a floating source may become another floating type.</param>
    /// <param name="device">Where it shall be; null is the CPU.</param>
    /// <exception cref="NotSupportedException">Torch has no such element type, or no conversion to it is allowed.</exception>
    public static Tensor ToTensor(this CheckpointTensor source, ScalarType? dtype = null, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        var tensor = empty(source.Shape.ToArray(), dtype ?? ScalarTypeOf(source.DType, source.Name));
        try
        {
            source.CopyTo(tensor.bytes, DTypeOf(tensor.dtype));
            if (device is null || device.type == DeviceType.CPU) return tensor;
            var moved = tensor.to(device);
            tensor.Dispose();
            return moved;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Writes the values into an existing tensor of the same number of elements, converting between floating types.</summary>
    internal static void Fill(Tensor target, CheckpointTensor source)
    {
        if (target.device_type == DeviceType.CPU && target.is_contiguous())
        {
            source.CopyTo(target.bytes, DTypeOf(target.dtype));
            return;
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        target.copy_(source.ToTensor(target.dtype).reshape(target.shape));
    }

    /// <summary>
    /// A torch tensor seen as a tensor of a checkpoint, for writing. Its values are copied out when they are written, and it must live until then.
    /// </summary>
    /// <param name="tensor">Any device, any layout.</param>
    /// <param name="name">Its name in the checkpoint.</param>
    public static CheckpointTensor AsCheckpointTensor(this Tensor tensor, string name)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new(name, DTypeOf(tensor.dtype), tensor.shape, new TorchSource(tensor));
    }

    internal static CheckpointDType DTypeOf(ScalarType type) => type switch
    {
        ScalarType.Bool => CheckpointDType.Bool,
        ScalarType.Byte => CheckpointDType.UInt8,
        ScalarType.Int8 => CheckpointDType.Int8,
        ScalarType.Int16 => CheckpointDType.Int16,
        ScalarType.Int32 => CheckpointDType.Int32,
        ScalarType.Int64 => CheckpointDType.Int64,
        ScalarType.Float16 => CheckpointDType.Float16,
        ScalarType.BFloat16 => CheckpointDType.BFloat16,
        ScalarType.Float32 => CheckpointDType.Float32,
        ScalarType.Float64 => CheckpointDType.Float64,
        ScalarType.ComplexFloat32 => CheckpointDType.Complex64,
        _ => throw new NotSupportedException($"Tensors of {type} cannot be stored in a checkpoint."),
    };

    private static ScalarType ScalarTypeOf(CheckpointDType dtype, string name) => dtype switch
    {
        CheckpointDType.Bool => ScalarType.Bool,
        CheckpointDType.UInt8 => ScalarType.Byte,
        CheckpointDType.Int8 => ScalarType.Int8,
        CheckpointDType.Int16 => ScalarType.Int16,
        CheckpointDType.Int32 => ScalarType.Int32,
        CheckpointDType.Int64 => ScalarType.Int64,
        CheckpointDType.Float16 => ScalarType.Float16,
        CheckpointDType.BFloat16 => ScalarType.BFloat16,
        CheckpointDType.Float32 => ScalarType.Float32,
        CheckpointDType.Float64 => ScalarType.Float64,
        CheckpointDType.Complex64 => ScalarType.ComplexFloat32,
        _ => throw new NotSupportedException($"Tensor '{name}' is {dtype.Code()}, for which torch tensors have no type here."),
    };

    private sealed class TorchSource(Tensor tensor) : ByteSource
    {
        public override long Length => tensor.numel() * DTypeOf(tensor.dtype).Size();

        public override ByteLease Lease(long offset, int length)
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            byte[] values = tensor.detach().cpu().contiguous().bytes.ToArray();
            return new(values.AsSpan(checked((int)offset), length), null);
        }
    }
}
