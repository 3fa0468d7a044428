using SemanticSam.TextEncoder.Sentences;

namespace SemanticSam.Engine.Sessions;

/// <summary>The names of a model with their relations: what users' words mean to it, and which parts things have.</summary>
internal interface INameBook
{
    /// <summary>All names, wholes first.</summary>
    IReadOnlyList<VocabularyName> Names { get; }

    /// <summary>What a user wrote, name by name, each once.</summary>
    /// <exception cref="PromptException">It cannot be read; the message quotes it and says what is allowed.</exception>
    IReadOnlyList<ReadName> Read(IReadOnlyList<string> names);
}

/// <summary>A name that a user wrote, as a model takes it.</summary>
/// <param name="Text">As written.</param>
/// <param name="Match">How it was understood.</param>
/// <param name="Asked">The text that is encoded; for an unknown word the word itself, which is not asked.</param>
/// <param name="Name">The taught name, "wheel of car" for a part of one whole; for an untaught word the word itself.</param>
/// <param name="Whole">Label of the whole; null for a part of anything.</param>
/// <param name="Part">Label of the part; null for a whole.</param>
/// <param name="IsStuff">Whether it has no instances.</param>
/// <param name="Nearest">For a word that was not taught: the nearest names.</param>
internal sealed record ReadName(string Text, NameMatch Match, string Asked, string Name, string? Whole, string? Part, bool IsStuff,
    IReadOnlyList<string> Nearest)
{
    /// <summary>Whether what touches is one thing.</summary>
    public bool InPieces { get; init; }

    /// <summary>Which slice of the taught name's things it is; null for all of them.</summary>
    public NameSlice? Slice { get; init; }

    /// <summary>The part that was taught and is asked for, without its whole; null for wholes and for words that were not taught.</summary>
    public string? TaughtPart { get; init; }

    /// <summary>What else the word may mean, where the image does not show the first: a cap of a bottle, or a hat.</summary>
    public IReadOnlyList<ReadName> Otherwise { get; init; } = [];

    /// <summary>Whether the image is asked for it.</summary>
    public bool IsAsked => Match != NameMatch.Unknown;
}
