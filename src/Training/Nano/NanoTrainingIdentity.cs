using System.Globalization;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Training.Runs;

namespace SemanticSam.Training.Nano;

/// <summary>
/// What a training of the embedded model was begun with: its record names the data, their licenses and the files that went in, so what goes on with others
/// would be a false record of the first part.
/// </summary>
internal static class NanoTrainingIdentity
{
    private static readonly string[] Sources = ["backbone", "text", "vocabulary", "init", "further", "surroundings"];

    /// <summary>Of a record.</summary>
    public static TrainingIdentity Of(TrainingRecord.Begun record) => new(
    [
        ("images", record.Images.ToString(CultureInfo.InvariantCulture)),
        ("annotations", record.Annotations.ToString(CultureInfo.InvariantCulture)),
        ("SHA-256 of images and annotations", record.DataSha256),
        .. Sources.Select(s => ($"--{s}", record.Sources.GetValueOrDefault(s, ""))),
    ]);

    /// <summary>What there is to go on with; the state itself, or the record beside one of an earlier version.</summary>
    /// <param name="folder">Of the training.</param>
    /// <param name="state">Its state.</param>
    /// <param name="now">What it is to go on with.</param>
    /// <param name="say">Told where nothing is known.</param>
    /// <exception cref="CheckpointException">It was begun with something else; the message says with what.</exception>
    public static TrainingIdentity Continue(string folder, string state, TrainingIdentity now, Action<string> say)
    {
        using var file = Checkpoint.Open(state);
        var begun = TrainingIdentity.Of(file);
        if (begun is null && TrainingRecord.TryRead(folder) is { } record) begun = Of(record);
        if (begun is null)
            say($"{state} is of an earlier version and {TrainingRecord.File} is missing or damaged: whether the data are those of the beginning is not known");
        return now.Continue(state, begun ?? TrainingIdentity.None, _ => "Its record would name other data and licenses than it has learned from. Give the same "
            + $"--data, --licenses and files, or go on with a new training: --init {Path.Combine(folder, NanoFiles.Weights)} with another --out starts from "
            + "what this one has reached.");
    }
}
