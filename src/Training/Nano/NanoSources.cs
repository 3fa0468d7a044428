namespace SemanticSam.Training.Nano;

/// <summary>Where a training of the embedded model takes what it needs.</summary>
/// <param name="Data">Folder of the whole/part set.</param>
/// <param name="Out">Folder for weights, state and metrics.</param>
/// <param name="Backbone">ImageNet's weights of the backbone.</param>
/// <param name="Text">Folder of the sentence encoder.</param>
/// <param name="Vocabulary">Vocabulary file; null for the one that travels with the program.</param>
/// <param name="Init">Weights to start from instead of the backbone's alone; null for none.</param>
/// <param name="Further">Further annotations of the set's images; null for none.</param>
/// <param name="Surroundings">As these, of surroundings, whose head alone is trained; null for none.</param>
internal sealed record NanoSources(string Data, string Out, string Backbone, string Text, string? Vocabulary = null, string? Init = null,
    string? Further = null, string? Surroundings = null);
