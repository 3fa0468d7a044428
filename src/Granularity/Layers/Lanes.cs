namespace SemanticSam.Granularity.Layers;

/// <summary>
/// Float32 numbers that a processor computes with at once. A loop is written once for any lanes and compiled for each width, so that every machine
/// takes the widest that it is fast with; a number's value does not depend on the width.
/// </summary>
internal interface ILanes<T> where T : struct, ILanes<T>
{
    /// <summary>How many numbers these are: a power of two.</summary>
    static abstract int Count { get; }

    /// <summary>The same number in all lanes.</summary>
    static abstract T Of(float value);

    /// <summary>Numbers that lie one after another.</summary>
    static abstract T Load(ref readonly float first);

    /// <summary>x * y + sum, rounded once where the processor can.</summary>
    static abstract T MultiplyAdd(T x, T y, T sum);

    /// <summary>The larger of each and 0.</summary>
    static abstract T Rectify(T x);

    /// <summary>The larger of each pair.</summary>
    static abstract T Larger(T x, T y);

    /// <summary>The largest of the lanes.</summary>
    static abstract float Largest(T x);

    /// <summary>e to the power of each.</summary>
    static abstract T Exp(T x);

    /// <summary>1 / (1 + exp(-x)).</summary>
    static abstract T Sigmoid(T x);

    /// <summary>A bit for each number that exceeds a limit, the first in bit 0.</summary>
    static abstract uint Above(T x, float limit);

    /// <summary>The numbers where <paramref name="x"/> exceeds 0, and 0 elsewhere.</summary>
    static abstract T WherePositive(T x, T values);

    /// <summary>The sum of the lanes.</summary>
    static abstract float Sum(T x);

    static abstract T operator +(T x, T y);

    static abstract T operator *(T x, T y);

    static abstract T operator /(T x, T y);

    /// <summary>Puts the numbers one after another.</summary>
    void Store(ref float first);
}

