using System.Globalization;

namespace SemanticSam.Engine;

/// <summary>How a model understood a name, and whether an image shows it (<see cref="ImageSession.ExplainNames"/>).</summary>
public sealed record NameReport
{
    /// <summary>The name as it was written.</summary>
    public required string Text { get; init; }

    /// <summary>How it was understood.</summary>
    internal NameMatch Match { get; init; }

    /// <summary>Whether it is a taught name, another word for one, or the name of a kind of one.</summary>
    public bool IsTaught => Match is NameMatch.Name or NameMatch.Synonym or NameMatch.Kind;

    /// <summary>
    /// What is asked instead: the taught name ("sofa", "wheel of car"), or the word itself where it is not taught but near enough to be asked by its
    /// meaning; null where it cannot be asked.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>For a word that was not taught: the nearest names that were, nearest first; else empty.</summary>
    public IReadOnlyList<string> Nearest { get; init; } = [];

    /// <summary>How sure the image is to show it, anywhere, 0 to 1; null for models without such an opinion, and for unknown words.</summary>
    public double? Presence { get; init; }

    /// <summary>Whether that reaches the threshold; null where there is no opinion.</summary>
    public bool? IsPresent { get; init; }

    /// <summary>What a user should know, in one line; null where there is nothing to say: a taught name that is there.</summary>
    public string? Notice
    {
        get
        {
            string? reading = Match switch
            {
                NameMatch.Synonym => $"{Text} -> {Name}",
                NameMatch.Kind => $"{Text} -> {Name} (the wider name)",
                NameMatch.Near => $"'{Text}' was never taught; it is asked by its meaning, near {string.Join(", ", Nearest)}",
                NameMatch.Unknown => $"'{Text}' is not known, nor anything near it; the nearest known names are {string.Join(", ", Nearest)}",
                _ => null,
            };
            if (IsPresent is not false) return reading;
            string absent = string.Create(CultureInfo.InvariantCulture, $"not in this image (presence {Presence:f2})");
            return reading is null ? $"'{Text}' is {absent}" : $"{reading}: {absent}";
        }
    }
}
