namespace TorchSharp;

public static partial class torch
{
    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        With(Aten.arange_start_step.T(start, stop, step, dtype ?? Ranged(start, stop, step), Arg.None, Place(device)), requires_grad);
    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => arange(start, stop, 1, dtype, device, requires_grad);
    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => arange(0, stop, 1, dtype, device, requires_grad);
    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        With(Aten.linspace.T((Scalar)start, (Scalar)end, steps, dtype ?? get_default_dtype(), Arg.None, Place(device)), requires_grad);
    public static Tensor logspace(double start, double end, long steps, double @base = 10, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        With(Aten.logspace.T((Scalar)start, (Scalar)end, steps, @base, dtype ?? get_default_dtype(), Arg.None, Place(device)), requires_grad);
    public static Tensor eye(long rows, long columns = -1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        With(Aten.eye_m.T(rows, columns < 0 ? rows : columns, dtype ?? get_default_dtype(), Arg.None, Place(device)), requires_grad);
    public static Tensor tril_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device? device = null) =>
        Aten.tril_indices.T(row, col, offset, dtype, Arg.None, Place(device));
    public static Tensor triu_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device? device = null) =>
        Aten.triu_indices.T(row, col, offset, dtype, Arg.None, Place(device));
    public static Tensor empty_strided(long[] size, long[] strides, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        With(Aten.empty_strided.T(size, strides, dtype ?? get_default_dtype(), Arg.None, Place(device)), requires_grad);

    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => input.zeros_like(dtype, device, requires_grad);
    public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => input.ones_like(dtype, device, requires_grad);
    public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => input.empty_like(dtype, device, requires_grad);
    public static Tensor full_like(Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => input.full_like(value, dtype, device, requires_grad);

    public static Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        With(generator is null
            ? Aten.randint_low.T(low, high, size, dtype ?? ScalarType.Int64, Arg.None, Place(device))
            : Aten.randint_low_generator.T(low, high, size, generator, dtype ?? ScalarType.Int64, Arg.None, Place(device)), requires_grad);
    public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(0L, high, size, dtype, device, requires_grad, generator, names);
    public static Tensor randint(long low, long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(low, high, size.Shape, dtype, device, requires_grad, generator, names);
    public static Tensor randint(long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(0L, high, size.Shape, dtype, device, requires_grad, generator, names);
    public static Tensor randint(int low, int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(low, high, Array.ConvertAll(size, s => (long)s), dtype, device, requires_grad, generator, names);
    public static Tensor randint(int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(0L, high, Array.ConvertAll(size, s => (long)s), dtype, device, requires_grad, generator, names);
    public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        With(generator is null
            ? Aten.randperm.T(n, dtype ?? ScalarType.Int64, Arg.None, Place(device))
            : Aten.randperm_generator.T(n, generator, dtype ?? ScalarType.Int64, Arg.None, Place(device)), requires_grad);
    public static Tensor normal(double mean, double std, ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        With(Aten.normal_float_float.T(mean, std, size.ToArray(), generator, dtype ?? get_default_dtype(), Arg.None, Place(device)), requires_grad);
    public static Tensor normal(Tensor mean, Tensor std, Generator? generator = null) => Aten.normal_Tensor_Tensor.T(mean, std, generator);
    public static int randint_int(int high, Generator? generator = null) => randint_int(0, high, generator);
    public static int randint_int(int low, int high, Generator? generator = null) => (int)randint_long(low, high, generator);
    public static long randint_long(long high, Generator? generator = null) => randint_long(0, high, generator);

    public static long randint_long(long low, long high, Generator? generator = null)
    {
        using Tensor t = randint(low, high, new long[] { 1 }, generator: generator);
        return t.ToInt64();
    }

    public static double rand_float(Generator? generator = null)
    {
        using Tensor t = rand(new long[] { 1 }, generator: generator);
        return t.ToDouble();
    }

    public static double randn_float(Generator? generator = null)
    {
        using Tensor t = randn(new long[] { 1 }, generator: generator);
        return t.ToDouble();
    }

    private static ScalarType Ranged(Scalar start, Scalar stop, Scalar step) =>
        is_integral(start.Type) && is_integral(stop.Type) && is_integral(step.Type) ? ScalarType.Int64 : get_default_dtype();

    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device? device = null) => data.to(dtype ?? data.dtype, device ?? data.device);
    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device? device = null) => FromArray(data, null, dtype, device, false);
    public static Tensor as_tensor(IList<byte> rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray.ToArray(), null, dtype, device, false);
    public static Tensor as_tensor(byte[] rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray, null, dtype, device, false);
    public static Tensor as_tensor(IList<sbyte> rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray.ToArray(), null, dtype, device, false);
    public static Tensor as_tensor(sbyte[] rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray, null, dtype, device, false);
    public static Tensor as_tensor(IList<short> rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray.ToArray(), null, dtype, device, false);
    public static Tensor as_tensor(short[] rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray, null, dtype, device, false);
    public static Tensor as_tensor(IList<int> rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray.ToArray(), null, dtype, device, false);
    public static Tensor as_tensor(int[] rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray, null, dtype, device, false);
    public static Tensor as_tensor(IList<long> rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray.ToArray(), null, dtype, device, false);
    public static Tensor as_tensor(long[] rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray, null, dtype, device, false);
    public static Tensor as_tensor(IList<float> rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray.ToArray(), null, dtype, device, false);
    public static Tensor as_tensor(float[] rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray, null, dtype, device, false);
    public static Tensor as_tensor(IList<double> rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray.ToArray(), null, dtype, device, false);
    public static Tensor as_tensor(double[] rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray, null, dtype, device, false);
    public static Tensor as_tensor(IList<bool> rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray.ToArray(), null, dtype, device, false);
    public static Tensor as_tensor(bool[] rawArray, ScalarType? dtype = null, Device? device = null) => FromArray(rawArray, null, dtype, device, false);
}

internal static partial class Aten
{
    internal static readonly Op arange_start_step = new("arange", "start_step");
    internal static readonly Op linspace = new("linspace");
    internal static readonly Op logspace = new("logspace");
    internal static readonly Op eye_m = new("eye", "m");
    internal static readonly Op tril_indices = new("tril_indices");
    internal static readonly Op triu_indices = new("triu_indices");
    internal static readonly Op empty_strided = new("empty_strided");
    internal static readonly Op randint_low = new("randint", "low");
    internal static readonly Op randint_low_generator = new("randint", "low_generator");
    internal static readonly Op randperm = new("randperm");
    internal static readonly Op randperm_generator = new("randperm", "generator");
    internal static readonly Op normal_float_float = new("normal", "float_float");
    internal static readonly Op normal_Tensor_Tensor = new("normal", "Tensor_Tensor");
}
