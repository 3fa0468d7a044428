namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor logsumexp(long dim, bool keepdim = false) => Aten.logsumexp.T(this, new[] { dim }, keepdim);
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);
        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1], keepdim, type);
        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1, dim2], keepdim, type);

        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) => Out(Aten.amax.T(this, dims, keepdim), @out);
        public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) => amax(dims.ToArray(), keepdim, @out);
        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) => Out(Aten.amin.T(this, dims, keepdim), @out);
        public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) => amin(dims.ToArray(), keepdim, @out);

        public Tensor count_nonzero(long[]? dims = null) => dims is null ? Aten.count_nonzero.T(this) : Aten.count_nonzero_dim_IntList.T(this, dims);
        public Tensor norm(int dim, bool keepdim = false, float p = 2) => Aten.norm_ScalarOpt_dim.T(this, (double)p, new long[] { dim }, keepdim);
        public Tensor nanmean(int? dim = null, bool keepdim = false, ScalarType? dtype = null) => Aten.nanmean.T(this, dim is { } d ? new long[] { d } : Arg.None, keepdim, dtype);
        public bool allclose(Tensor target, double rtol = 1E-05, double atol = 1E-08, bool equal_nan = false) => Aten.allclose.B(this, target, rtol, atol, equal_nan);
        public Tensor equal(Tensor target) => eq(target);

        public (Tensor, Tensor) sort(long dim = -1, bool descending = false, bool stable = false) => Aten.sort_stable.T2(this, stable, dim, descending);
        public (Tensor, Tensor) kthvalue(long k, long? dim, bool keepdim = false) => Aten.kthvalue.T2(this, k, dim ?? -1, keepdim);

        /// <summary>Distinct values; the inverse and the counts are null unless asked for.</summary>
        public (Tensor, Tensor, Tensor) unique(bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            (Tensor values, Tensor inverse, Tensor counts) = dim is { } d
                ? Aten.unique_dim.T3(this, (long)d, sorted, return_inverse, return_counts)
                : Aten._unique2.T3(this, sorted, return_inverse, return_counts);
            return (values, Wanted(inverse, return_inverse), Wanted(counts, return_counts));
        }

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Typed(Aten.std_dim.T(this, dimensions, unbiased, keepdim), type);
        public Tensor std(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std(dimensions.ToArray(), unbiased, keepdim, type);
        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std([dim], unbiased, keepdim, type);
        public Tensor std((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std([dim.Item1, dim.Item2], unbiased, keepdim, type);
        public Tensor std((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);
        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Typed(Aten.var_dim.T(this, dimensions, unbiased, keepdim), type);
        public Tensor var(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var(dimensions.ToArray(), unbiased, keepdim, type);
        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var([dim], unbiased, keepdim, type);
        public Tensor var((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var([dim.Item1, dim.Item2], unbiased, keepdim, type);
        public Tensor var((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);
        public (Tensor, Tensor) std_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Aten.std_mean_dim.T2(this, dimensions, unbiased, keepdim);
        public (Tensor, Tensor) std_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std_mean([dim], unbiased, keepdim, type);
        public (Tensor, Tensor) var_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Aten.var_mean_dim.T2(this, dimensions, unbiased, keepdim);
        public (Tensor, Tensor) var_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var_mean([dim], unbiased, keepdim, type);

        private static Tensor Typed(Tensor result, ScalarType? type) => type is { } t && t != result.dtype ? result.to(t, disposeAfter: true) : result;

        private static Tensor Out(Tensor result, Tensor? @out)
        {
            if (@out is null) return result;
            using (result) return @out.copy_(result);
        }

        private static Tensor Wanted(Tensor tensor, bool wanted)
        {
            if (wanted) return tensor;
            tensor?.Dispose();
            return null!;
        }
    }
}

internal static partial class Aten
{
    internal static readonly Op logsumexp = new("logsumexp");
    internal static readonly Op count_nonzero = new("count_nonzero");
    internal static readonly Op count_nonzero_dim_IntList = new("count_nonzero", "dim_IntList");
    internal static readonly Op norm_ScalarOpt_dim = new("norm", "ScalarOpt_dim");
    internal static readonly Op nanmean = new("nanmean");
    internal static readonly Op allclose = new("allclose");
    internal static readonly Op sort_stable = new("sort", "stable");
    internal static readonly Op kthvalue = new("kthvalue");
    internal static readonly Op topk = new("topk");
    internal static readonly Op unique_dim = new("unique_dim");
    internal static readonly Op _unique2 = new("_unique2");
    internal static readonly Op std_dim = new("std", "dim");
    internal static readonly Op var_dim = new("var", "dim");
    internal static readonly Op std_mean_dim = new("std_mean", "dim");
    internal static readonly Op var_mean_dim = new("var_mean", "dim");
    internal static readonly Op _local_scalar_dense = new("_local_scalar_dense");
}
