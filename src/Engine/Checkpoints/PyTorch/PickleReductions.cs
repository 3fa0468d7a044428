using System.Text;

namespace SemanticSam.Engine.Checkpoints.PyTorch;

/// <summary>What the allowed globals of a pickle mean: a closed set of cases that build values of this reader.</summary>
/// <param name="input">For positions in messages.</param>
/// <param name="torchScript">Whether classes under __torch__ may appear.</param>
/// <param name="maxTensorBytes">The largest tensor allowed; expanded views must not grow far beyond the file.</param>
internal sealed class PickleReductions(PickleInput input, bool torchScript, long maxTensorBytes)
{
    private long _copied;

    /// <summary>All storages that the pickle names, by key.</summary>
    public Dictionary<string, PickleStorage> Storages { get; } = [];

    public object Global(string module, string name)
    {
        input.Budget.ChargeText(module.Length + name.Length);
        var known = PickleGlobal.Find(module, name, torchScript);
        if (known is null)
            throw input.Bad($"the pickle names {Shown(module)}.{Shown(name)}; {PickleGlobal.Allowed}. Nothing was executed. " +
                "Save the weights alone, by torch.save(model.state_dict(), FILE) or as safetensors.");
        return known;
    }

    /// <summary>REDUCE: what calling the global would give.</summary>
    public object? Reduce(object? callable, PickleList arguments)
    {
        if (callable is PickleOpaque opaque) return opaque;
        if (callable is not PickleGlobal global) throw input.Bad("something that is not an allowed name is called. Nothing was executed.");
        return global.Kind switch
        {
            PickleGlobalKind.OrderedDict => OrderedDict(arguments),
            PickleGlobalKind.RebuildTensor => Tensor(arguments),
            PickleGlobalKind.RebuildParameter => Parameter(arguments),
            PickleGlobalKind.Size => arguments is [PickleList { IsTuple: true } sizes] ? sizes : throw BadArguments(global),
            PickleGlobalKind.Device => Device(arguments, global),
            PickleGlobalKind.Encode => Encode(arguments, global),
            PickleGlobalKind.Set => arguments is [PickleList items] ? new PickleList(items.Items) : throw BadArguments(global),
            PickleGlobalKind.RestoreTypeTag => arguments is [var value, string] ? value : throw BadArguments(global),
            PickleGlobalKind.Opaque => new PickleOpaque(global.FullName),
            _ => throw input.Bad($"{global.FullName} is called, which is not allowed for it."),
        };
    }

    /// <summary>NEWOBJ: an object without its state.</summary>
    public object NewObject(object? type, PickleList arguments) => type switch
    {
        PickleGlobal { Kind: PickleGlobalKind.ScriptClass } when arguments.Count == 0 => new PickleModule(),
        PickleGlobal { Kind: PickleGlobalKind.OrderedDict } when arguments.Count == 0 => new PickleDict(),
        PickleGlobal { Kind: PickleGlobalKind.Opaque } known => new PickleOpaque(known.FullName),
        PickleGlobal other => throw input.Bad($"an object of {other.FullName} with {arguments.Count} arguments, which is not allowed."),
        _ => throw input.Bad("an object of something that is not an allowed class."),
    };

    /// <summary>BUILD: the state of an object. On an OrderedDict it is the <c>_metadata</c> attribute, which says nothing about weights.</summary>
    public void Build(object? target, object? state)
    {
        switch (target)
        {
            case PickleDict or PickleOpaque: break;
            case PickleModule module: module.Attributes = state as PickleDict
                ?? throw input.Bad("the state of a TorchScript object is not a dictionary."); break;
            default: throw input.Bad("state is set on something that has none.");
        }
    }

    /// <summary>BINPERSID: ('storage', class, key, location, element count[, None]).</summary>
    public PickleStorage PersistentId(object? id)
    {
        if (id is not PickleList { IsTuple: true, Count: 5 or 6 } tuple
            || tuple is not { Items: ["storage", PickleGlobal { Kind: PickleGlobalKind.Storage } type, string key, string, long elements, ..] })
            throw input.Bad("a persistent id that is not ('storage', storage class, key, location, element count).");
        if (tuple.Count == 6 && tuple[5] is not null)
            throw input.Bad("a storage that is a view of another, as PyTorch before 0.4 wrote them, is not supported.");
        if (key.Length is 0 or > 64 || !key.All(char.IsAsciiLetterOrDigit))
            throw input.Bad($"the storage key '{Shown(key)}'; 1 to 64 ASCII letters and digits are allowed.");
        if (elements < 0 || elements > long.MaxValue / type.DType.Size()) throw input.Bad($"a storage of {elements} elements.");
        if (Storages.TryGetValue(key, out var known))
        {
            if (known.DType != type.DType || known.Elements != elements)
                throw input.Bad(
                    $"storage {key} is {type.DType.Code()} with {elements} elements here and {known.DType.Code()} with {known.Elements} elsewhere.");
            return known;
        }
        if (Storages.Count == PickleLimits.MaxStorages) throw input.Bad($"more than {PickleLimits.MaxStorages} storages.");
        return Storages[key] = new(key, type.DType, elements);
    }

