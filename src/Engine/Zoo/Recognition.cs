
namespace SemanticSam.Engine.Zoo;

/// <summary>Whose names the tensors of a checkpoint have.</summary>
internal enum NameStyle
{
    /// <summary>Those of the authors' own source.</summary>
    Original,

    /// <summary>Those of Hugging Face's transformers library.</summary>
    HuggingFace,
}

/// <summary>What a checkpoint is.</summary>
/// <param name="Family">Family of models.</param>
/// <param name="Architecture">Backbone or tower: Swin-T, Swin-L, ViT-B, ViT-L, ViT-H, TinyViT, ConvNet, ViT-B/32, ...; "custom" with sizes for others.</param>
/// <param name="Style">Whose names the tensors have.</param>
/// <param name="Details">More that the tensors say: number of blocks, text context, ...</param>
internal sealed record Recognition(ModelFamily Family, string Architecture, NameStyle Style, IReadOnlyDictionary<string, string> Details);
