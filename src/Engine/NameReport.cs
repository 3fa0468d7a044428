using System.Globalization;
using SemanticSam.Engine.Sessions;

namespace SemanticSam.Engine;

/// <summary>How a model understood a name, whether an image shows it (<see cref="ImageSession.ExplainNames"/>), and what came of it
/// (<see cref="ImageSession.Answer"/>).</summary>
public sealed record NameReport
{
    /// <summary>The name as it was written.</summary>
    public required string Text { get; init; }

    /// <summary>How it was understood.</summary>
    internal NameMatch Match { get; init; }

    /// <summary>Whether it is a taught name, another word for one, the name of a kind of one, or of a slice of one.</summary>
    public bool IsTaught => Match.IsTaught();

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

    /// <summary>The threshold.</summary>
    internal double LeastPresence { get; init; }

    /// <summary>How many masks it has; null where none were asked for.</summary>
    public int? Found { get; init; }

    /// <summary>Score of the surest thing that has no mask since its score is below <see cref="LeastScore"/>; null for none.</summary>
    public double? UnsureScore { get; init; }

    /// <summary>The score from which on a thing has a mask, where <see cref="UnsureScore"/> is not null.</summary>
    public double? LeastScore { get; init; }

    /// <summary>What a user should know, in one line; null where there is nothing to say: a taught name that is there.</summary>
    public string? Notice
    {
        get
        {
            string? reading = Match switch
            {
                NameMatch.Synonym => $"{Text} -> {Name}",
                NameMatch.Kind => $"{Text} -> {Name} (the wider name)",
                NameMatch.Slice => $"{Text} -> {Name} (a slice of it)",
                NameMatch.Near => $"'{Text}' was never taught; it is asked by its meaning, near {string.Join(", ", Nearest)}",
                NameMatch.Unknown => $"'{Text}' is not known, nor anything near it; the nearest known names are {string.Join(", ", Nearest)}",
                _ => null,
            };
            if (Missing is not { } missing) return reading;
            return reading is null ? $"'{Text}' is {missing}" : $"{reading}: {missing}";
        }
    }

    /// <summary>Why there is no mask; null where there is one, or nobody asked.</summary>
    private string? Missing => (IsPresent, Found, UnsureScore) switch
    {
        (false, _, _) => string.Create(CultureInfo.InvariantCulture,
        $"not in this image (presence {Below(Presence!.Value, LeastPresence)}, below {LeastPresence})"),
        (true, 0, { } score) => string.Create(CultureInfo.InvariantCulture,
        $"not shown: something like it was found with score {Below(score, LeastScore!.Value)}, below {LeastScore}"),
        (true, 0, null) => string.Create(CultureInfo.InvariantCulture,
        $"perhaps in this image (presence {Presence:f2}), but no place in it looks enough like it"),
        _ => null,
    };

    internal static NameReport Of(ReadName name, float? presence, double threshold) => new()
    {
        Text = name.Text, Match = name.Match, Name = name.IsAsked ? name.Name : null, Nearest = name.Nearest,
        Presence = name.IsAsked ? presence : null, LeastPresence = threshold, IsPresent = name.IsAsked && presence is { } value ? value >= threshold : null,
    };

    /// <summary>With as many digits as are needed to see that it is below.</summary>
    private static string Below(double score, double least)
    {
        for (int digits = 2; digits < 6; digits++)
        {
            string text = score.ToString($"f{digits}", CultureInfo.InvariantCulture);
            if (double.Parse(text, CultureInfo.InvariantCulture) < least) return text;
        }
        return score.ToString("r", CultureInfo.InvariantCulture);
    }
}
