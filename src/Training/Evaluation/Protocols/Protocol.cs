namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>A way to measure a model, image by image.</summary>
internal interface IProtocol
{
    /// <summary>Which it is.</summary>
    EvaluationProtocol Kind { get; }

    /// <summary>Measures one image.</summary>
    void Add(EvaluatedImage image);

    /// <summary>What was measured.</summary>
    ProtocolReport Report();
}
