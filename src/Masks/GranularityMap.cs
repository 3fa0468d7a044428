using System.Collections.Frozen;
using System.Globalization;

namespace SemanticSam.Masks;

/// <summary>
/// Maps the output tokens of one model family's mask decoder to the named levels of <see cref="GranularityLevel"/>, both ways.
/// </summary>
internal sealed class GranularityMap
{
    private readonly GranularityLevel?[] _levelOfToken;
    private readonly FrozenDictionary<GranularityLevel, int> _tokenOfLevel;

    private GranularityMap(string family, params GranularityLevel?[] levelOfToken)
    {
        Family = family;
        _levelOfToken = levelOfToken;
        _tokenOfLevel = levelOfToken.Select((level, token) => (level, token)).Where(p => p.level is not null)
            .ToFrozenDictionary(p => p.level!.Value, p => p.token);
        Levels = [.. _tokenOfLevel.Keys.Order()];
    }

    /// <summary>
    /// Semantic-SAM and its kin: six mask tokens, whose order is a permutation of the levels. User levels 1 to 6 are decoder
    /// tokens 3, 2, 0, 4, 1, 5 (<c>semantic_sam/tasks/automatic_mask_generator.py</c> of the public repository).
    /// </summary>
    internal static GranularityMap SemanticSam { get; } = new("Semantic-SAM",
        GranularityLevel.Whole, GranularityLevel.Subpart, GranularityLevel.Group, GranularityLevel.Scene, GranularityLevel.Part, GranularityLevel.Detail);

    /// <summary>
    /// SAM, MobileSAM and what is tuned on top of them: mask token 0 is the single answer to an unambiguous prompt and has no
    /// level; tokens 1, 2, 3 are the three masks of the multi-mask output, which arXiv 2304.02643 calls whole, part and
    /// subpart. Training leaves their order free; in the published checkpoints they come out smallest first.
    /// </summary>
    internal static GranularityMap Sam { get; } = new("SAM",
        null, GranularityLevel.Subpart, GranularityLevel.Part, GranularityLevel.Whole);

    /// <summary>Every level, largest to smallest.</summary>
    public static IReadOnlyList<GranularityLevel> All { get; } = Enum.GetValues<GranularityLevel>();

    /// <summary>The model family, for messages.</summary>
    public string Family { get; }

    /// <summary>The levels this family gives, largest to smallest.</summary>
    public IReadOnlyList<GranularityLevel> Levels { get; }

    /// <summary>The level of a decoder token, or null for a token that stands for no particular level (SAM's token 0).</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such token.</exception>
    public GranularityLevel? LevelOf(int token)
    {
        if ((uint)token >= (uint)_levelOfToken.Length)
            throw new ArgumentOutOfRangeException(nameof(token), token, $"{Family} has mask tokens 0 to {_levelOfToken.Length - 1}.");
        return _levelOfToken[token];
    }

    /// <summary>True when this family has a token for <paramref name="level"/>.</summary>
    public bool Has(GranularityLevel level) => _tokenOfLevel.ContainsKey(level);

    /// <summary>The decoder token that gives <paramref name="level"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The family has no such level; the message names those it has.</exception>
    public int TokenOf(GranularityLevel level) => _tokenOfLevel.TryGetValue(level, out int token) ? token
        : throw new ArgumentOutOfRangeException(nameof(level), level,
            $"{Family} has no level '{Name(level)}'; it has {string.Join(", ", Levels.Select(Name))}.");

    /// <summary>The token of <paramref name="level"/>, or, if the family has none, of the nearest level it has (the larger on a tie).</summary>
    public int NearestTokenOf(GranularityLevel level) => _tokenOfLevel[Levels.MinBy(l => Math.Abs((int)l - (int)level))];

    /// <summary>The level's name as it is written in JSON and on the command line: lower case, such as "part".</summary>
    public static string Name(GranularityLevel level) => level.ToString().ToLowerInvariant();

    /// <summary>Reads a level from its name ("part", any case) or index ("4").</summary>
    /// <exception cref="FormatException">Neither a name nor an index of a level; the message names what is allowed.</exception>
    public static GranularityLevel Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string given = text.Trim();
        // Not Enum.TryParse: to that, "scene, group" is 1 | 2, a whole.
        foreach (var level in All)
            if (given.Equals(Name(level), StringComparison.OrdinalIgnoreCase) || given == ((int)level).ToString(CultureInfo.InvariantCulture)) return level;
        throw new FormatException($"'{text}' is not a level; levels are {string.Join(", ", All.Select(l => $"{Name(l)} ({(int)l})"))}.");
    }
}
