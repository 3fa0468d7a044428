namespace SemanticSam.Granularity.Sam;

/// <summary>Sizes of a SAM or MobileSAM. Exactly one encoder is named; its <c>Output</c> is the width of prompts and decoder.</summary>
internal sealed record SamConfig
{
    /// <summary>Name in results and messages.</summary>
    public required string Name { get; init; }

    /// <summary>SAM's encoder.</summary>
    public ImageEncoderViTConfig? Vit { get; init; }

    /// <summary>MobileSAM's encoder.</summary>
    public TinyViTConfig? TinyVit { get; init; }

    /// <summary>Features inside the prompt encoder's mask convolutions.</summary>
    public long MaskChannels { get; init; } = 16;

    /// <summary>Layers of the decoder's transformer.</summary>
    public int DecoderDepth { get; init; } = 2;

    /// <summary>Its attention heads.</summary>
    public long DecoderHeads { get; init; } = 8;

    /// <summary>Features inside its MLPs.</summary>
    public long FeedForward { get; init; } = 2048;

    /// <summary>Masks for an ambiguous prompt.</summary>
    public int MultimaskOutputs { get; init; } = 3;

    /// <summary>Layers of the IoU head.</summary>
    public int IouHeadDepth { get; init; } = 3;

    /// <summary>Features inside the IoU head.</summary>
    public long IouHeadWidth { get; init; } = 256;

    /// <summary>Side of the square image that the encoder sees.</summary>
    public int ImageSize => Vit?.ImageSize ?? TinyVit?.ImageSize ?? 0;

    /// <summary>Side of its embedding.</summary>
    public int Grid => Vit?.Grid ?? TinyVit?.Grid ?? 0;

    /// <summary>Features of its embedding.</summary>
    public long Width => Vit?.Output ?? TinyVit?.Output ?? 0;

    /// <summary>SAM ViT-B as published.</summary>
    public static SamConfig VitB { get; } = new() { Name = "sam-vit-b", Vit = ImageEncoderViTConfig.B };

    /// <summary>SAM ViT-L as published.</summary>
    public static SamConfig VitL { get; } = new() { Name = "sam-vit-l", Vit = ImageEncoderViTConfig.L };

    /// <summary>SAM ViT-H as published.</summary>
    public static SamConfig VitH { get; } = new() { Name = "sam-vit-h", Vit = ImageEncoderViTConfig.H };

    /// <summary>MobileSAM as published.</summary>
    public static SamConfig MobileSam { get; } = new() { Name = "mobile-sam", TinyVit = TinyViTConfig.MobileSam };

    internal void Validate()
    {
        if ((Vit is null) == (TinyVit is null)) throw new ArgumentException($"The configuration of '{Name}' must name one encoder, a ViT or a TinyViT.");
        if (Width % 8 != 0 || Width % (2 * DecoderHeads) != 0)
            throw new ArgumentException($"The width {Width} must be a multiple of 8 and of twice the {DecoderHeads} heads.");
        if (MaskChannels < 4 || MaskChannels % 4 != 0) throw new ArgumentException($"Mask channels are a multiple of 4; they are {MaskChannels}.");
        if (MultimaskOutputs < 1) throw new ArgumentException($"There is at least one mask for an ambiguous prompt; {MultimaskOutputs} are configured.");
    }
}
