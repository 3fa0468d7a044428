using Microsoft.ML.Tokenizers;

namespace SemanticSam.TextEncoder.Sentences;

/// <summary>WordPiece as BERT's uncased models use it: lower case, accents stripped, [CLS] and [SEP] around the text.</summary>
internal sealed class SentenceTokenizer
{
    private readonly BertTokenizer _tokenizer;

    /// <summary>Reads a word list, one piece a line.</summary>
    /// <param name="vocabulary">vocab.txt.</param>
    public SentenceTokenizer(Stream vocabulary) =>
        _tokenizer = BertTokenizer.Create(vocabulary, new BertOptions { LowerCaseBeforeTokenization = true, RemoveNonSpacingMarks = false });

    /// <summary>Fills rows to one length.</summary>
    public int PaddingId => _tokenizer.PaddingTokenId;

    /// <summary>The ids of a text with [CLS] and [SEP].</summary>
    /// <param name="text">Any text; an empty one gives the two marks alone.</param>
    /// <param name="most">Most ids, at least 2; the text is cut, [SEP] stays.</param>
    public int[] Encode(string text, int most = 64)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 2);
        IReadOnlyList<int> ids = _tokenizer.EncodeToIds(AccentStripping.Apply(text), addSpecialTokens: true);
        return ids.Count <= most ? [.. ids] : [.. ids.Take(most - 1), _tokenizer.SeparatorTokenId];
    }
}
