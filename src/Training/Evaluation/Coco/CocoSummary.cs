namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>COCO's twelve numbers and the AP of each class; null where there is nothing to be found.</summary>
internal sealed record CocoSummary
{
    /// <summary>What was compared.</summary>
    public required CocoMeasure Measure { get; init; }

    /// <summary>Average precision over IoU thresholds of 0.50 to 0.95.</summary>
    public required double? Ap { get; init; }

    /// <summary>Average precision at an IoU of 0.50.</summary>
    public required double? Ap50 { get; init; }

    /// <summary>Average precision at an IoU of 0.75.</summary>
    public required double? Ap75 { get; init; }

    /// <summary>AP of objects up to 32² pixels.</summary>
    public required double? ApSmall { get; init; }

    /// <summary>AP of objects of 32² to 96² pixels.</summary>
    public required double? ApMedium { get; init; }

    /// <summary>AP of objects from 96² pixels on.</summary>
    public required double? ApLarge { get; init; }

    /// <summary>Average recall with one detection an image and class.</summary>
    public required double? Ar1 { get; init; }

    /// <summary>Average recall with ten detections an image and class.</summary>
    public required double? Ar10 { get; init; }

    /// <summary>Average recall with a hundred detections an image and class.</summary>
    public required double? Ar100 { get; init; }

    /// <summary>AR of objects up to 32² pixels.</summary>
    public required double? ArSmall { get; init; }

    /// <summary>AR of objects of 32² to 96² pixels.</summary>
    public required double? ArMedium { get; init; }

    /// <summary>AR of objects from 96² pixels on.</summary>
    public required double? ArLarge { get; init; }

    /// <summary>Each class by itself.</summary>
    public required IReadOnlyList<CocoClassSummary> Classes { get; init; }
}

/// <summary>A class by itself.</summary>
/// <param name="Class">Its index.</param>
/// <param name="Ap">Its average precision over IoU thresholds of 0.50 to 0.95; null where it has no object.</param>
/// <param name="Ap50">Its average precision at an IoU of 0.50.</param>
/// <param name="Objects">Objects to be found.</param>
internal readonly record struct CocoClassSummary(int Class, double? Ap, double? Ap50, int Objects);
