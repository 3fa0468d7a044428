using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using SemanticSam.Foundation;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>A file mapped into memory for reading: nothing is read until it is touched.</summary>
internal sealed class MappedFile : ByteSource, IDisposable
{
    /// <summary>From this size on a read call is cheaper than touching mapped pages one by one (measured: half the time).</summary>
    private const int BulkBytes = 1 << 16;

    private readonly SafeFileHandle _disk;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly SafeMemoryMappedViewHandle _handle;
    private readonly long _offset; // of the first byte of the file in the view

    private MappedFile(string path, long length, SafeFileHandle disk, MemoryMappedFile file)
    {
        _disk = disk;
        Path = path;
        Length = length;
        _file = file;
        _view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _handle = _view.SafeMemoryMappedViewHandle;
        _offset = _view.PointerOffset;
    }

    public string Path { get; }

    public override long Length { get; }

    /// <summary>Maps a file; an empty one cannot be mapped and is refused.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">A folder, or an empty file.</exception>
    public static MappedFile Open(string path)
    {
        if (Directory.Exists(path)) throw new CheckpointException(path, "this is a folder, not a checkpoint file.");
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: there is no such file.", path);
        if (FileKinds.Of(path) == FileKind.Special)
            throw new CheckpointException(path, "this is a pipe, a socket or a device: a checkpoint must be a regular file.");
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        try
        {
            if (!stream.CanSeek) throw new CheckpointException(path, "not a regular file: a checkpoint must be a file that can be mapped.");
            if (stream.Length == 0) throw new CheckpointException(path, "the file is empty, as an interrupted download leaves it.");
            long length = stream.Length;
            return new MappedFile(path, length, stream.SafeFileHandle,
                MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public override unsafe ByteLease Lease(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        byte* start = null;
        _handle.AcquirePointer(ref start); // counts a reference: a concurrent Dispose waits with unmapping
        return new(new ReadOnlySpan<byte>(start + _offset + offset, length), _handle);
    }

    /// <summary>Large pieces are read straight into the destination, so that they are not resident twice.</summary>
    public override void CopyTo(long offset, Span<byte> destination)
    {
        if (destination.Length < BulkBytes)
        {
            base.CopyTo(offset, destination);
            return;
        }
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, Length - offset);
        while (destination.Length > 0)
        {
            int read = RandomAccess.Read(_disk, destination, offset);
            if (read == 0) throw new CheckpointException(Path, "the file became shorter while it was read.", offset);
            destination = destination[read..];
            offset += read;
        }
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
