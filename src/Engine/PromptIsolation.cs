namespace SemanticSam.Engine;

/// <summary>Whether prompts that go through the decoder together influence each other.</summary>
public enum PromptIsolation
{
    /// <summary>
    /// The mask tokens of a prompt see only each other: the answer to a prompt does not depend on what else is asked in the
    /// call. So do the training and the evaluation of Semantic-SAM.
    /// </summary>
    Isolated,

    /// <summary>
    /// All mask tokens of all prompts see each other, as in the published demo and its mask generator: results depend on the
    /// other prompts of the call and on the batch size.
    /// </summary>
    Joint,
}
