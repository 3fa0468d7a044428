namespace TorchSharp;

public static partial class torch
{
    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Aten.cat.T(List(tensors), dim);
    public static Tensor cat(Tensor[] tensors, long dim = 0) => Aten.cat.T(tensors, dim);
    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => Aten.cat.T(tensors.ToArray(), dim);
    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => Aten.cat.T(List(tensors), dim);
    public static Tensor concat(Tensor[] tensors, long dim = 0) => Aten.cat.T(tensors, dim);
    public static Tensor concat(ReadOnlySpan<Tensor> tensors, long dim = 0) => Aten.cat.T(tensors.ToArray(), dim);
    public static Tensor concatenate(IList<Tensor> tensors, long axis = 0) => Aten.cat.T(List(tensors), axis);
    public static Tensor concatenate(Tensor[] tensors, long axis = 0) => Aten.cat.T(tensors, axis);
    public static Tensor concatenate(ReadOnlySpan<Tensor> tensors, long axis = 0) => Aten.cat.T(tensors.ToArray(), axis);
    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Aten.stack.T(List(tensors), dim);
    public static Tensor hstack(params Tensor[] tensors) => Aten.hstack.T(tensors);
    public static Tensor hstack(IList<Tensor> tensors) => Aten.hstack.T(List(tensors));
    public static Tensor hstack(ReadOnlySpan<Tensor> tensors) => Aten.hstack.T(tensors.ToArray());
    public static Tensor hstack(IEnumerable<Tensor> tensors) => Aten.hstack.T(List(tensors));
    public static Tensor dstack(params Tensor[] tensors) => Aten.dstack.T(tensors);
    public static Tensor dstack(IList<Tensor> tensors) => Aten.dstack.T(List(tensors));
    public static Tensor dstack(ReadOnlySpan<Tensor> tensors) => Aten.dstack.T(tensors.ToArray());
    public static Tensor dstack(IEnumerable<Tensor> tensors) => Aten.dstack.T(List(tensors));
    public static Tensor vstack(Tensor[] tensors) => Aten.vstack.T(tensors);
    public static Tensor vstack(IList<Tensor> tensors) => Aten.vstack.T(List(tensors));
    public static Tensor vstack(ReadOnlySpan<Tensor> tensors) => Aten.vstack.T(tensors.ToArray());
    public static Tensor column_stack(params Tensor[] tensors) => Aten.column_stack.T(tensors);
    public static Tensor column_stack(IList<Tensor> tensors) => Aten.column_stack.T(List(tensors));
    public static Tensor column_stack(ReadOnlySpan<Tensor> tensors) => Aten.column_stack.T(tensors.ToArray());
    public static Tensor row_stack(params Tensor[] tensors) => Aten.row_stack.T(tensors);
    public static Tensor row_stack(IList<Tensor> tensors) => Aten.row_stack.T(List(tensors));
    public static Tensor row_stack(ReadOnlySpan<Tensor> tensors) => Aten.row_stack.T(tensors.ToArray());
    public static Tensor cartesian_prod(IList<Tensor> tensors) => Aten.cartesian_prod.T(List(tensors));
    public static Tensor cartesian_prod(params Tensor[] tensors) => Aten.cartesian_prod.T(tensors);
    public static Tensor block_diag(params Tensor[] tensors) => Aten.block_diag.T(tensors);
    public static IList<Tensor> broadcast_tensors(params Tensor[] tensors) => Aten.broadcast_tensors.Ts(tensors);
    public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij") => Aten.meshgrid_indexing.Ts(List(tensors), indexing);
    public static Tensor einsum(string equation, params Tensor[] tensors) => Aten.einsum.T(equation, tensors);
    public static IEnumerable<Tensor> atleast_1d(params Tensor[] input) => Array.ConvertAll(input, t => t.atleast_1d());
    public static IEnumerable<Tensor> atleast_2d(params Tensor[] input) => Array.ConvertAll(input, t => t.atleast_2d());
    public static IEnumerable<Tensor> atleast_3d(params Tensor[] input) => Array.ConvertAll(input, t => t.atleast_3d());

    private static Tensor[] List(IEnumerable<Tensor> tensors) => tensors as Tensor[] ?? tensors.ToArray();
}

internal static partial class Aten
{
    internal static readonly Op cat = new("cat");
    internal static readonly Op stack = new("stack");
    internal static readonly Op hstack = new("hstack");
    internal static readonly Op dstack = new("dstack");
    internal static readonly Op vstack = new("vstack");
    internal static readonly Op column_stack = new("column_stack");
    internal static readonly Op row_stack = new("row_stack");
    internal static readonly Op cartesian_prod = new("cartesian_prod");
    internal static readonly Op block_diag = new("block_diag");
    internal static readonly Op broadcast_tensors = new("broadcast_tensors");
    internal static readonly Op einsum = new("einsum");
    internal static readonly Op meshgrid_indexing = new("meshgrid", "indexing");
}
