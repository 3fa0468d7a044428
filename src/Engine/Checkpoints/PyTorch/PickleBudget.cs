namespace SemanticSam.Engine.Checkpoints.PyTorch;

/// <summary>
/// Bytes that reading one file of pickles may take, charged for every value, copy and joined text before it is made. A checkpoint of a billion parameters
/// takes a few megabytes; a file that wants more than this is made to fill the memory.
/// </summary>
/// <param name="bad">Makes the refusal.</param>
internal sealed class PickleBudget(Func<string, CheckpointException> bad)
{
    /// <summary>In all, 256 MiB.</summary>
    public const long Most = 256L << 20;

    /// <summary>What a boxed value, an entry of a list and one of a dictionary take.</summary>
    public const int Value = 32, ListEntry = 8, Container = 120, DictionaryEntry = 80;

    private long _taken;

    /// <exception cref="CheckpointException">It is used up.</exception>
    public void Charge(long bytes)
    {
        if ((_taken += bytes) > Most) throw bad($"reading its values would take more than {Most >> 20} MiB; a checkpoint's take a few.");
    }

    /// <summary>Charges a text of so many characters.</summary>
    public void ChargeText(long characters) => Charge(Value + 2 * characters);
}
