using SemanticSam.TextEncoder.Names;

namespace SemanticSam.Engine.Sessions;

/// <summary>A name as a model takes it.</summary>
/// <param name="Text">What is embedded.</param>
/// <param name="IsPart">Whether it is looked for among parts, else among wholes.</param>
/// <param name="Concept">Index of the user's concept it stands for.</param>
internal readonly record struct NameEntry(string Text, bool IsPart, int Concept);

/// <summary>What a user wrote, read: concepts, and for each the entries that look for it, both kinds where the text leaves it open.</summary>
internal sealed record NameQuery(IReadOnlyList<Concept> Concepts, IReadOnlyList<NameEntry> Entries);

/// <summary>From what a user writes to names of wholes and parts. The same for every family that knows names.</summary>
internal sealed class NameReader(InferenceSettings settings)
{
    private readonly ConceptParser _parser = new(new ConceptParserOptions { Wholes = settings.Wholes, Parts = settings.Parts });

    /// <exception cref="PromptException">The names cannot be read; the message quotes them and says what is allowed.</exception>
    public NameQuery Read(IReadOnlyList<string> names)
    {
        var concepts = Parse(names);
        var entries = new List<NameEntry>();
        for (int c = 0; c < concepts.Count; c++)
        {
            var concept = concepts[c];
            if (concept.Kind is ConceptKind.Whole or ConceptKind.Any)
                entries.Add(new(concept.Whole!, false, c));
            if (concept.Kind is ConceptKind.Part or ConceptKind.Any)
                entries.Add(new(concept.Part!, true, c));
            if (concept.Kind == ConceptKind.PartOfWhole)
                entries.Add(new($"{concept.Part} of a {concept.Whole}", true, c));
        }
        return new(concepts, entries);
    }

    private IReadOnlyList<Concept> Parse(IReadOnlyList<string> names)
    {
        try
        {
            return _parser.Parse(names);
        }
        catch (ConceptException e)
        {
            throw new PromptException(names.All(string.IsNullOrWhiteSpace) ? PromptError.Empty : PromptError.Malformed, e.Message, e);
        }
    }
}
