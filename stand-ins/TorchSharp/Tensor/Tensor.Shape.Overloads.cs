namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor expand(params long[] sizes) => Aten.expand.T(this, sizes);
        public Tensor expand(long[] sizes, bool isImplicit = false) => Aten.expand.T(this, sizes, isImplicit);
        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => Aten.expand.T(this, sizes.ToArray(), isImplicit);
        public Tensor expand(Size sizes, bool isImplicit = false) => Aten.expand.T(this, sizes.Shape, isImplicit);
        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());
        public Tensor squeeze(long? dim = null) => dim is { } d ? Aten.squeeze_dim.T(this, d) : Aten.squeeze.T(this);
        public Tensor squeeze_(long? dim = null) => dim is { } d ? Aten.squeeze__dim.In(this, d) : Aten.squeeze_.In(this);
        public Tensor unflatten(long dim, Size sizes) => unflatten(dim, sizes.Shape);

        public Tensor T => Aten.numpy_T.T(this);
        public Tensor mT => transpose(-2, -1);
        public Tensor H => Aten.matrix_H.T(this);
        public Tensor mH => adjoint();
        public Tensor real => Aten.real.T(this);
        public Tensor imag => Aten.imag.T(this);

        public Tensor[] hsplit(long size) => Aten.hsplit_int.Ts(this, size);
        public Tensor[] hsplit(params long[] sizes) => Aten.hsplit_array.Ts(this, sizes);
        public Tensor[] vsplit(long size) => Aten.vsplit_int.Ts(this, size);
        public Tensor[] vsplit(params long[] sizes) => Aten.vsplit_array.Ts(this, sizes);
        public Tensor[] dsplit(long size) => Aten.dsplit_int.Ts(this, size);
        public Tensor[] dsplit(params long[] sizes) => Aten.dsplit_array.Ts(this, sizes);
        public Tensor[] chunk(long chunks, long dim = 0) => Aten.chunk.Ts(this, chunks, dim);
        public Tensor[] unbind(long dimension = 0) => Aten.unbind_int.Ts(this, dimension);
        public Tensor[] split(long size, int dim = 0) => Aten.split_Tensor.Ts(this, size, (long)dim);
        public Tensor[] split(long[] sizes, long dim = 0) => Aten.split_with_sizes.Ts(this, sizes, dim);
        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => split(sizes.ToArray(), dim);
        public Tensor[] split(params long[] sizes) => split(sizes, 0);
        public Tensor[] tensor_split(long size, long dim = 0) => Aten.tensor_split_sections.Ts(this, size, dim);
        public Tensor[] tensor_split(long[] sizes, long dim = 0) => Aten.tensor_split_indices.Ts(this, sizes, dim);
        public Tensor[] tensor_split(Tensor indices, long dim = 0) => Aten.tensor_split_tensor_indices_or_sections.Ts(this, indices, dim);

        public Tensor roll(long shifts, long? dims = null) => roll(new[] { shifts }, dims is { } d ? new[] { d } : []);
        public Tensor roll((long, long) shifts, (long, long) dims) => roll(new[] { shifts.Item1, shifts.Item2 }, new[] { dims.Item1, dims.Item2 });
        public Tensor roll((long, long, long) shifts, (long, long, long) dims) => roll(new[] { shifts.Item1, shifts.Item2, shifts.Item3 }, new[] { dims.Item1, dims.Item2, dims.Item3 });
        public Tensor rot90(long k = 1, (long, long)? dims = null) => Aten.rot90.T(this, k, dims ?? (0, 1));
        public Tensor take_along_dim(IEnumerable<long> indices) => take_along_dim(torch.tensor(indices.ToArray(), device: device));
        public Tensor take_along_dim(IEnumerable<long> indices, long dim) => take_along_dim(torch.tensor(indices.ToArray(), device: device), dim);
        public IList<Tensor> nonzero_as_list() => nonzero().unbind(1);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Aten.div_Tensor.T(this, target) : Aten.div_Tensor_mode.T(this, target, rounding_mode.ToString());
        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Aten.div_Scalar.T(this, target) : Aten.div_Scalar_mode.T(this, target, rounding_mode.ToString());
        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Aten.div__Tensor.In(this, target) : Aten.div__Tensor_mode.In(this, target, rounding_mode.ToString());
        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Aten.div__Scalar.In(this, target) : Aten.div__Scalar_mode.In(this, target, rounding_mode.ToString());
        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);
        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);
        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);
        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        public Tensor tensordot(Tensor b, long dims = 2)
        {
            long[] mine = new long[dims], theirs = new long[dims];
            for (long d = 0; d < dims; d++) (mine[d], theirs[d]) = (ndim - dims + d, d);
            return tensordot(b, mine, theirs);
        }

        public Tensor tensordot(Tensor b, (long, long)[] dims) => tensordot(b, Array.ConvertAll(dims, d => d.Item1), Array.ConvertAll(dims, d => d.Item2));
        public Tensor arctan(Tensor other) => arctan2(other);
        public Tensor arctan_(Tensor other) => arctan2_(other);
        public Tensor polygamma(long p) => Aten.polygamma.T(p, this);
        public Tensor histc(long bins = 100, long min = 0, long max = 0) => Aten.histc.T(this, bins, (Scalar)min, (Scalar)max);
        public Tensor random_(double from, double to, Generator? generator = null) => Aten.random__from.In(this, (long)from, (long)to, generator);
        public Tensor pinverse(double rcond = 1E-15, bool hermitian = false) => Aten.pinverse.T(this, rcond);
    }
}

