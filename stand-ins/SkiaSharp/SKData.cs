using System.Runtime.InteropServices;

namespace SkiaSharp;

/// <summary>Bytes that several objects share; freed when the last lets go.</summary>
internal sealed unsafe class SharedBytes(byte* address, long size, Action release)
{
    private int _users = 1;

    public byte* Address { get; } = address;
    public long Size { get; } = size;

    public static SharedBytes Allocate(long size)
    {
        IntPtr address = (IntPtr)NativeMemory.Alloc((nuint)Math.Max(size, 1));
        return new((byte*)address, size, () => NativeMemory.Free((void*)address));
    }

    public SharedBytes Share()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0) release();
    }
}

public class SKData : SKObject
{
    internal SKData(SharedBytes bytes) => Bytes = bytes;

    internal SharedBytes Bytes { get; }

    public static SKData Empty => new(SharedBytes.Allocate(0));

    public static unsafe SKData CreateCopy(ReadOnlySpan<byte> bytes)
    {
        SharedBytes copy = SharedBytes.Allocate(bytes.Length);
        bytes.CopyTo(new Span<byte>(copy.Address, bytes.Length));
        return new(copy);
    }

    public static SKData CreateCopy(byte[] bytes) => CreateCopy(bytes.AsSpan());

    public static SKData Create(string filename)
    {
        ArgumentException.ThrowIfNullOrEmpty(filename);
        try
        {
            return CreateCopy(File.ReadAllBytes(filename));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static SKData Create(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return CreateCopy(copy.GetBuffer().AsSpan(0, (int)copy.Length));
    }

    public static unsafe SKData Create(IntPtr address, int length) => new(new SharedBytes((byte*)address, length, static () => { }));

    public bool IsEmpty => Size == 0;
    public long Size => Bytes.Size;
    public unsafe IntPtr Data => (IntPtr)Bytes.Address;
    public unsafe Span<byte> Span => new(Bytes.Address, checked((int)Size));

    public unsafe ReadOnlySpan<byte> AsSpan() => new(Bytes.Address, checked((int)Size));
    public byte[] ToArray() => AsSpan().ToArray();

    public void SaveTo(Stream target)
    {
        ArgumentNullException.ThrowIfNull(target);
        target.Write(AsSpan());
        GC.KeepAlive(this);
    }

    internal override void Free() => Bytes?.Release();
}
