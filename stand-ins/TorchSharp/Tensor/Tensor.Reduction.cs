namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor all() => Aten.all.T(this);
        public Tensor all(long dim, bool keepdim = false) => Aten.all_dim.T(this, dim, keepdim);
        public Tensor amax(params long[] dims) => Aten.amax.T(this, dims);
        public Tensor amin(params long[] dims) => Aten.amin.T(this, dims);
        public (Tensor, Tensor) aminmax(long? dim = null, bool keepdim = false) => Aten.aminmax.T2(this, dim, keepdim);
        public Tensor any() => Aten.any.T(this);
        public Tensor any(long dim, bool keepdim = false) => Aten.any_dim.T(this, dim, keepdim);
        public Tensor argmax() => Aten.argmax.T(this);
        public Tensor argmax(long dim, bool keepdim = false) => Aten.argmax.T(this, dim, keepdim);
        public Tensor argmin() => Aten.argmin.T(this);
        public Tensor argmin(long dim, bool keepdim = false) => Aten.argmin.T(this, dim, keepdim);
        public Tensor argsort(long dim = -1, bool descending = false) => Aten.argsort.T(this, dim, descending);
        public Tensor bincount(Tensor? weights, long minlength = 0) => Aten.bincount.T(this, weights, minlength);
        public Tensor corrcoef() => Aten.corrcoef.T(this);
        public Tensor cov(long correction = 1, Tensor? fweights = null, Tensor? aweights = null) => Aten.cov.T(this, correction, fweights, aweights);
        public (Tensor, Tensor) cummax(long dim) => Aten.cummax.T2(this, dim);
        public (Tensor, Tensor) cummin(long dim) => Aten.cummin.T2(this, dim);
        public Tensor cumprod(long dim, ScalarType? type = null) => Aten.cumprod.T(this, dim, type);
        public Tensor cumsum(long dim, ScalarType? type = null) => Aten.cumsum.T(this, dim, type);
        public Tensor cumulative_trapezoid(double dx = 1, long dim = -1) => Aten.cumulative_trapezoid_dx.T(this, dx, dim);
        public Tensor cumulative_trapezoid(Tensor x, long dim = -1) => Aten.cumulative_trapezoid_x.T(this, x, dim);
        public Tensor dist(Tensor other, float p = 2) => Aten.dist.T(this, other, (double)p);
        public Tensor logcumsumexp(long dim) => Aten.logcumsumexp.T(this, dim);
        public Tensor max() => Aten.max.T(this);
        public Tensor max(Tensor other) => Aten.max_other.T(this, other);
        public (Tensor, Tensor) max(long dim, bool keepdim = false) => Aten.max_dim.T2(this, dim, keepdim);
        public Tensor mean() => Aten.mean.T(this);
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) => Aten.mean_dim.T(this, dimensions, keepdim, type);
        public Tensor median() => Aten.median.T(this);
        public Tensor min() => Aten.min.T(this);
        public Tensor min(Tensor other) => Aten.min_other.T(this, other);
        public (Tensor, Tensor) min(long dim, bool keepdim = false) => Aten.min_dim.T2(this, dim, keepdim);
        public (Tensor, Tensor) mode(long dim = -1, bool keepdim = false) => Aten.mode.T2(this, dim, keepdim);
        public Tensor msort() => Aten.msort.T(this);
        public Tensor nanmedian() => Aten.nanmedian.T(this);
        public Tensor nanquantile(Tensor q, long dim = -1, bool keepdim = false) => Aten.nanquantile.T(this, q, dim, keepdim);
        public Tensor nansum() => Aten.nansum.T(this);
        public Tensor norm(float p = 2) => Aten.norm_Scalar.T(this, (double)p);
        public Tensor prod(ScalarType? type = null) => Aten.prod.T(this, type);
        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => Aten.prod_dim_int.T(this, dim, keepdim, type);
        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) => Aten.quantile.T(this, q, dim, keepdim);
        public Tensor std(bool unbiased = true) => Aten.std.T(this, unbiased);
        public (Tensor, Tensor) std_mean(bool unbiased = true) => Aten.std_mean.T2(this, unbiased);
        public Tensor sum(ScalarType? type = null) => Aten.sum.T(this, type);
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Aten.sum_dim_IntList.T(this, dim, keepdim, type);
        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => Aten.sum_dim_IntList.T(this, dim.ToArray(), keepdim, type);
        public (Tensor, Tensor) topk(int k, int dim = -1, bool largest = true, bool sorted = true) => Aten.topk.T2(this, (long)k, (long)dim, largest, sorted);
        public Tensor trace() => Aten.trace.T(this);
        public Tensor trapezoid(double dx = 1, long dim = -1) => Aten.trapezoid_dx.T(this, dx, dim);
        public Tensor trapezoid(Tensor x, long dim = -1) => Aten.trapezoid_x.T(this, x, dim);
        public (Tensor, Tensor, Tensor) unique_consecutive(bool return_inverse = false, bool return_counts = false, int? dim = null) => Aten.unique_consecutive.T3(this, return_inverse, return_counts, (long?)dim);
        public Tensor var(bool unbiased = true) => Aten.var.T(this, unbiased);
        public (Tensor, Tensor) var_mean(bool unbiased = true) => Aten.var_mean.T2(this, unbiased);
    }
}

