namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Aten.addbmm.T(this, batch1, batch2, (double)beta, (double)alpha);
        public Tensor addbmm_(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Aten.addbmm_.In(this, batch1, batch2, (double)beta, (double)alpha);
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Aten.addmm.T(this, mat1, mat2, (double)beta, (double)alpha);
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Aten.addmm_.In(this, mat1, mat2, (double)beta, (double)alpha);
        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) => Aten.addmv.T(this, mat, vec, (double)beta, (double)alpha);
        public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) => Aten.addmv_.In(this, mat, vec, (double)beta, (double)alpha);
        public Tensor addr(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) => Aten.addr.T(this, vec1, vec2, (double)beta, (double)alpha);
        public Tensor addr_(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) => Aten.addr_.In(this, vec1, vec2, (double)beta, (double)alpha);
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Aten.baddbmm.T(this, batch1, batch2, (double)beta, (double)alpha);
        public Tensor bmm(Tensor batch2) => Aten.bmm.T(this, batch2);
        public Tensor cholesky(bool upper = false) => Aten.cholesky.T(this, upper);
        public Tensor cholesky_inverse(bool upper = false) => Aten.cholesky_inverse.T(this, upper);
        public Tensor cholesky_solve(Tensor input2, bool upper = false) => Aten.cholesky_solve.T(this, input2, upper);
        public Tensor det() => Aten.det.T(this);
        public Tensor dot(Tensor target) => Aten.dot.T(this, target);
        public (Tensor, Tensor) geqrf() => Aten.geqrf.T2(this);
        public Tensor ger(Tensor vec2) => Aten.ger.T(this, vec2);
        public Tensor inner(Tensor vec2) => Aten.inner.T(this, vec2);
        public Tensor inverse() => Aten.inverse.T(this);
        public Tensor kron(Tensor other) => Aten.kron.T(this, other);
        public Tensor logdet() => Aten.logdet.T(this);
        public Tensor matmul(Tensor target) => Aten.matmul.T(this, target);
        public Tensor matrix_exp() => Aten.matrix_exp.T(this);
        public Tensor matrix_power(int n) => Aten.matrix_power.T(this, (long)n);
        public Tensor mm(Tensor target) => Aten.mm.T(this, target);
        public Tensor mv(Tensor target) => Aten.mv.T(this, target);
        public Tensor ormqr(Tensor tau, Tensor other, bool left = true, bool transpose = false) => Aten.ormqr.T(this, tau, other, left, transpose);
        public Tensor outer(Tensor vec2) => Aten.outer.T(this, vec2);
        public Tensor renorm(float p, long dim, float maxnorm) => Aten.renorm.T(this, (double)p, dim, (double)maxnorm);
        public Tensor tensordot(Tensor b, long[] dims1, long[] dims2) => Aten.tensordot.T(this, b, dims1, dims2);
        public Tensor vdot(Tensor target) => Aten.vdot.T(this, target);
    }
}

internal static partial class Aten
{
    internal static readonly Op addbmm = new("addbmm");
    internal static readonly Op addbmm_ = new("addbmm_");
    internal static readonly Op addmm = new("addmm");
    internal static readonly Op addmm_ = new("addmm_");
    internal static readonly Op addmv = new("addmv");
    internal static readonly Op addmv_ = new("addmv_");
    internal static readonly Op addr = new("addr");
    internal static readonly Op addr_ = new("addr_");
    internal static readonly Op baddbmm = new("baddbmm");
    internal static readonly Op bmm = new("bmm");
    internal static readonly Op cholesky = new("cholesky");
    internal static readonly Op cholesky_inverse = new("cholesky_inverse");
    internal static readonly Op cholesky_solve = new("cholesky_solve");
    internal static readonly Op det = new("det");
    internal static readonly Op dot = new("dot");
    internal static readonly Op geqrf = new("geqrf");
    internal static readonly Op ger = new("ger");
    internal static readonly Op inner = new("inner");
    internal static readonly Op inverse = new("inverse");
    internal static readonly Op kron = new("kron");
    internal static readonly Op logdet = new("logdet");
    internal static readonly Op matmul = new("matmul");
    internal static readonly Op matrix_exp = new("matrix_exp");
    internal static readonly Op matrix_power = new("matrix_power");
    internal static readonly Op mm = new("mm");
    internal static readonly Op mv = new("mv");
    internal static readonly Op ormqr = new("ormqr");
    internal static readonly Op outer = new("outer");
    internal static readonly Op renorm = new("renorm");
    internal static readonly Op tensordot = new("tensordot");
    internal static readonly Op vdot = new("vdot");
}
