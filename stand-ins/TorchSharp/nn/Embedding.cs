using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Rows of a table by integer index.</summary>
    public sealed class Embedding : nn.Module<Tensor, Tensor>
    {
        [ComponentName(nameof(weight))] private Parameter _weight;
        private static readonly Op s_embedding = new("embedding");
        private readonly long _paddingIndex;
        private readonly bool _scaleByFrequency;
        private readonly bool _sparse;

        internal Embedding(Parameter weight, long? paddingIndex, bool scaleByFrequency, bool sparse) : base(nameof(Embedding))
        {
            long rows = weight.shape[0];
            _paddingIndex = paddingIndex is { } index ? (index < 0 ? index + rows : index) : -1;
            if (_paddingIndex >= rows || paddingIndex < -rows)
                throw new ArgumentOutOfRangeException(nameof(paddingIndex), paddingIndex, $"padding_idx must be within the {rows} embeddings");
            _weight = weight;
            _scaleByFrequency = scaleByFrequency;
            _sparse = sparse;
            RegisterComponents();
        }

        public Parameter weight
        {
            get => _weight;
            set => ConditionallyRegisterParameter(nameof(weight), _weight = value ?? throw new ArgumentNullException(nameof(weight)));
        }

        public override Tensor forward(Tensor input) => s_embedding.T(_weight, input, _paddingIndex, _scaleByFrequency, _sparse);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>A table with new rows, standard normal; the row of padding_idx is zero and gets no gradient.</summary>
            public static Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null,
                double norm_type = 2, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                NoMaxNorm(max_norm);
                var weight = new Parameter(empty([num_embeddings, embedding_dims], dtype: dtype, device: device));
                init.normal_(weight);
                var embedding = new Embedding(weight, padding_idx, scale_grad_by_freq, sparse);
                if (padding_idx is { } index)
                {
                    using (no_grad())
                    {
                        using Tensor row = weight.select(0, index);
                        row.zero_();
                    }
                }
                return embedding;
            }

            /// <summary>A table over given rows [num, dims]; frozen ones get no gradient.</summary>
            public static Embedding Embedding_from_pretrained(Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null,
                double norm_type = 2, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                NoMaxNorm(max_norm);
                Tensor own = embeddings.to(dtype ?? embeddings.dtype, device ?? embeddings.device, copy: true);
                return new(new Parameter(own, !freeze), padding_idx, scale_grad_by_freq, sparse);
            }

            private static void NoMaxNorm(double? maxNorm)
            {
                if (maxNorm is not null) throw new NotSupportedException($"max_norm {maxNorm} is not supported by this stand-in; leave it null.");
            }
        }
    }
}
