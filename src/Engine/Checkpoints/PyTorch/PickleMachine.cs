using System.Globalization;
using System.Numerics;

namespace SemanticSam.Engine.Checkpoints.PyTorch;

/// <summary>Limits of what a pickle may make the reader hold.</summary>
internal static class PickleLimits
{
    public const int MaxPickleBytes = 64 << 20;
    public const int MaxValues = 2_000_000;
    public const int MaxMarks = 1000;

    /// <summary>Characters of a module's and of a class's name, in either way to write them.</summary>
    public const int MaxNameLength = 1024;

    public const int MaxStringBytes = 16 << 20;
    public const int MaxLongBytes = 255;
    public const int MaxRank = 32;
    public const int MaxStorages = 1_000_000;
}

/// <summary>
/// Parses a pickle as data. The opcodes that checkpoints use are known, all others are refused; a global is accepted only if
/// it is on the list of <see cref="PickleGlobal"/>, and "calling" one is a case in <see cref="PickleReductions"/>.
/// </summary>
internal sealed class PickleMachine(PickleInput input, PickleReductions reductions)
{
    private static readonly object Mark = new();

    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<long, object?> _memo = [];
    private readonly long _start = input.Position;
    private int _values;

    /// <summary>Runs to STOP and gives the one value that is left.</summary>
    public object? Read()
    {
        while (true)
        {
            if (input.Position - _start > PickleLimits.MaxPickleBytes)
                throw input.Bad($"the pickle is longer than the {PickleLimits.MaxPickleBytes >> 20} MiB that are allowed.");
            byte opcode = input.Byte();
            if (opcode == (byte)'.') break;
            Execute(opcode);
        }
        object? result = Pop();
        return _stack.Count == 0 ? result : throw input.Bad($"the pickle ends with {_stack.Count + 1} values; exactly one is allowed.");
    }