internal static partial class Aten
{
    internal static readonly Op all = new("all");
    internal static readonly Op all_dim = new("all", "dim");
    internal static readonly Op amax = new("amax");
    internal static readonly Op amin = new("amin");
    internal static readonly Op aminmax = new("aminmax");
    internal static readonly Op any = new("any");
    internal static readonly Op any_dim = new("any", "dim");
    internal static readonly Op argmax = new("argmax");
    internal static readonly Op argmin = new("argmin");
    internal static readonly Op argsort = new("argsort");
    internal static readonly Op bincount = new("bincount");
    internal static readonly Op corrcoef = new("corrcoef");
    internal static readonly Op cov = new("cov");
    internal static readonly Op cummax = new("cummax");
    internal static readonly Op cummin = new("cummin");
    internal static readonly Op cumprod = new("cumprod");
    internal static readonly Op cumsum = new("cumsum");
    internal static readonly Op cumulative_trapezoid_dx = new("cumulative_trapezoid", "dx");
    internal static readonly Op cumulative_trapezoid_x = new("cumulative_trapezoid", "x");
    internal static readonly Op dist = new("dist");
    internal static readonly Op logcumsumexp = new("logcumsumexp");
    internal static readonly Op max = new("max");
    internal static readonly Op max_other = new("max", "other");
    internal static readonly Op max_dim = new("max", "dim");
    internal static readonly Op mean = new("mean");
    internal static readonly Op mean_dim = new("mean", "dim");
    internal static readonly Op median = new("median");
    internal static readonly Op min = new("min");
    internal static readonly Op min_other = new("min", "other");
    internal static readonly Op min_dim = new("min", "dim");
    internal static readonly Op mode = new("mode");
    internal static readonly Op msort = new("msort");
    internal static readonly Op nanmedian = new("nanmedian");
    internal static readonly Op nanquantile = new("nanquantile");
    internal static readonly Op nansum = new("nansum");
    internal static readonly Op norm_Scalar = new("norm", "Scalar");
    internal static readonly Op prod = new("prod");
    internal static readonly Op prod_dim_int = new("prod", "dim_int");
    internal static readonly Op quantile = new("quantile");
    internal static readonly Op std = new("std");
    internal static readonly Op std_mean = new("std_mean");
    internal static readonly Op sum = new("sum");
    internal static readonly Op sum_dim_IntList = new("sum", "dim_IntList");
    internal static readonly Op trace = new("trace");
    internal static readonly Op trapezoid_dx = new("trapezoid", "dx");
    internal static readonly Op trapezoid_x = new("trapezoid", "x");
    internal static readonly Op unique_consecutive = new("unique_consecutive");
    internal static readonly Op var = new("var");
    internal static readonly Op var_mean = new("var_mean");
}
