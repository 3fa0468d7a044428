namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>COCO's numbers as figures and tables of a report.</summary>
internal static class CocoReport
{
    /// <summary>The twelve numbers.</summary>
    public static IReadOnlyList<EvaluationFigure> Figures(CocoSummary s)
    {
        var (id, label) = s.Measure == CocoMeasure.Masks ? ("mask", "mask") : ("box", "box");
        long objects = s.Classes.Sum(c => c.Objects);
        return
        [
            Of("ap", "AP", s.Ap), Of("ap50", "AP50", s.Ap50), Of("ap75", "AP75", s.Ap75), Of("ap_small", "AP small", s.ApSmall),
                Of("ap_medium", "AP medium", s.ApMedium), Of("ap_large", "AP large", s.ApLarge),
            Of("ar1", "AR 1", s.Ar1), Of("ar10", "AR 10", s.Ar10), Of("ar100", "AR 100", s.Ar100), Of("ar_small", "AR small", s.ArSmall),
                Of("ar_medium", "AR medium", s.ArMedium), Of("ar_large", "AR large", s.ArLarge),
        ];

        EvaluationFigure Of(string what, string name, double? value) => new($"{id}_{what}", $"{label} {name}", value, null, objects);
    }

    /// <summary>AP of each class.</summary>
    /// <param name="summaries">Of masks, of boxes, or both.</param>
    /// <param name="names">Names of the classes, by index.</param>
    public static EvaluationTable ByClass(IReadOnlyList<CocoSummary> summaries, IReadOnlyList<string> names)
    {
        string[] columns = ["class", .. summaries.SelectMany(s => s.Measure == CocoMeasure.Masks ? new[] { "mask AP", "mask AP50" }
            : ["box AP", "box AP50"]), "objects"];
        var rows = summaries[0].Classes.Select((c, i) => new EvaluationRow(names[c.Class],
            [.. summaries.SelectMany(s => new[] { s.Classes[i].Ap, s.Classes[i].Ap50 }), c.Objects]));
        return new("ap_by_class", "AP by class", columns, [.. rows.Where(r => r.Values[^1] > 0).OrderByDescending(r => r.Values[^1])]);
    }

    /// <summary>The report of detections against annotations.</summary>
    public static ProtocolReport Of(IReadOnlyList<CocoSummary> summaries, IReadOnlyList<string> names) =>
        new(EvaluationProtocol.Instances, "COCO", [.. summaries.SelectMany(Figures)], [ByClass(summaries, names)]);
}
