namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[long i1]
        {
            get => At(i1);
            set => Put(At(i1), value);
        }

        public Tensor this[long i1, long i2]
        {
            get => At(i1, i2);
            set => Put(At(i1, i2), value);
        }

        public Tensor this[long i1, long i2, long i3]
        {
            get => At(i1, i2, i3);
            set => Put(At(i1, i2, i3), value);
        }

        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => At(i1, i2, i3, i4);
            set => Put(At(i1, i2, i3, i4), value);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => At(i1, i2, i3, i4, i5);
            set => Put(At(i1, i2, i3, i4, i5), value);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => At(i1, i2, i3, i4, i5, i6);
            set => Put(At(i1, i2, i3, i4, i5, i6), value);
        }

        public Tensor this[params long[] indices]
        {
            get => At(indices);
            set => Put(At(indices), value);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            Tensor view = View(indices, out Tensor?[]? picks);
            if (picks is null) return view;
            Tensor result = Aten.index_Tensor.T(view, Arg.Optional(picks));
            view.Dispose();
            return result;
        }

        public Tensor index(params Tensor[] indices) => Aten.index_Tensor.T(this, Arg.Optional(indices));

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            using Tensor view = View(indices, out Tensor?[]? picks);
            if (picks is not null)
            {
                using Tensor moved = value.device_type == device_type || value.ndim == 0 ? value.alias() : value.to(device);
                using Tensor typed = moved.to(dtype);
                Aten.index_put_.V(view, Arg.Optional(picks), typed, accumulate);
            }
            else if (accumulate)
            {
                view.add_(value);
            }
            else
            {
                CopyInto(view, value);
            }
            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false)
        {
            using Tensor typed = value.to(dtype);
            Aten.index_put_.V(this, Arg.Optional(indices), typed, accumulate);
            return this;
        }

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using Tensor v = torch.full([], value, dtype, device);
            return index_put_(v, indices);
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices)
        {
            using Tensor v = torch.full([], value, dtype, device);
            return index_put_(v, indices);
        }

        private Tensor At(params ReadOnlySpan<long> indices)
        {
            Tensor view = Aten.select_int.T(this, 0L, indices[0]);
            for (int k = 1; k < indices.Length; k++)
            {
                Tensor outer = view;
                view = Aten.select_int.T(outer, 0L, indices[k]);
                outer.Dispose();
            }
            return view;
        }

        private static void Put(Tensor view, Tensor value)
        {
            using (view) CopyInto(view, value);
        }

        // As in Python: extra leading axes of size 1 in the value are dropped.
        private static void CopyInto(Tensor view, Tensor value)
        {
            long extra = value.ndim - view.ndim;
            if (extra <= 0)
            {
                view.copy_(value);
                return;
            }
            long[] shape = value.shape;
            if (shape.AsSpan(0, (int)extra).ContainsAnyExcept(1)) view.copy_(value); // libtorch says what is wrong
            using Tensor stripped = value.reshape(shape[(int)extra..]);
            view.copy_(stripped);
        }

        // The part of an index expression that is a view; what is left for aten::index comes back in picks, one entry an axis of the view.
        private Tensor View(TensorIndex[] indices, out Tensor?[]? picks)
        {
            Tensor view = alias();
            List<Tensor?>? found = null;
            long axis = 0;
            foreach (TensorIndex i in indices)
            {
                switch (i.Kind)
                {
                    case TensorIndex.Sort.Single:
                        Replace(ref view, Aten.select_int.T(view, axis, i.Start!.Value));
                        break;
                    case TensorIndex.Sort.Slice:
                        if (i.Start is not null || i.Stop is not null || i.Step is not null)
                            Replace(ref view, Aten.slice_Tensor.T(view, axis, i.Start, i.Stop, i.Step ?? 1));
                        axis++;
                        break;
                    case TensorIndex.Sort.None:
                        Replace(ref view, Aten.unsqueeze.T(view, axis));
                        axis++;
                        break;
                    case TensorIndex.Sort.Ellipsis:
                        axis += ndim - indices.Sum(Consumed);
                        break;
                    case TensorIndex.Sort.Bool:
                        Replace(ref view, Aten.unsqueeze.T(view, axis));
                        Pick(torch.full([1], i.Start != 0, ScalarType.Bool, device), ref found, ref axis);
                        break;
                    default:
                        Pick(i.Value!, ref found, ref axis);
                        break;
                }
            }
            picks = found?.ToArray();
            return view;
        }

        private static long Consumed(TensorIndex i) => i.Kind switch
        {
            TensorIndex.Sort.Single or TensorIndex.Sort.Slice => 1,
            TensorIndex.Sort.Tensor => i.Value!.dtype is ScalarType.Bool or ScalarType.Byte ? i.Value.ndim : 1,
            _ => 0,
        };

        // aten::index takes a mask of several axes as one entry.
        private static void Pick(Tensor t, ref List<Tensor?>? found, ref long axis)
        {
            found ??= [];
            long covered = 0;
            foreach (Tensor? earlier in found)
                covered += earlier is { } e && e.dtype is ScalarType.Bool or ScalarType.Byte ? earlier!.ndim : 1;
            while (covered++ < axis) found.Add(null);
            found.Add(t);
            axis += t.dtype is ScalarType.Bool or ScalarType.Byte ? t.ndim : 1;
        }

        private static void Replace(ref Tensor view, Tensor next)
        {
            view.Dispose();
            view = next;
        }
    }
}
