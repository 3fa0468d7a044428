namespace SemanticSam.Training.Nano;

/// <summary>Something that training asks for by words: a plain name, or a part of one whole.</summary>
/// <param name="Index">Its place among all.</param>
/// <param name="Name">The plain name, of the part if there is a whole.</param>
/// <param name="Whole">For a part of one whole: the whole; null for a plain name, whatever it belongs to.</param>
internal sealed record NanoQuery(int Index, string Name, string? Whole)
{
    /// <summary>Images of the data that show it.</summary>
    public int Images { get; set; }

    /// <summary>The same in other data.</summary>
    public QueryName Named => new(Name, Whole);

    /// <inheritdoc/>
    public override string ToString() => Named.ToString();
}

/// <summary>What a query asks for.</summary>
/// <param name="Name">A whole, stuff or a part.</param>
/// <param name="Whole">For a part of one whole: that whole; null for the plain name.</param>
internal readonly record struct QueryName(string Name, string? Whole)
{
    /// <inheritdoc/>
    public override string ToString() => Whole is null ? Name : $"{Name} of {Whole}";
}
