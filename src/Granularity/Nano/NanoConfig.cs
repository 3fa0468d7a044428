namespace SemanticSam.Granularity.Nano;

/// <summary>Sizes of a <see cref="NanoModel"/>.</summary>
internal sealed record NanoConfig
{
    /// <summary>Channels of the backbone at stride 4, which double with each stage. ImageNet's weights are for 64.</summary>
    public int BackboneWidth { get; init; } = ResNet18.PretrainedWidth;

    /// <summary>Channels of the pyramid.</summary>
    public int PyramidWidth { get; init; } = 128;

    /// <summary>Groups of its norms.</summary>
    public int NormGroups { get; init; } = 16;

    /// <summary>Numbers of a pixel's and of a name's embedding.</summary>
    public int EmbeddingWidth { get; init; } = 96;

    /// <summary>Numbers of the sentence embeddings that come in.</summary>
    public int SentenceWidth { get; init; } = 384;

    /// <summary>Width inside the projection of names.</summary>
    public int NameHidden { get; init; } = 256;

    /// <summary>Channels that the small network of a place sees.</summary>
    public int MaskFeatures { get; init; } = 24;

    /// <summary>Channels before <see cref="MaskFeatures"/>.</summary>
    public int MaskHidden { get; init; } = 64;

    /// <summary>Numbers of a place's query.</summary>
    public int QueryWidth { get; init; } = 256;

    /// <summary>Hidden channels of the small network of a place.</summary>
    public int DynamicWidth { get; init; } = 8;

    /// <summary>Layers in which the cells of the coarsest level attend to each other; 0 for none.</summary>
    public int ContextLayers { get; init; }

    /// <summary>Width of these layers.</summary>
    public int ContextWidth { get; init; } = 256;

    /// <summary>Residual blocks of each level of the pyramid but the finest.</summary>
    public int LevelBlocks { get; init; }

    /// <summary>Residual blocks between <see cref="MaskHidden"/> and <see cref="MaskFeatures"/>.</summary>
    public int MaskBlocks { get; init; }

    /// <summary>How often a place's query attends to the image's cells at stride 16; 0 for never.</summary>
    public int PlaceLooks { get; init; }

    /// <summary>Width of such a look.</summary>
    public int LookWidth { get; init; } = 128;

    /// <summary>Channels of the head for surroundings; 0 for none.</summary>
    public int SurroundingsWidth { get; init; }

    /// <summary>Residual blocks of that head.</summary>
    public int SurroundingsBlocks { get; init; }

    /// <summary>Sizes of the model that is trained by default.</summary>
    public static NanoConfig Trained { get; } = new() { ContextLayers = 2, LevelBlocks = 1, MaskBlocks = 1, PlaceLooks = 2 };

    /// <summary>The same with a head for surroundings.</summary>
    public NanoConfig WithSurroundings() => this with { SurroundingsWidth = PyramidWidth, SurroundingsBlocks = 1 };

    /// <summary>Nominal sizes of the levels, smallest first: square root of box area over the longer side of the image.</summary>
    public IReadOnlyList<double> LevelSizes { get; init; } = [0.025, 0.05, 0.085, 0.14, 0.27, 0.6];
}
