using System.Text.RegularExpressions;

namespace Microsoft.ML.Tokenizers;

/// <summary>Splits a text into pieces that tokens never cross. Pieces need not cover the text: what lies between is dropped.</summary>
public abstract class PreTokenizer
{
    protected PreTokenizer() { }

    public abstract IEnumerable<(int Offset, int Length)> PreTokenize(string text);

    public abstract IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text);

    /// <summary>Runs of word characters, and runs of what is neither a word character nor white space.</summary>
    public static PreTokenizer CreateWordOrNonWord(IReadOnlyDictionary<string, int>? specialTokens = null)
        => new RegexPreTokenizer(new Regex(@"\w+|[^\w\s]+"), specialTokens);

    /// <summary>Runs of word characters, and single other characters that are not white space.</summary>
    public static PreTokenizer CreateWordOrPunctuation(IReadOnlyDictionary<string, int>? specialTokens = null)
        => new RegexPreTokenizer(new Regex(@"\w+|\p{P}"), specialTokens);

    public static PreTokenizer CreateWhiteSpace(IReadOnlyDictionary<string, int>? specialTokens = null)
        => new RegexPreTokenizer(new Regex(@"\S+"), specialTokens);
}

/// <summary>The matches of a regular expression; special tokens are found first and are pieces of their own.</summary>
public sealed class RegexPreTokenizer : PreTokenizer
{
    private readonly Regex _regex;
    private readonly Regex? _special;

    public RegexPreTokenizer(Regex regex, IReadOnlyDictionary<string, int>? specialTokens)
    {
        ArgumentNullException.ThrowIfNull(regex);
        _regex = regex;
        if (specialTokens is { Count: > 0 })
            _special = new Regex(string.Join("|", specialTokens.Keys.Select(Regex.Escape)));
    }

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => PreTokenize(new string(text));

    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
    {
        if (string.IsNullOrEmpty(text)) yield break;
        int from = 0;
        if (_special is not null)
        {
            for (var special = _special.Match(text); special.Success; special = special.NextMatch())
            {
                foreach (var piece in Pieces(text, from, special.Index)) yield return piece;
                yield return (special.Index, special.Length);
                from = special.Index + special.Length;
            }
        }
        foreach (var piece in Pieces(text, from, text.Length)) yield return piece;
    }

    /// <summary>Matches inside [from, to), as if the text ended at <paramref name="to"/>.</summary>
    private IEnumerable<(int Offset, int Length)> Pieces(string text, int from, int to)
    {
        while (from < to)
        {
            var match = _regex.Match(text, from, to - from);
            if (!match.Success || match.Length == 0) yield break;
            yield return (match.Index, match.Length);
            from = match.Index + match.Length;
        }
    }
}
