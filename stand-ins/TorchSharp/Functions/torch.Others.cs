namespace TorchSharp;

public static partial class torch
{
    public static Tensor[] where(Tensor condition) => Aten.where.Ts(condition);
    public static Tensor[] unbind(Tensor tensor, int dim = 0) => tensor.unbind(dim);
    public static Tensor softmax(Tensor input, int dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
    public static Tensor norm(Tensor input) => input.norm();
    public static Tensor logsumexp(Tensor input, long dim, bool keepdim = false) => input.logsumexp(dim, keepdim);
    public static Tensor gather(Tensor input, long dim, Tensor index, bool sparse_grad = false) => Aten.gather.T(input, dim, index, sparse_grad);
    public static Tensor movedim(Tensor input, long source, long destination) => input.movedim([source], [destination]);
    public static Tensor moveaxis(Tensor input, long source, long destination) => input.movedim([source], [destination]);
    public static Tensor moveaxis(Tensor input, (long, long) source, (long, long) destination) => input.movedim([source.Item1, source.Item2], [destination.Item1, destination.Item2]);
    public static Tensor multiply_(Tensor left, Tensor right) => left.mul_(right);
    public static Tensor multiply_(Tensor left, Scalar right) => left.mul_(right);
    public static Tensor negative_(Tensor input) => input.neg_();
    public static Tensor divide_(Tensor left, Scalar right) => left.div_(right);
    public static Tensor real(Tensor input) => input.real;
    public static Tensor imag(Tensor input) => input.imag;
    public static Tensor orgqr(Tensor input, Tensor tau) => Aten.orgqr.T(input, tau);
    public static (Tensor, Tensor) slogdet(Tensor A) => Aten.slogdet.T2(A);
    public static (Tensor, Tensor) std_mean(Tensor input, ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => input.std_mean(dimensions.ToArray(), unbiased, keepdim, type);
    public static (Tensor, Tensor) var_mean(Tensor input, ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => input.var_mean(dimensions.ToArray(), unbiased, keepdim, type);
    public static Tensor trapz(Tensor y, Tensor x, long dim = -1) => y.trapezoid(x, dim);
    public static Tensor trapz(Tensor y, double dx = 1, long dim = -1) => y.trapezoid(dx, dim);
    public static Tensor complex(Tensor real, Tensor imag) => Aten.complex.T(real, imag);
    public static Tensor polar(Tensor abs, Tensor angle) => Aten.polar.T(abs, angle);
    public static Tensor combinations(Tensor input, int r = 2, bool with_replacement = false) => Aten.combinations.T(input, (long)r, with_replacement);
    public static ScalarType result_type(Tensor tensor1, Tensor tensor2) => (ScalarType)Aten.result_type_Tensor.L(tensor1, tensor2);
    public static ScalarType promote_types(ScalarType type1, ScalarType type2) => (ScalarType)Aten.promote_types.L(type1, type2);
    public static bool can_cast(ScalarType from, ScalarType to) => Aten.can_cast.B(from, to);

    public static Tensor cdist(Tensor x1, Tensor x2, double p = 2, compute_mode compute_mode = compute_mode.use_mm_for_euclid_dist_if_necessary) =>
        Aten.cdist.T(x1, x2, p, (long)compute_mode);

    public static Tensor searchsorted(Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false, Tensor? sorter = null) =>
        Aten.searchsorted_Tensor.T(sorted_sequence, values, out_int32, right, Arg.None, sorter);

    public static Tensor searchsorted(Tensor sorted_sequence, Scalar values, bool out_int32, bool right, Tensor sorter) =>
        Aten.searchsorted_Scalar.T(sorted_sequence, values, out_int32, right, Arg.None, sorter);

    public static Tensor index_reduce(Tensor input, long dim, Tensor index, Tensor source, Reduce reduce, bool include_self = true) =>
        Aten.index_reduce.T(input, dim, index, source, reduce.ToString(), include_self);

    public static Size broadcast_shapes(params long[][] shapes)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] shells = Array.ConvertAll(shapes, s => empty(new long[] { 1 }).expand(s));
        return broadcast_tensors(shells)[0].shape;
    }

    public static Tensor hann_window(long len, bool periodic = true, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        With(Aten.hann_window_periodic.T(len, periodic, dtype ?? get_default_dtype(), Arg.None, Place(device)), requires_grad);

    public static long max_int_value(ScalarType type) => type switch
    {
        ScalarType.Byte => byte.MaxValue,
        ScalarType.Int8 => sbyte.MaxValue,
        ScalarType.Int16 => short.MaxValue,
        ScalarType.Int32 => int.MaxValue,
        ScalarType.Int64 => long.MaxValue,
        _ => throw new ArgumentException($"{type} is no integer type."),
    };

    public static void _assert(bool condition, string message)
    {
        if (!condition) throw new InvalidOperationException(message);
    }

    public static void _assert(Func<bool> condition, string message) => _assert(condition(), message);
}

internal static partial class Aten
{
    internal static readonly Op where = new("where");
    internal static readonly Op orgqr = new("orgqr");
    internal static readonly Op slogdet = new("slogdet");
    internal static readonly Op complex = new("complex");
    internal static readonly Op polar = new("polar");
    internal static readonly Op combinations = new("combinations");
    internal static readonly Op result_type_Tensor = new("result_type", "Tensor");
    internal static readonly Op promote_types = new("promote_types");
    internal static readonly Op can_cast = new("can_cast");
    internal static readonly Op cdist = new("cdist");
    internal static readonly Op hann_window_periodic = new("hann_window", "periodic");
    internal static readonly Op searchsorted_Tensor = new("searchsorted", "Tensor");
    internal static readonly Op searchsorted_Scalar = new("searchsorted", "Scalar");
    internal static readonly Op index_reduce = new("index_reduce");
}
