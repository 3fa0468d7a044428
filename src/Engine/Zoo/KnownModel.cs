namespace SemanticSam.Engine.Zoo;

/// <summary>A family of models that share their network and their tensor names.</summary>
internal enum ModelFamily
{
    /// <summary>Semantic-SAM (arXiv 2307.04767): six masks a click, from whole to part.</summary>
    SemanticSam,

    /// <summary>Segment Anything (arXiv 2304.02643).</summary>
    Sam,

    /// <summary>MobileSAM (arXiv 2306.14289): SAM's decoder behind a small encoder.</summary>
    MobileSam,

    /// <summary>OpenSeeD (arXiv 2303.08131): masks of named classes.</summary>
    OpenSeeD,

    /// <summary>CLIP (arXiv 2103.00020): its text tower embeds names.</summary>
    Clip,

    /// <summary>This project's own small model, embedded by default.</summary>
    Nano,

    /// <summary>RSPrompter (arXiv 2306.16269) and SAM-seg: instances of named classes, found without a prompt.</summary>
    RsPrompter,
}

/// <summary>A model that the catalog knows.</summary>
/// <param name="Name">What users type: lower case, unique.</param>
/// <param name="Family">Its family.</param>
/// <param name="Architecture">Backbone or tower, as <see cref="Recognition.Architecture"/> says it.</param>
/// <param name="FileName">The name under which its authors publish it, and under which it is looked for.</param>
/// <param name="License">License of the weights as published (SPDX identifier).</param>
/// <param name="Use">What it can be asked, in a few words.</param>
internal sealed record KnownModel(string Name, ModelFamily Family, string Architecture, string FileName, string License, string Use)
{
    /// <summary>Where its authors publish it; null for the embedded model and where no address is known.</summary>
    public Uri? Address { get; init; }

    /// <summary>Bytes of the file; null when not known.</summary>
    public long? Size { get; init; }

    /// <summary>SHA-256 of the file, 64 lower-case hexadecimal digits; null when not known.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Whether it comes with this program.</summary>
    public bool Embedded { get; init; }
}
