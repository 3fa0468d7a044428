namespace SemanticSam.Tests.StandIns.Surface;

/// <summary>Whether a member can or must be overridden.</summary>
internal enum Overriding { None, Virtual, Abstract }

/// <summary>One public type: what a caller can see of it, as text in the form of the listings.</summary>
/// <param name="Name">Namespace::Type, nested types with their outer ones.</param>
/// <param name="Kind">class, struct, interface, enum or delegate.</param>
internal sealed record SurfaceType(string Name, string Kind, bool IsStatic, bool IsAbstract, string? Base, bool IsDisposable)
{
    /// <summary>Methods, constructors and fields by their whole text without virtual and abstract.</summary>
    public Dictionary<string, Overriding> Members { get; } = [];

    /// <summary>Properties and indexers: text up to the braces, and the accessors.</summary>
    public Dictionary<string, HashSet<string>> Properties { get; } = [];

    /// <summary>Methods that override one of a base type: they add nothing where the base has been checked.</summary>
    public HashSet<string> Overrides { get; } = [];

    public Dictionary<string, long> Values { get; } = [];
}
