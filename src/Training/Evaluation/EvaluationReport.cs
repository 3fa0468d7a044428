using System.Text.Json;
using System.Text.Json.Serialization;
using SemanticSam.Foundation;

namespace SemanticSam.Training.Evaluation;

/// <summary>A figure, where it makes sense beside what the best constant guess reaches on the same data.</summary>
/// <param name="Id">What programs call it.</param>
/// <param name="Label">What people call it.</param>
/// <param name="Value">The model's; null where there was nothing to measure.</param>
/// <param name="Constant">The best constant guess's; null where there is none.</param>
/// <param name="Count">What it is the mean of.</param>
public sealed record EvaluationFigure(string Id, string Label, double? Value, double? Constant, long Count);

/// <summary>A table of figures, such as one row a class.</summary>
/// <param name="Id">What programs call it.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Columns">Names of the columns; the first is that of the rows.</param>
/// <param name="Rows">The rows.</param>
internal sealed record EvaluationTable(string Id, string Title, IReadOnlyList<string> Columns, IReadOnlyList<EvaluationRow> Rows);

/// <summary>A row of a table.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Values">One a column after the first; null where there is nothing.</param>
internal sealed record EvaluationRow(string Name, IReadOnlyList<double?> Values);

/// <summary>What one protocol measured.</summary>
/// <param name="Protocol">Which.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Figures">Its figures.</param>
/// <param name="Tables">Its tables.</param>
internal sealed record ProtocolReport(EvaluationProtocol Protocol, string Title, IReadOnlyList<EvaluationFigure> Figures,
    IReadOnlyList<EvaluationTable> Tables);

/// <summary>What a model reaches on annotated images.</summary>
public sealed record EvaluationReport
{
    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of its weights.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Images evaluated.</summary>
    public required int Images { get; init; }

    /// <summary>Wall seconds an image, encoding and all its prompts.</summary>
    public required double SecondsPerImage { get; init; }

    /// <summary>One protocol after the other, with their tables.</summary>
    [JsonInclude]
    internal IReadOnlyList<ProtocolReport> Protocols { get; init; } = [];

    /// <summary>All figures, one protocol after the other; docs/evaluation.md says what they are.</summary>
    [JsonIgnore]
    public IReadOnlyList<EvaluationFigure> Figures => [.. Protocols.SelectMany(p => p.Figures)];

    /// <summary>A figure by its id; null where it was not measured.</summary>
    /// <param name="id">Such as "text_wholes".</param>
    public EvaluationFigure? Find(string id) => Figures.FirstOrDefault(f => f.Id == id);

    /// <summary>All of it, with the tables (one row a class, a size, a word), as <c>semsam evaluate --json</c> writes it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonSettings.Indented);
}
