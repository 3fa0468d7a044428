using SemanticSam.Training;

namespace SemanticSam.Cli.Output.Progress;

/// <summary>How far a job is.</summary>
/// <param name="Done">How much is done, in the job's unit.</param>
/// <param name="Total">How much there is; null where that is not known.</param>
/// <param name="Remark">What else to show at the moment, such as "3 failed"; null for nothing.</param>
/// <param name="Line">A line that is to stay, such as the metrics of a training; null for none.</param>
/// <param name="AtMost">Time after which the job ends in any case; null without a limit.</param>
internal readonly record struct ProgressStep(double Done, double? Total, string? Remark = null, string? Line = null, TimeSpan? AtMost = null)
{
    /// <summary>A step of a training, with a line of its metrics.</summary>
    public static ProgressStep Of(TrainingProgress now, string? line) => new(now.Step, now.Steps, null, line, now.TimeLeft);
}

/// <summary>What a job counts.</summary>
internal enum ProgressUnit
{
    /// <summary>A share of the whole, 0 to 1: shown in percent.</summary>
    Share,

    /// <summary>Images, or prompts of a batch.</summary>
    Images,

    /// <summary>Steps of a training.</summary>
    Steps,

    /// <summary>Bytes of a download.</summary>
    Bytes,
}