internal static partial class Aten
{
    internal static readonly Op expand = new("expand");
    internal static readonly Op alias = new("alias");
    internal static readonly Op slice_Tensor = new("slice", "Tensor");
    internal static readonly Op slice_scatter = new("slice_scatter");
    internal static readonly Op squeeze = new("squeeze");
    internal static readonly Op squeeze_dim = new("squeeze", "dim");
    internal static readonly Op squeeze_ = new("squeeze_");
    internal static readonly Op squeeze__dim = new("squeeze_", "dim");
    internal static readonly Op numpy_T = new("numpy_T");
    internal static readonly Op matrix_H = new("matrix_H");
    internal static readonly Op real = new("real");
    internal static readonly Op imag = new("imag");
    internal static readonly Op hsplit_int = new("hsplit", "int");
    internal static readonly Op hsplit_array = new("hsplit", "array");
    internal static readonly Op vsplit_int = new("vsplit", "int");
    internal static readonly Op vsplit_array = new("vsplit", "array");
    internal static readonly Op dsplit_int = new("dsplit", "int");
    internal static readonly Op dsplit_array = new("dsplit", "array");
    internal static readonly Op chunk = new("chunk");
    internal static readonly Op unbind_int = new("unbind", "int");
    internal static readonly Op split_Tensor = new("split", "Tensor");
    internal static readonly Op split_with_sizes = new("split_with_sizes");
    internal static readonly Op tensor_split_sections = new("tensor_split", "sections");
    internal static readonly Op tensor_split_indices = new("tensor_split", "indices");
    internal static readonly Op tensor_split_tensor_indices_or_sections = new("tensor_split", "tensor_indices_or_sections");
    internal static readonly Op rot90 = new("rot90");
    internal static readonly Op div_Tensor = new("div", "Tensor");
    internal static readonly Op div_Scalar = new("div", "Scalar");
    internal static readonly Op div_Tensor_mode = new("div", "Tensor_mode");
    internal static readonly Op div_Scalar_mode = new("div", "Scalar_mode");
    internal static readonly Op div__Tensor = new("div_", "Tensor");
    internal static readonly Op div__Scalar = new("div_", "Scalar");
    internal static readonly Op div__Tensor_mode = new("div_", "Tensor_mode");
    internal static readonly Op div__Scalar_mode = new("div_", "Scalar_mode");
    internal static readonly Op polygamma = new("polygamma");
    internal static readonly Op histc = new("histc");
    internal static readonly Op random__from = new("random_", "from");
    internal static readonly Op pinverse = new("pinverse");
    internal static readonly Op index_Tensor = new("index", "Tensor");
    internal static readonly Op index_put_ = new("index_put_");
}
