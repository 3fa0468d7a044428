namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>softmax(q kᵀ / √d + mask) v, over the last two dimensions; a bool mask keeps where true.</summary>
            /// <param name="query">[..., L, d]</param>
            /// <param name="key">[..., S, d]</param>
            /// <param name="value">[..., S, dv]</param>
            /// <param name="attn_mask">Broadcasts to [..., L, S].</param>
            /// <param name="p">Dropout of the weights.</param>
            /// <param name="is_casual">Each position sees itself and those before it.</param>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0, bool is_casual = false)
            {
                if (is_casual && attn_mask is not null) throw new ArgumentException("Explicit attn_mask should not be set when is_casual=True");
                return ComposedAttention(query, key, value, attn_mask, p, is_casual);
            }

            private static Tensor ComposedAttention(Tensor query, Tensor key, Tensor value, Tensor? mask, double p, bool causal)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor scores = query.mul(1.0 / Math.Sqrt(query.size(-1))).matmul(key.transpose(-2, -1)); // [..., L, S]
                if (causal) mask = torch.ones(query.size(-2), key.size(-2), ScalarType.Bool, query.device).tril();
                if (mask is not null) scores = mask.dtype == ScalarType.Bool ? scores.masked_fill(mask.logical_not(), double.NegativeInfinity) : scores.add(mask);
                Tensor weights = scores.softmax(-1);
                if (p > 0) weights = dropout(weights, p);
                return weights.matmul(value).MoveToOuterDisposeScope();
            }
        }
    }
}
