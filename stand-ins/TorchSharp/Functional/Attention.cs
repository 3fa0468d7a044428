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
                if (p == 0 && IsFused(query, key, value, attn_mask) && Aten.semsam_attention.Exists) return Aten.semsam_attention.T(query, key, value, attn_mask, is_casual);
                if (Aten.scaled_dot_product_attention.Exists) return Aten.scaled_dot_product_attention.T(query, key, value, attn_mask, p, is_casual);
                return ComposedAttention(query, key, value, attn_mask, p, is_casual);
            }

            // The kernel of native/attention.cpp: CPU, float32, no gradients.
            private static bool IsFused(Tensor query, Tensor key, Tensor value, Tensor? mask) =>
                query.device_type == DeviceType.CPU && query.dtype == ScalarType.Float32 && key.dtype == ScalarType.Float32 && value.dtype == ScalarType.Float32 &&
                (mask is null || mask.dtype is ScalarType.Float32 or ScalarType.Bool) &&
                !(is_grad_enabled() && (query.requires_grad || key.requires_grad || value.requires_grad || mask is { requires_grad: true }));

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

internal static partial class Aten
{
    internal static readonly Op semsam_attention = new("semsam::attention");
    internal static readonly Op scaled_dot_product_attention = new("scaled_dot_product_attention");
}
