using SemanticSam.Foundation;

namespace SemanticSam.Engine.Zoo;

/// <summary>A model was asked for that is not on this disk; the message says where its file belongs.</summary>
internal sealed class ModelNotFoundException : SemanticSamException
{
    internal ModelNotFoundException(string message, KnownModel? model = null) : base(message) => Model = model;

    /// <inheritdoc/>
    public override string Code => "model_not_found";

    /// <summary>The model of the catalog that was asked for; null where the name is not known.</summary>
    public KnownModel? Model { get; }
}
