namespace TorchSharp;

/// <summary>While open, backward checks each step for NaN and names the forward call that made it.</summary>
public class AnomalyMode : IDisposable
{
    private readonly bool _before = IsEnabled;
    private readonly bool _checkedBefore = ShouldCheckNaN;

    public AnomalyMode(bool enabled, bool check_nan = true) => Native.semsam_set_anomaly(enabled ? 1 : 0, check_nan ? 1 : 0);

    public static bool IsEnabled => (Native.semsam_anomaly() & 1) != 0;

    public static bool ShouldCheckNaN => (Native.semsam_anomaly() & 2) != 0;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => Native.semsam_set_anomaly(_before ? 1 : 0, _checkedBefore ? 1 : 0);
}
