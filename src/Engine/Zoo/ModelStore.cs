using SemanticSam.Checkpoints;

namespace SemanticSam.Zoo;

/// <summary>A model file on this disk.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Known">The catalog's entry when the file has its name, else null.</param>
public sealed record FoundModel(string Path, long Size, KnownModel? Known);

/// <summary>A model was asked for that is not on this disk; the message says where to put its file.</summary>
public sealed class ModelNotFoundException : Exception
{
    internal ModelNotFoundException(string message) : base(message)
    {
    }
}

/// <summary>Finds model files in the folders where they may be.</summary>
/// <param name="folders">The folders; usually <see cref="ModelFolders.FromEnvironment"/>.</param>
public sealed class ModelStore(ModelFolders folders)
{
    private static readonly string[] Endings = [".pth", ".pt", ".safetensors", ".safetensors.index.json"];

    /// <summary>The folders that are searched.</summary>
    public ModelFolders Folders { get; } = folders;

    /// <summary>All model files in the folders, not in folders below them; unreadable folders are passed over.</summary>
    public IReadOnlyList<FoundModel> Scan()
    {
        var found = new List<FoundModel>();
        foreach (string folder in Folders.Search.Append(Path.Combine(Folders.Embedded, "nano")).Where(Directory.Exists))
        {
            foreach (var file in Files(folder)) found.Add(new(file.FullName, file.Length, ModelCatalog.Models.FirstOrDefault(m => m.FileName == file.Name)));
        }
        return [.. found.DistinctBy(f => f.Path)];
    }

    /// <summary>Where a known model's file is, or null.</summary>
    public string? Locate(KnownModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var folders = Folders.Search.AsEnumerable();
        if (model.Embedded) folders = folders.Prepend(Path.Combine(Folders.Embedded, "nano")).Concat(Folders.Search.Select(f => Path.Combine(f, "nano")));
        return folders.Select(f => Path.Combine(f, model.FileName)).FirstOrDefault(File.Exists);
    }

    /// <summary>The file of a model given by name or path.</summary>
    /// <param name="nameOrPath">A name of <see cref="ModelCatalog"/>, a path, or the name of a file in one of the folders.</param>
    /// <exception cref="ModelNotFoundException">There is no such file; the message says what to do.</exception>
    public string Resolve(string nameOrPath)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(nameOrPath);
        if (ModelCatalog.Find(nameOrPath) is { } known) return Locate(known) ?? throw new ModelNotFoundException(HowToGet(known));
        if (File.Exists(nameOrPath)) return Path.GetFullPath(nameOrPath);
        bool plain = Path.GetFileName(nameOrPath) == nameOrPath;
        string? beside = plain ? Folders.Search.Select(f => Path.Combine(f, nameOrPath)).FirstOrDefault(File.Exists) : null;
        return beside ?? throw new ModelNotFoundException(
            $"There is no model '{nameOrPath}': neither a file, nor one in {string.Join(", ", Folders.Search)}, nor a known name ({string.Join(", ", ModelCatalog.Models.Select(m => m.Name))}).");
    }

    /// <summary>Where a model's file belongs: the place <see cref="Resolve"/> looks and downloads go.</summary>
    public string PlaceFor(KnownModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Path.Combine(Folders.Cache, model.FileName);
    }

    private string HowToGet(KnownModel model)
    {
        if (model.Embedded) return $"The embedded model {model.Name} is missing from {Folders.Embedded}: this installation is not complete.";
        string place = PlaceFor(model);
        return model.Address is null
            ? $"The model {model.Name} is not on this disk. Place its file at {place}."
            : $"The model {model.Name} is not on this disk. Run 'semsam models pull {model.Name}', or download {model.Address} and place it at {place}.";
    }

    private static IEnumerable<FileInfo> Files(string folder)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFiles().Where(f => Endings.Any(e => f.Name.EndsWith(e, StringComparison.OrdinalIgnoreCase)) && f.Name[0] != '.').OrderBy(f => f.Name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