    private PickleDict OrderedDict(PickleList arguments)
    {
        var dict = new PickleDict();
        if (arguments.Count == 0) return dict;
        if (arguments is not [PickleList pairs]) throw input.Bad("an OrderedDict from something that is not a list of pairs.");
        ChargeCopy(pairs.Count);
        input.Budget.Charge((long)pairs.Count * PickleBudget.DictionaryEntry);
        foreach (object? pair in pairs.Items)
        {
            if (pair is not PickleList { Items: [var key, var value] } || key is not (string or long))
                throw input.Bad("an OrderedDict from something that is not a list of pairs.");
            dict.Set(key, value);
        }
        return dict;
    }

    /// <summary>_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]).</summary>
    private PickleTensor Tensor(PickleList arguments)
    {
        if (arguments.Count is not (6 or 7)
            || arguments is not { Items: [PickleStorage storage, long offset, PickleList { IsTuple: true } size, PickleList { IsTuple: true } stride,
                bool requiresGrad, ..] })
            throw input.Bad("a tensor whose arguments are not (storage, offset, size, stride, requires_grad, hooks).");
        if (size.Count > PickleLimits.MaxRank || size.Count != stride.Count)
            throw input.Bad($"a tensor with {size.Count} sizes and {stride.Count} strides; as many of both, at most {PickleLimits.MaxRank}, are allowed.");
        input.Budget.Charge(PickleBudget.Container + 2L * size.Count * sizeof(long));
        long[] shape = Integers(size), strides = Integers(stride);
        CheckView(storage, offset, shape, strides);
        return new(storage, offset, shape, strides, requiresGrad);
    }

    private void CheckView(PickleStorage storage, long offset, long[] shape, long[] strides)
    {
        string What() => $"a tensor of {storage.DType.Code()} {CheckpointTensor.ShapeText(shape)}, strides {CheckpointTensor.ShapeText(strides)}, offset " +
            $"{offset} in storage {storage.Key} of {storage.Elements} elements";
        if (offset < 0 || shape.Any(s => s < 0) || strides.Any(s => s < 0)) throw input.Bad($"{What()}: negative numbers are not allowed.");
        Int128 elements = 1, last = offset;
        bool empty = shape.Contains(0);
        for (int i = 0; i < shape.Length && !empty; i++)
        {
            elements *= shape[i];
            last += (Int128)(shape[i] - 1) * strides[i];
            if (elements > int.MaxValue || last >= storage.Elements) break;
        }
        if (empty ? offset > storage.Elements : last >= storage.Elements) throw input.Bad($"{What()}: it reaches beyond its storage.");
        long limit = Math.Min(int.MaxValue, maxTensorBytes);
        if (!empty && elements * storage.DType.Size() > limit)
            throw input.Bad($"{What()}: with these sizes it would take more than the {limit} bytes a tensor of this file may have.");
        Int128 extent = (last - offset + 1) * storage.DType.Size();
        if (!empty && extent > int.MaxValue) throw input.Bad($"{What()}: it spans more than 2 GiB.");
    }

    private PickleTensor Parameter(PickleList arguments) => arguments is [PickleTensor data, bool requiresGrad, _]
        ? data with { RequiresGrad = requiresGrad }
        : throw input.Bad("a parameter whose arguments are not (tensor, requires_grad, hooks).");

    private string Device(PickleList arguments, PickleGlobal global) => arguments.Items switch
    {
        [string { Length: <= 64 } type] => type,
        [string { Length: <= 64 } type, long index] => $"{type}:{index}",
        _ => throw BadArguments(global),
    };

    /// <summary>Protocol 2 has no bytes: Python 3 writes them as text to be encoded.</summary>
    private byte[] Encode(PickleList arguments, PickleGlobal global)
    {
        if (arguments is not [string text, "latin1"]) throw BadArguments(global);
        ChargeCopy(text.Length);
        input.Budget.Charge(text.Length);
        if (text.Any(c => c > 255)) throw BadArguments(global);
        return Encoding.Latin1.GetBytes(text);
    }

    /// <summary>One long list or string, remembered and used again and again, must not fill the memory.</summary>
    private void ChargeCopy(int amount)
    {
        if ((_copied += amount) > PickleLimits.MaxPickleBytes)
            throw input.Bad($"lists and strings are copied into more than {PickleLimits.MaxPickleBytes >> 20} Mi items.");
    }

    private long[] Integers(PickleList list)
    {
        var values = new long[list.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = list[i] is long value ? value : throw input.Bad("a size or stride that is not an integer of 64 bits.");
        return values;
    }

    private CheckpointException BadArguments(PickleGlobal global) => input.Bad($"{global.FullName} with arguments that are not allowed for it.");

    private static string Shown(string text) => text.Length <= 120 ? text : text[..120] + "...";
}
