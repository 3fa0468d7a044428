using System.Diagnostics.CodeAnalysis;

namespace SkiaSharp;

public abstract class SKNativeObject : IDisposable
{
    private int _disposed;

    internal SKNativeObject() { }

    ~SKNativeObject() => Release();

    public virtual IntPtr Handle { get; protected set; }

    internal bool IsDisposed => _disposed != 0;

    [SuppressMessage("Usage", "CA1816", Justification = "The finalizer is suppressed once the memory is gone.")]
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives native memory back; called once at most, perhaps by the finalizer, perhaps after a constructor that threw.</summary>
    internal virtual void Free() { }

    private void Release()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) Free();
    }
}

public abstract class SKObject : SKNativeObject
{
    internal SKObject() { }
}
