namespace SemanticSam.Engine.Checkpoints;

/// <summary>Element types a checkpoint can hold. Bytes are little-endian, row-major.</summary>
internal enum CheckpointDType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>8 bits, unsigned.</summary>
    UInt8,

    /// <summary>8 bits, signed.</summary>
    Int8,

    /// <summary>16 bits, unsigned.</summary>
    UInt16,

    /// <summary>16 bits, signed.</summary>
    Int16,

    /// <summary>32 bits, unsigned.</summary>
    UInt32,

    /// <summary>32 bits, signed.</summary>
    Int32,

    /// <summary>64 bits, unsigned.</summary>
    UInt64,

    /// <summary>64 bits, signed.</summary>
    Int64,

    /// <summary>8-bit float, 4 exponent and 3 mantissa bits.</summary>
    Float8E4M3,

    /// <summary>8-bit float, 5 exponent and 2 mantissa bits.</summary>
    Float8E5M2,

    /// <summary>IEEE half precision.</summary>
    Float16,

    /// <summary>The upper 16 bits of a float32.</summary>
    BFloat16,

    /// <summary>IEEE single precision.</summary>
    Float32,

    /// <summary>IEEE double precision.</summary>
    Float64,

    /// <summary>A pair (real, imaginary) of float32.</summary>
    Complex64,
}

/// <summary>Sizes and names of element types.</summary>
internal static class CheckpointDTypes
{
    private static readonly (CheckpointDType DType, int Size, string Code)[] Table =
    [
        (CheckpointDType.Bool, 1, "BOOL"),
        (CheckpointDType.UInt8, 1, "U8"),
        (CheckpointDType.Int8, 1, "I8"),
        (CheckpointDType.UInt16, 2, "U16"),
        (CheckpointDType.Int16, 2, "I16"),
        (CheckpointDType.UInt32, 4, "U32"),
        (CheckpointDType.Int32, 4, "I32"),
        (CheckpointDType.UInt64, 8, "U64"),
        (CheckpointDType.Int64, 8, "I64"),
        (CheckpointDType.Float8E4M3, 1, "F8_E4M3"),
        (CheckpointDType.Float8E5M2, 1, "F8_E5M2"),
        (CheckpointDType.Float16, 2, "F16"),
        (CheckpointDType.BFloat16, 2, "BF16"),
        (CheckpointDType.Float32, 4, "F32"),
        (CheckpointDType.Float64, 8, "F64"),
        (CheckpointDType.Complex64, 8, "C64"),
    ];

    /// <summary>The safetensors codes of all element types, for messages.</summary>
    internal static string AllCodes { get; } = string.Join(", ", Table.Select(row => row.Code));

    /// <summary>Bytes an element takes: 1, 2, 4 or 8.</summary>
    public static int Size(this CheckpointDType dtype) => Table[(int)dtype].Size;

    /// <summary>The name the safetensors format uses: F32, BF16, I64, BOOL, ...</summary>
    public static string Code(this CheckpointDType dtype) => Table[(int)dtype].Code;

    /// <summary>True for F16, BF16, F32 and F64, the types that <see cref="FloatConversion"/> converts between.</summary>
    public static bool IsFloat(this CheckpointDType dtype)
        => dtype is CheckpointDType.Float16 or CheckpointDType.BFloat16 or CheckpointDType.Float32 or CheckpointDType.Float64;

    internal static bool TryParse(string code, out CheckpointDType dtype)
    {
        foreach (var row in Table)
        {
            if (row.Code == code)
            {
                dtype = row.DType;
                return true;
            }
        }
        dtype = default;
        return false;
    }
}
