using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace SemanticSam.Foundation;

/// <summary>What a path leads to, links followed.</summary>
internal enum FileKind
{
    /// <summary>Nothing, or nothing that could be asked.</summary>
    Unknown,

    /// <summary>A file with a content.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A named pipe, a socket, a character or a block device.</summary>
    Special,
}

/// <summary>Asks the system what a path leads to and which file that is; .NET tells neither of pipes and devices, nor of identities.</summary>
internal static partial class FileKinds
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint BasicStats = 0x7FF; // STATX_BASIC_STATS
    private const int TypeMask = 0xF000, RegularType = 0x8000, FolderType = 0x4000;

    /// <summary>What is there; on systems that cannot be asked, what .NET says.</summary>
    public static FileKind Of(string path)
    {
        int mode = Stat(path).Mode;
        if (mode == 0) return Directory.Exists(path) ? FileKind.Folder : File.Exists(path) && !LeadsNowhere(path) ? FileKind.Regular : FileKind.Unknown;
        return (mode & TypeMask) switch { RegularType => FileKind.Regular, FolderType => FileKind.Folder, _ => FileKind.Special };
    }

    /// <summary>Whether it is a link to nothing, which is a file that exists, as .NET has it.</summary>
    private static bool LeadsNowhere(string path)
    {
        try
        {
            return new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is { Exists: false };
        }
        catch (IOException)
        {
            return true; // links that lead to each other
        }
    }

    /// <summary>Tells a file or folder from every other, whatever its names; null where there is none, or the system cannot be asked.</summary>
    public static (ulong Device, ulong File)? Identity(string path)
    {
        var (mode, device, file) = Stat(path);
        return mode == 0 ? null : (device, file);
    }

    private static (int Mode, ulong Device, ulong File) Stat(string path)
    {
        if (path.Contains('\0')) return default;
        Span<byte> buffer = stackalloc byte[512];
        buffer.Clear();
        byte[] name = [.. Encoding.UTF8.GetBytes(path), 0];
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // The structure of statx is the same on all processors.
                if (StatX(CurrentFolder, name, 0, BasicStats, ref MemoryMarshal.GetReference(buffer)) != 0) return default;
                return (BinaryPrimitives.ReadUInt16LittleEndian(buffer[28..]), BinaryPrimitives.ReadUInt64LittleEndian(buffer[136..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(buffer[32..]));
            }
            if (OperatingSystem.IsMacOS())
            {
                bool arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
                if ((arm ? StatArm(name, ref MemoryMarshal.GetReference(buffer)) : StatIntel(name, ref MemoryMarshal.GetReference(buffer))) != 0)
                    return default;
                return (BinaryPrimitives.ReadUInt16LittleEndian(buffer[4..]), BinaryPrimitives.ReadUInt32LittleEndian(buffer),
                    BinaryPrimitives.ReadUInt64LittleEndian(buffer[8..]));
            }
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // An old C library.
        }
        return default;
    }

    [LibraryImport("libc", EntryPoint = "statx")]
    private static partial int StatX(int folder, byte[] path, int flags, uint mask, ref byte buffer);

    [LibraryImport("libc", EntryPoint = "stat")]
    private static partial int StatArm(byte[] path, ref byte buffer);

    [LibraryImport("libc", EntryPoint = "stat$INODE64")]
    private static partial int StatIntel(byte[] path, ref byte buffer);
}
