namespace Microsoft.ML.Tokenizers;

public struct EncodeSettings
{
    public EncodeSettings()
    {
        ConsiderPreTokenization = true;
        ConsiderNormalization = true;
        MaxTokenCount = int.MaxValue;
    }

    public bool ConsiderPreTokenization { get; set; }

    public bool ConsiderNormalization { get; set; }

    public int MaxTokenCount { get; set; }
}

public struct EncodeResults<T>
{
    public IReadOnlyList<T> Tokens { get; set; }

    public string? NormalizedText { get; set; }

    public int CharsConsumed { get; set; }
}

/// <summary>One token: its id, its text in the vocabulary, and the characters of the (normalised) text that it covers.</summary>
public readonly struct EncodedToken
{
    public EncodedToken(int id, string value, Range offset)
    {
        Id = id;
        Value = value;
        Offset = offset;
    }

    public int Id { get; }

    public string Value { get; }

    public Range Offset { get; }
}
