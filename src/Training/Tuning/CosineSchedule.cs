namespace SemanticSam.Training.Tuning;

/// <summary>The learning rate of the released configurations: a linear rise, then half a cosine that falls once an epoch.</summary>
/// <param name="Rate">The largest.</param>
/// <param name="StepsOfEpoch">Steps of an epoch.</param>
/// <param name="Epochs">Epochs in all.</param>
internal readonly record struct CosineSchedule(double Rate, int StepsOfEpoch, int Epochs)
{
    private const int WarmUp = 50;

    private const double Start = 0.001, Floor = 0.001;

    /// <summary>The rate of a step where time is limited: the same rise, then half a cosine that reaches its end with the time, or with the steps if they are
    /// sooner done.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="gone">Share of the time that is gone, 0 to 1.</param>
    public double Of(long step, double gone)
    {
        double done = Math.Clamp(Math.Max(gone, (double)step / ((long)StepsOfEpoch * Epochs)), 0, 1);
        return Rate * Math.Min(1, Start + (1 - Start) * step / (WarmUp - 1)) * (Floor + (1 - Floor) * 0.5 * (1 + Math.Cos(Math.PI * done)));
    }

    /// <summary>The rate of a step, from 0.</summary>
    public double Of(long step)
    {
        double risen = Math.Min(1, Start + (1 - Start) * step / (WarmUp - 1));
        long epoch = step / StepsOfEpoch;
        // The fall begins with the second epoch, and the last one's rate is not yet the least.
        double fallen = epoch == 0 ? 1 : Floor + (1 - Floor) * 0.5 * (1 + Math.Cos(Math.PI * Math.Max(0, epoch - 1) / Epochs));
        return Rate * risen * fallen;
    }
}
