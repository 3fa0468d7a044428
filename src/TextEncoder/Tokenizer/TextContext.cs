namespace SemanticSam.TextEncoder.Tokenizer;

/// <summary>What to do with a text of more tokens than the context holds.</summary>
internal enum TextOverflow
{
    /// <summary>Keep the first tokens and put the end token last.</summary>
    Truncate,

    /// <summary>Refuse the text with an <see cref="ArgumentException"/> that names both lengths.</summary>
    Throw,
}

/// <summary>What fills a context after the end token.</summary>
internal enum TextPadding
{
    /// <summary>Id 0, as OpenAI's CLIP.</summary>
    Zero,

    /// <summary>The end token again, as Semantic-SAM and OpenSeeD.</summary>
    EndToken,
}

/// <summary>How a text becomes a row of fixed length.</summary>
/// <param name="Length">Tokens in a row, start and end included; at least 2.</param>
/// <param name="Padding">What fills the rest of the row.</param>
/// <param name="Overflow">What happens to longer texts.</param>
internal sealed record TextContext(int Length, TextPadding Padding, TextOverflow Overflow = TextOverflow.Truncate)
{
    /// <summary>OpenAI's CLIP: 77 tokens, padded with 0. <c>clip.tokenize</c> refuses longer texts unless told to truncate.</summary>
    public static TextContext Clip { get; } = new(77, TextPadding.Zero, TextOverflow.Throw);

    /// <summary>Semantic-SAM and OpenSeeD: 18 tokens, of which at most 16 are the text's, padded with the end token.</summary>
    public static TextContext SemanticSam { get; } = new(18, TextPadding.EndToken);
}
