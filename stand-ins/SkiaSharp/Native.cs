#nullable enable
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SkiaSharp;

[StructLayout(LayoutKind.Sequential)]
internal struct NativeImageInfo
{
    public int Format, Width, Height, Gray, Alpha, Bits;
}

internal enum NativeLayout { Rgba8 = 0, Gray8 = 1, Rgba16 = 2 }

/// <summary>libsemsam_imaging (native/imaging): JPEG, PNG and WebP in memory.</summary>
internal static unsafe partial class Native
{
    private const string Library = "semsam_imaging";

    [LibraryImport(Library, EntryPoint = "semsam_image_info")]
    public static partial SKCodecResult Info(byte* data, nuint size, NativeImageInfo* info);

    [LibraryImport(Library, EntryPoint = "semsam_image_decode")]
    public static partial SKCodecResult Decode(byte* data, nuint size, NativeLayout layout, byte* pixels, nuint stride);

    [LibraryImport(Library, EntryPoint = "semsam_image_encode_jpeg")]
    public static partial SKCodecResult EncodeJpeg(byte* pixels, NativeLayout layout, int width, int height, nuint stride, int quality, int subsampling,
        byte** encoded, nuint* size);

    [LibraryImport(Library, EntryPoint = "semsam_image_encode_png")]
    public static partial SKCodecResult EncodePng(byte* pixels, NativeLayout layout, int opaque, int width, int height, nuint stride, int level, int filters,
        byte** encoded, nuint* size);

    [LibraryImport(Library, EntryPoint = "semsam_image_encode_webp")]
    public static partial SKCodecResult EncodeWebp(byte* pixels, int opaque, int width, int height, nuint stride, float quality, int lossless,
        byte** encoded, nuint* size);

    [LibraryImport(Library, EntryPoint = "semsam_image_free")]
    public static partial void Free(byte* encoded);

#pragma warning disable CA2255 // The resolver must be there before the first call, whichever that is.
    [ModuleInitializer]
    internal static void FindLibraries() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Resolve);
#pragma warning restore CA2255

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return IntPtr.Zero;
        string file = $"lib{Library}.so";
        string? built = assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "NativeBuild")?.Value;
        string[] candidates = [Path.Combine(AppContext.BaseDirectory, file), Path.Combine(built ?? "", "imaging", file), Path.Combine(built ?? "", file)];
        foreach (string candidate in candidates)
            if (File.Exists(candidate) && NativeLibrary.TryLoad(candidate, out IntPtr handle)) return handle;
        throw new DllNotFoundException($"{file} was found neither beside the program nor under {built}. Build it with native/build.sh.");
    }
}
