using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Multi-head attention with PyTorch's parameter names. Sequences come first: query [L, N, E], key [S, N, kdim],
    /// value [S, N, vdim]; the output is [L, N, E], the weights (mean over heads) [N, L, S].</summary>
    public sealed class MultiheadAttention : nn.Module<Tensor, Tensor, Tensor, Tensor?, bool, Tensor?, Tuple<Tensor, Tensor?>>
    {
        private readonly long _heads;
        private readonly double _dropout;
        private readonly bool _addZeroAttention;
        private readonly Parameter? in_proj_weight;
        private readonly Parameter? q_proj_weight;
        private readonly Parameter? k_proj_weight;
        private readonly Parameter? v_proj_weight;
        private readonly Parameter? in_proj_bias;
        private readonly Parameter? bias_k;
        private readonly Parameter? bias_v;
        private readonly Linear out_proj;

        internal MultiheadAttention(long embedded_dim, long num_heads, double dropout, bool bias, bool add_bias_kv, bool add_zero_attn, long? kdim, long? vdim)
            : base(nameof(MultiheadAttention))
        {
            if (num_heads <= 0 || embedded_dim % num_heads != 0)
                throw new ArgumentException($"embedded_dim {embedded_dim} is not divisible by num_heads {num_heads}", nameof(num_heads));
            long e = embedded_dim;
            _heads = num_heads;
            _dropout = dropout;
            _addZeroAttention = add_zero_attn;
            out_proj = nn.Linear(e, e, bias);
            if ((kdim ?? e) == e && (vdim ?? e) == e)
            {
                in_proj_weight = Xavier(3 * e, e);
            }
            else
            {
                q_proj_weight = Xavier(e, e);
                k_proj_weight = Xavier(e, kdim ?? e);
                v_proj_weight = Xavier(e, vdim ?? e);
            }
            if (bias)
            {
                in_proj_bias = new Parameter(zeros([3 * e]));
                nn.init.zeros_(out_proj.bias!);
            }
            if (add_bias_kv)
            {
                bias_k = new Parameter(nn.init.xavier_normal_(empty([1, 1, e])));
                bias_v = new Parameter(nn.init.xavier_normal_(empty([1, 1, e])));
            }
            RegisterComponents();
        }

        private static Parameter Xavier(long rows, long columns) => new(nn.init.xavier_uniform_(empty([rows, columns])));

        public new Tuple<Tensor, Tensor?> call(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask = null, bool need_weights = true, Tensor? attn_mask = null) =>
            base.call(query, key, value, key_padding_mask, need_weights, attn_mask);

        public override Tuple<Tensor, Tensor?> forward(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask, bool need_weights, Tensor? attn_mask)
        {
            using var scope = NewDisposeScope();
            long l = query.shape[0];
            long n = query.shape[1];
            long e = query.shape[2];
            long hd = e / _heads;
            (Tensor q, Tensor k, Tensor v) = Project(query, key, value);
            if (bias_k is not null)
            {
                k = cat([k, bias_k.expand(1, n, e)], 0);
                v = cat([v, bias_v!.expand(1, n, e)], 0);
            }
            q = (q / Math.Sqrt(hd)).contiguous().view(l, n * _heads, hd).transpose(0, 1); // [N heads, L, hd]
            k = k.contiguous().view(-1, n * _heads, hd).transpose(0, 1);                  // [N heads, S, hd]
            v = v.contiguous().view(-1, n * _heads, hd).transpose(0, 1);
            if (_addZeroAttention)
            {
                Tensor none = zeros([n * _heads, 1, hd], dtype: k.dtype, device: k.device);
                k = cat([k, none], 1);
                v = cat([v, none], 1);
            }
            long s = k.shape[1];

            Tensor scores = q.bmm(k.transpose(1, 2)); // [N heads, L, S]
            if (attn_mask is not null) scores = Masked(scores, Extend(attn_mask, s));
            if (key_padding_mask is not null)
            {
                Tensor mask = Extend(key_padding_mask, s).unsqueeze(1).unsqueeze(1); // [N, 1, 1, S]
                scores = Masked(scores.view(n, _heads, l, s), mask).view(n * _heads, l, s);
            }
            Tensor weights = nn.functional.softmax(scores, -1);
            if (_dropout > 0) weights = nn.functional.dropout(weights, _dropout, training);
            Tensor mixed = weights.bmm(v).transpose(0, 1).contiguous().view(l, n, e); // [L, N, E]
            Tensor output = out_proj.call(mixed).MoveToOuterDisposeScope();
            Tensor? mean = need_weights ? weights.view(n, _heads, l, s).mean([1L]).MoveToOuterDisposeScope() : null;
            return Tuple.Create(output, mean);
        }

        private (Tensor, Tensor, Tensor) Project(Tensor query, Tensor key, Tensor value)
        {
            Tensor[] w = in_proj_weight is not null ? in_proj_weight.chunk(3, 0) : [q_proj_weight!, k_proj_weight!, v_proj_weight!];
            Tensor?[] b = in_proj_bias?.chunk(3, 0) ?? new Tensor?[3];
            return (nn.functional.linear(query, w[0], b[0]), nn.functional.linear(key, w[1], b[1]), nn.functional.linear(value, w[2], b[2]));
        }

        // The positions that bias_kv and zero attention append are never masked.
        private static Tensor Extend(Tensor mask, long s)
        {
            long missing = s - mask.shape[^1];
            return missing == 0 ? mask : cat([mask, zeros([.. mask.shape[..^1], missing], dtype: mask.dtype, device: mask.device)], -1);
        }

        private static Tensor Masked(Tensor scores, Tensor mask) =>
            mask.dtype == ScalarType.Bool ? scores.masked_fill(mask, double.NegativeInfinity) : scores + mask;
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static MultiheadAttention MultiheadAttention(long embedded_dim, long num_heads, double dropout = 0, bool bias = true,
                bool add_bias_kv = false, bool add_zero_attn = false, long? kdim = null, long? vdim = null) =>
                new(embedded_dim, num_heads, dropout, bias, add_bias_kv, add_zero_attn, kdim, vdim);
        }
    }
}
