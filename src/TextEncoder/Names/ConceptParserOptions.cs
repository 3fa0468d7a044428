namespace SemanticSam.TextEncoder.Names;

/// <summary>What <see cref="ConceptParser"/> knows and allows.</summary>
public sealed record ConceptParserOptions
{
    /// <summary>Names that are wholes (in lower case, singular); a model's own categories. Default: none.</summary>
    public IReadOnlyCollection<string> Wholes { get; init; } = [];

    /// <summary>Names that are parts (in lower case, singular). Default: <see cref="CommonParts"/>.</summary>
    public IReadOnlyCollection<string> Parts { get; init; } = CommonParts;

    /// <summary>Most concepts in a text. Default 256.</summary>
    public int MaxConcepts { get; init; } = 256;

    /// <summary>Most characters in one concept. Default 120.</summary>
    public int MaxLength { get; init; } = 120;

    /// <summary>Nouns that nearly always name a part of something.</summary>
    public static IReadOnlyCollection<string> CommonParts { get; } =
    [
        "ankle", "antenna", "antler", "arm", "armrest", "back", "backrest", "beak", "beard", "belly", "blade", "body", "bonnet", "bumper", "button",
        "cheek", "chest", "chin", "claw", "cockpit", "crust", "ear", "elbow", "engine", "eye", "eyebrow", "eyelid", "face", "fin",
        "finger", "fingernail", "foot", "forehead", "fur", "grille", "hair", "hand", "handle", "handlebar", "head", "headlight", "heel", "hip", "hood",
        "hoof", "horn", "hubcap", "hull", "jaw", "knee", "knob", "leg", "license plate", "lid", "lip", "mane", "mast", "mouth", "mudguard",
        "muzzle", "neck", "nose", "nostril", "number plate", "paw", "pedal", "petal", "pocket", "propeller", "rim", "roof", "rudder", "saddle", "shin",
        "shoulder", "side mirror", "sleeve", "snout", "sole", "spout", "steering wheel", "stem", "tail", "taillight", "thigh", "thumb", "tire", "toe",
        "tongue", "tooth", "torso", "trunk", "tusk", "tyre", "waist", "wheel", "whisker", "windscreen", "windshield", "wing", "wrist", "zipper",
    ];
}
