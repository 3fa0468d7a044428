namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>The running mean of what a model reaches, beside the means of what constant guesses reach on the same data.</summary>
/// <param name="id">What programs call it.</param>
/// <param name="label">What people call it.</param>
internal sealed class Measure(string id, string label)
{
    private double _sum;
    private double[] _guesses = [];
    private long _count;

    /// <summary>Takes up a value.</summary>
    /// <param name="value">The model's.</param>
    /// <param name="guesses">Those of the constant guesses, as many and in the same order each time.</param>
    public void Add(double value, params ReadOnlySpan<double> guesses)
    {
        if (_count++ == 0) _guesses = new double[guesses.Length];
        _sum += value;
        for (int i = 0; i < _guesses.Length; i++) _guesses[i] += guesses[i];
    }

    /// <summary>The mean beside that of the best guess; null where nothing was added.</summary>
    public EvaluationFigure Figure => new(id, label, _count == 0 ? null : _sum / _count, _guesses.Length == 0 ? null : _guesses.Max() / _count, _count);
}
