namespace TorchSharp;

internal static class AdamChecks
{
    internal static void Validate(double lr, double beta1, double beta2, double eps, double decay)
    {
        if (!(lr >= 0)) throw new ArgumentException($"Invalid learning rate: {lr}");
        if (!(beta1 is >= 0 and < 1)) throw new ArgumentException($"Invalid beta1 value: {beta1}, 0 up to below 1 is allowed");
        if (!(beta2 is >= 0 and < 1)) throw new ArgumentException($"Invalid beta2 value: {beta2}, 0 up to below 1 is allowed");
        if (!(eps >= 0)) throw new ArgumentException($"Invalid eps value: {eps}");
        if (!(decay >= 0)) throw new ArgumentException($"Invalid weight_decay value: {decay}");
    }
}
