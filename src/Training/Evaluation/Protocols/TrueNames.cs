using SemanticSam.Engine;
using SemanticSam.Masks;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>
/// Which labels are true of what an annotation names: its name, and by the model's vocabulary all wider ones ("shoe" of a sandal); and which names have no
/// instances by it.
/// </summary>
/// <param name="vocabulary">The model's; empty where it has none.</param>
internal sealed class TrueNames(IReadOnlyList<VocabularyName> vocabulary)
{
    private readonly ILookup<string, string> _wider = vocabulary.SelectMany(n => n.Wider.Select(w => (n.Name, Wide: w))).ToLookup(p => p.Name, p => p.Wide);

    private readonly HashSet<string> _stuff = [.. vocabulary.Where(n => n.IsStuff).Select(n => n.Name)];

    /// <summary>Whether the model takes a name for stuff: one mask of all of it, whose score is another kind of score.</summary>
    public bool IsStuff(NameQuery name) => !name.IsPart && _stuff.Contains(name.Name);

    /// <summary>Whether a label is true of something with this name.</summary>
    public bool IsTrueOf(string label, string name) => label == name || WiderNames.Of(name, n => [.. _wider[n]]).Contains(label);
}
