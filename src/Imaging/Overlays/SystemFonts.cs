using System.Diagnostics;
using SkiaSharp;

namespace SemanticSam.Imaging.Overlays;

/// <summary>
/// Fonts of the system for characters that the embedded ones lack. Skia asks the system on Windows, macOS, and on Linux with fontconfig;
/// Skia's Linux library without dependencies cannot, so there font files are opened, one after the other and only as far as needed.
/// </summary>
/// <param name="folders">Where font files are looked for, with the folders below.</param>
/// <param name="limit">Time that opening fonts may take altogether; what is not found by then counts as missing.</param>
internal sealed class SystemFonts(IReadOnlyList<string> folders, TimeSpan limit)
{
    private static readonly string[] Extensions = [".ttf", ".ttc", ".otf", ".otc"];

    /// <summary>Words in names of fonts that a label should not be written in while there is another.</summary>
    private static readonly string[] Unfitting = ["Serif", "Mono", "Bold", "Black", "Light", "Thin", "Italic", "Oblique", "Condensed", "Math"];

    private readonly Lock _guard = new();
    private readonly List<SKTypeface> _open = [];
    private readonly Stopwatch _spent = new();
    private Queue<string>? _files;

    /// <summary>Those of this system; opening them takes at most two seconds in the life of the process.</summary>
    public static SystemFonts Shared { get; } = new(OperatingSystem.IsLinux() ? LinuxFolders() : [], TimeSpan.FromSeconds(2));

    /// <summary>A typeface that has the character; null when none was found.</summary>
    public SKTypeface? Find(int character)
    {
        if (SKFontManager.Default.MatchCharacter(character) is { } match && match.Has(character)) return match;
        lock (_guard)
        {
            if (_open.Find(t => t.Has(character)) is { } known) return known;
            _spent.Start();
            try
            {
                _files ??= new(Files());
                while (_spent.Elapsed < limit && _files.TryDequeue(out string? file))
                {
                    if (SKTypeface.FromFile(file) is not { } typeface) continue;
                    _open.Add(typeface);
                    if (typeface.Has(character)) return typeface;
                }
                return null;
            }
            finally
            {
                _spent.Stop();
            }
        }
    }

    /// <summary>Plain fonts first, and large files before small ones, since they hold more characters.</summary>
    private IEnumerable<string> Files()
    {
        var found = new List<FileInfo>();
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = 8 };
        foreach (string folder in folders.Where(Directory.Exists))
            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", options))
            {
                if (_spent.Elapsed >= limit) break;
                if (Extensions.Contains(file.Extension, StringComparer.OrdinalIgnoreCase)) found.Add(file);
            }
        return found.OrderBy(f => Unfitting.Any(w => f.Name.Contains(w, StringComparison.OrdinalIgnoreCase)))
            .ThenByDescending(f => f.Length).ThenBy(f => f.FullName, StringComparer.Ordinal).Select(f => f.FullName);
    }

    /// <summary>The XDG folders, and the older one in the home folder.</summary>
    private static string[] LinuxFolders()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string data = Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } given ? given : Path.Combine(home, ".local/share");
        return [Path.Combine(data, "fonts"), Path.Combine(home, ".fonts"), "/usr/share/fonts", "/usr/local/share/fonts"];
    }
}
