namespace SemanticSam.Training.Evaluation;

/// <summary>The running mean of what a model reaches, beside the means of what constant guesses reach on the same data.</summary>
internal sealed class Measure
{
    private double _sum;
    private double[] _guesses = [];
    private long _count;

    /// <param name="value">The model's.</param>
    /// <param name="guesses">Those of the constant guesses, as many and in the same order each time.</param>
    public void Add(double value, ReadOnlySpan<double> guesses)
    {
        if (_count++ == 0) _guesses = new double[guesses.Length];
        _sum += value;
        for (int i = 0; i < _guesses.Length; i++) _guesses[i] += guesses[i];
    }

    /// <summary>The mean beside that of the best guess; null where nothing was added.</summary>
    public Figure Figure => _count == 0 ? default : new(_sum / _count, _guesses.Max() / _count, _count);
}
