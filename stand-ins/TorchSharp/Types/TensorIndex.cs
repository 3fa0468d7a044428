namespace TorchSharp;

public static partial class torch
{
    /// <summary>One position of an index expression: a number, a slice, a tensor, None (a new axis), an ellipsis or a bool.</summary>
    public struct TensorIndex
    {
        internal enum Sort { None, Single, Slice, Ellipsis, Bool, Tensor }

        internal Sort Kind;
        internal long? Start;
        internal long? Stop;
        internal long? Step;
        internal Tensor? Value;

        public static readonly TensorIndex Ellipsis = new() { Kind = Sort.Ellipsis };
        public static readonly TensorIndex None = new() { Kind = Sort.None };
        public static readonly TensorIndex Null = new() { Kind = Sort.None };
        public static readonly TensorIndex Colon = new() { Kind = Sort.Slice };

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { Kind = Sort.Slice, Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice((int?, int?) range) => Slice(range.Item1, range.Item2);

        public static TensorIndex Slice(Range range) => Slice(First(range.Start), Last(range.End));

        public static TensorIndex Bool(bool value) => new() { Kind = Sort.Bool, Start = value ? 1 : 0 };

        public static TensorIndex Single(long? index) => new() { Kind = index.HasValue ? Sort.Single : Sort.None, Start = index };

        public static TensorIndex Tensor(Tensor tensor) => new() { Kind = Sort.Tensor, Value = tensor };

        public static implicit operator TensorIndex(long value) => Single(value);
        public static implicit operator Tensor(TensorIndex value) => value.Value ?? throw new InvalidCastException("This index holds no tensor.");
        public static implicit operator TensorIndex((int?, int?) range) => Slice(range);
        public static implicit operator TensorIndex(Range range) => Slice(range);
        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);

        private static long? First(Index i) => i.IsFromEnd ? -i.Value : i.Value;

        // ^0 is the end itself: no bound.
        private static long? Last(Index i) => !i.IsFromEnd ? i.Value : i.Value == 0 ? null : -i.Value;
    }
}