    private void Execute(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: CheckProtocol(input.Byte()); break; // PROTO
            case 0x95: CheckFrame(input.UInt64()); break; // FRAME
            case (byte)'(': PushMark(); break; // MARK
            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'J': Push((long)input.Int32()); break;
            case (byte)'K': Push((long)input.Byte()); break;
            case (byte)'M': Push((long)input.UInt16()); break;
            case (byte)'I': Push(Digits(input.Line())); break; // INT, of protocol 1: truth values, too
            case (byte)'L': Push(Digits(input.Line().TrimEnd('L'))); break; // LONG, of protocol 1
            case 0x8A: Push(Long(input.Byte())); break; // LONG1
            case 0x8B: Push(Long(input.Int32())); break; // LONG4
            case (byte)'G': Push(input.DoubleBigEndian()); break;
            case (byte)'X': Push(input.Text(StringLength(input.UInt32()))); break; // BINUNICODE
            case 0x8C: Push(input.Text(input.Byte())); break; // SHORT_BINUNICODE
            case 0x8D: Push(input.Text(StringLength(input.UInt64()))); break; // BINUNICODE8
            case (byte)'B': Push(Bytes(StringLength(input.UInt32()))); break; // BINBYTES
            case (byte)'C': Push(Bytes(input.Byte())); break; // SHORT_BINBYTES
            case (byte)'T': Push(input.Text(StringLength(input.UInt32()))); break; // BINSTRING, of Python 2
            case (byte)'U': Push(input.Text(input.Byte())); break; // SHORT_BINSTRING, of Python 2
            case (byte)'}': Push(new PickleDict()); break;
            case (byte)']' or 0x8F: Push(new PickleList([])); break; // EMPTY_LIST, EMPTY_SET
            case (byte)')': Push(new PickleList([], isTuple: true)); break;
            case (byte)'t': Push(new PickleList(PopToMark(), isTuple: true)); break;
            case 0x85: Push(new PickleList(PopMany(1), isTuple: true)); break;
            case 0x86: Push(new PickleList(PopMany(2), isTuple: true)); break;
            case 0x87: Push(new PickleList(PopMany(3), isTuple: true)); break;
            case (byte)'a': Append(PopMany(1)); break;
            case (byte)'e' or 0x90: Append(PopToMark()); break; // APPENDS, ADDITEMS
            case (byte)'s': SetItems(PopMany(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case (byte)'c': Push(reductions.Global(input.Line(), input.Line())); break; // GLOBAL
            case 0x93: StackGlobal(); break; // STACK_GLOBAL
            case (byte)'R': Apply(reductions.Reduce); break; // REDUCE
            case 0x81: Apply(reductions.NewObject); break; // NEWOBJ
            case (byte)'b': Build(); break;
            case (byte)'Q': Push(reductions.PersistentId(Pop())); break; // BINPERSID
            case (byte)'q': Remember(input.Byte()); break;
            case (byte)'r': Remember(input.UInt32()); break;
            case 0x94: Remember(_memo.Count); break; // MEMOIZE
            case (byte)'h': Recall(input.Byte()); break;
            case (byte)'j': Recall(input.UInt32()); break;
            default: throw input.Bad($"{PickleOpcodes.Describe(opcode)}; allowed are the opcodes that torch.save writes.");
        }
    }

    private void CheckProtocol(byte protocol)
    {
        if (protocol > 5) throw input.Bad($"pickle protocol {protocol}; 0 to 5 are allowed.");
    }

    private void CheckFrame(ulong length)
    {
        if (length > (ulong)input.Remaining) throw input.Bad($"a frame of {length} bytes where {input.Remaining} are left.");
    }

    private int StringLength(ulong length)
        => length <= PickleLimits.MaxStringBytes ? (int)length
            : throw input.Bad($"a string of {length} bytes; at most {PickleLimits.MaxStringBytes} are allowed.");

    private byte[] Bytes(int count)
    {
        input.Budget.Charge(count);
        return input.Span(count).ToArray();
    }

    private object Digits(string digits)
    {
        if (digits is "00" or "01") return digits == "01";
        if (digits.Length > 2 * PickleLimits.MaxLongBytes
            || !BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            throw input.Bad($"'{digits}' where an integer of at most {2 * PickleLimits.MaxLongBytes} digits is needed.");
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
    }

    private object Long(int bytes)
    {
        if (bytes is < 0 or > PickleLimits.MaxLongBytes) throw input.Bad($"an integer of {bytes} bytes; at most {PickleLimits.MaxLongBytes} are allowed.");
        var value = new BigInteger(input.Span(bytes));
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
    }

    private void Push(object? value)
    {
        if (++_values > PickleLimits.MaxValues) throw input.Bad($"more than {PickleLimits.MaxValues} values.");
        input.Budget.Charge(value is PickleDict or PickleList or PickleModule ? PickleBudget.Container : PickleBudget.Value);
        _stack.Add(value);
    }

    private void PushMark()
    {
        if (_marks.Count == PickleLimits.MaxMarks) throw input.Bad($"more than {PickleLimits.MaxMarks} nested marks.");
        _marks.Add(_stack.Count);
        Push(Mark);
    }

    private object? Pop()
    {
        object? top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private object? Top()
    {
        if (_stack.Count == 0) throw input.Bad("a value is taken from an empty stack.");
        return ReferenceEquals(_stack[^1], Mark) ? throw input.Bad("a mark stands where a value is needed.") : _stack[^1];
    }

    private List<object?> PopMany(int count)
    {
        int floor = _marks.Count == 0 ? 0 : _marks[^1] + 1;
        if (_stack.Count - floor < count) throw input.Bad("values are taken from an empty stack.");
        var items = _stack.GetRange(_stack.Count - count, count);
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    private List<object?> PopToMark()
    {
        if (_marks.Count == 0) throw input.Bad("a mark is needed, and there is none.");
        int at = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        var items = _stack.GetRange(at + 1, _stack.Count - at - 1);
        _stack.RemoveRange(at, _stack.Count - at);
        return items;
    }

    private void Append(List<object?> items)
    {
        switch (Top())
        {
            case PickleList { IsTuple: false } list: list.Items.AddRange(items); break;
            case PickleOpaque: break;
            default: throw input.Bad("items are appended to something that is not a list.");
        }
    }

    private void SetItems(List<object?> items)
    {
        if (items.Count % 2 != 0) throw input.Bad("a key without a value.");
        switch (Top())
        {
            case PickleDict dict:
                input.Budget.Charge((long)items.Count / 2 * PickleBudget.DictionaryEntry);
                for (int i = 0; i < items.Count; i += 2)
                {
                    if (items[i] is PickleDict or PickleModule or PickleList { IsTuple: false })
                        throw input.Bad("a dictionary key is a list, a dictionary or an object.");
                    dict.Set(items[i], items[i + 1]);
                }
                break;
            case PickleOpaque: break;
            default: throw input.Bad("items are set on something that is not a dictionary.");
        }
    }

    private void StackGlobal()
    {
        var names = PopMany(2);
        if (names is not [string module, string name]) throw input.Bad("a global whose module and name are not strings.");
        if (module.Length > PickleLimits.MaxNameLength || name.Length > PickleLimits.MaxNameLength)
            throw input.Bad(
                $"a global of {module.Length} and {name.Length} characters; at most {PickleLimits.MaxNameLength} are allowed for a module and for a name.");
        Push(reductions.Global(module, name));
    }

    private void Apply(Func<object?, PickleList, object?> reduce)
    {
        object? arguments = Pop(), callable = Pop();
        if (arguments is not PickleList { IsTuple: true } tuple) throw input.Bad("arguments that are no tuple.");
        Push(reduce(callable, tuple));
    }

    private void Build()
    {
        object? state = Pop();
        reductions.Build(Top(), state);
    }

    private void Remember(long index)
    {
        if (_memo.Count == PickleLimits.MaxValues) throw input.Bad($"more than {PickleLimits.MaxValues} memo entries.");
        input.Budget.Charge(PickleBudget.DictionaryEntry);
        _memo[index] = Top();
    }

    private void Recall(long index)
    {
        if (!_memo.TryGetValue(index, out object? value)) throw input.Bad($"memo entry {index} is used before it is written.");
        Push(value);
    }
}
