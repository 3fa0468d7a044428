namespace SemanticSam.Engine.Checkpoints.PyTorch;

/// <summary>Names of the opcodes that are refused, for messages.</summary>
internal static class PickleOpcodes
{
    public static string Describe(byte opcode)
    {
        string? name = opcode switch
        {
            (byte)'i' => "INST (which would call a function)",
            (byte)'o' => "OBJ (which would call a function)",
            0x92 => "NEWOBJ_EX (which would call a function)",
            0x82 or 0x83 or 0x84 => "EXT (a name from a registry)",
            (byte)'P' => "PERSID",
            (byte)'0' => "POP",
            (byte)'1' => "POP_MARK",
            (byte)'2' => "DUP",
            (byte)'F' => "FLOAT",
            (byte)'S' => "STRING",
            (byte)'V' => "UNICODE",
            (byte)'d' => "DICT",
            (byte)'l' => "LIST",
            (byte)'g' => "GET",
            (byte)'p' => "PUT",
            0x8E => "BINBYTES8",
            0x91 => "FROZENSET",
            0x96 or 0x97 or 0x98 => "an out-of-band buffer",
            _ => null,
        };
        return name is null ? $"the byte 0x{opcode:x2} is not a pickle opcode" : $"the pickle opcode {name}, 0x{opcode:x2}";
    }
}
