namespace SemanticSam.Granularity.Nano;

/// <summary>One thing of a name.</summary>
/// <param name="Logits">At the cells, [Height * Width]: above 0 where the thing is.</param>
/// <param name="Sureness">Mean probability of the name inside, 0 to 1.</param>
/// <param name="Quality">Predicted IoU of the mask, on the scale of answers to clicks, 0 to 1.</param>
internal sealed record NanoThing(float[] Logits, float Sureness, float Quality);
