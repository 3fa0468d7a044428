namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// A tensor of libtorch. Owns one reference to it; disposed by hand, by its dispose scope, or by its finalizer.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private static long s_total;
        private static long s_peak;
        private nint _handle;

        internal Tensor(nint handle)
        {
            _handle = handle;
            long total = Interlocked.Increment(ref s_total);
            if (total > s_peak) s_peak = total; // a race loses at most a count: the figure is for people
            DisposeScopeManager.Register(this);
        }

        ~Tensor() => Dispose(false);

        internal DisposeScope? OwningDisposeScope { get; set; }

        /// <summary>The position in the owning scope's list.</summary>
        internal int ScopeSlot;

        /// <summary>Wraps a handle whose reference passes to the new tensor; null for an undefined one.</summary>
        internal static Tensor Take(nint handle) => handle != 0 ? new Tensor(handle) : null!;

        /// <summary>Wraps a native handle (a TensorImpl whose reference is handed over).</summary>
        public static Tensor UnsafeCreateTensor(IntPtr handle) => new(handle);

        /// <summary>How many tensors are alive in the process.</summary>
        public static long TotalCount => Interlocked.Read(ref s_total);

        /// <summary>The largest number of tensors that were alive at once.</summary>
        public static long PeakCount => s_peak;

        public string? name { get; set; }

        public bool IsInvalid => _handle == 0;

        public IntPtr Handle => _handle != 0 ? _handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        /// <summary>Gives up the handle: the caller owns the reference, this object is empty.</summary>
        public IntPtr DecoupleFromNativeHandle()
        {
            nint handle = Interlocked.Exchange(ref _handle, 0);
            if (handle == 0) throw new InvalidOperationException("Tensor invalid -- empty handle.");
            Interlocked.Decrement(ref s_total);
            CountAsDisposed();
            GC.SuppressFinalize(this);
            return handle;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (!Release()) return;
            if (disposing) CountAsDisposed();
        }

        /// <summary>Called by the owning scope, which has forgotten this tensor already; false when it was disposed before.</summary>
        internal bool DisposeForScope()
        {
            GC.SuppressFinalize(this);
            return Release();
        }

        private bool Release()
        {
            nint handle = Interlocked.Exchange(ref _handle, 0);
            if (handle == 0) return false;
            Interlocked.Decrement(ref s_total);
            Native.semsam_tensor_release(handle);
            return true;
        }

        private void CountAsDisposed()
        {
            if (OwningDisposeScope is { } scope) scope.MarkAsDisposed(this);
            else DisposeScopeManager.Statistics.TensorStatistics.DisposedOutsideScopeCount++;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor DetatchFromDisposeScope() => DetachFromDisposeScope();

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope!);

        public Tensor MoveToOtherDisposeScope(DisposeScope other)
        {
            if (OwningDisposeScope is { } scope) scope.MoveToOther(other, this);
            else other?.Attach(this);
            return this;
        }
    }
}
