namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor argwhere() => Aten.argwhere.T(this);
        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) => Aten.bucketize_Tensor.T(this, boundaries, outInt32, right);
        public Tensor gather(long dim, Tensor index) => Aten.gather.T(this, dim, index);
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => Aten.index_add.T(this, dim, index, source, alpha);
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => Aten.index_add_.In(this, dim, index, source, alpha);
        public Tensor index_copy(long dim, Tensor index, Tensor source) => Aten.index_copy.T(this, dim, index, source);
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Aten.index_copy_.In(this, dim, index, source);
        public Tensor index_fill(long dim, Tensor index, Scalar value) => Aten.index_fill_int_Scalar.T(this, dim, index, value);
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Aten.index_fill__int_Scalar.In(this, dim, index, value);
        public Tensor index_select(long dim, Tensor index) => Aten.index_select.T(this, dim, index);
        public Tensor masked_fill(Tensor mask, Scalar value) => Aten.masked_fill_Scalar.T(this, mask, value);
        public Tensor masked_fill_(Tensor mask, Scalar value) => Aten.masked_fill__Scalar.In(this, mask, value);
        public Tensor masked_scatter(Tensor mask, Tensor value) => Aten.masked_scatter.T(this, mask, value);
        public Tensor masked_scatter_(Tensor mask, Tensor value) => Aten.masked_scatter_.In(this, mask, value);
        public Tensor masked_select(Tensor mask) => Aten.masked_select.T(this, mask);
        public Tensor nonzero() => Aten.nonzero.T(this);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Aten.scatter_src.T(this, dim, index, src);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Aten.scatter__src.In(this, dim, index, src);
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Aten.scatter_add.T(this, dim, index, src);
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Aten.scatter_add_.In(this, dim, index, src);
        public Tensor take(Tensor index) => Aten.take.T(this, index);
        public Tensor take_along_dim(Tensor indices) => Aten.take_along_dim.T(this, indices);
        public Tensor take_along_dim(Tensor indices, long dim) => Aten.take_along_dim.T(this, indices, dim);
    }
}

internal static partial class Aten
{
    internal static readonly Op argwhere = new("argwhere");
    internal static readonly Op bucketize_Tensor = new("bucketize", "Tensor");
    internal static readonly Op gather = new("gather");
    internal static readonly Op index_add = new("index_add");
    internal static readonly Op index_add_ = new("index_add_");
    internal static readonly Op index_copy = new("index_copy");
    internal static readonly Op index_copy_ = new("index_copy_");
    internal static readonly Op index_fill_int_Scalar = new("index_fill", "int_Scalar");
    internal static readonly Op index_fill__int_Scalar = new("index_fill_", "int_Scalar");
    internal static readonly Op index_select = new("index_select");
    internal static readonly Op masked_fill_Scalar = new("masked_fill", "Scalar");
    internal static readonly Op masked_fill__Scalar = new("masked_fill_", "Scalar");
    internal static readonly Op masked_scatter = new("masked_scatter");
    internal static readonly Op masked_scatter_ = new("masked_scatter_");
    internal static readonly Op masked_select = new("masked_select");
    internal static readonly Op nonzero = new("nonzero");
    internal static readonly Op scatter_src = new("scatter", "src");
    internal static readonly Op scatter__src = new("scatter_", "src");
    internal static readonly Op scatter_add = new("scatter_add");
    internal static readonly Op scatter_add_ = new("scatter_add_");
    internal static readonly Op take = new("take");
    internal static readonly Op take_along_dim = new("take_along_dim");
}
