namespace SemanticSam.Engine.Zoo;

/// <summary>A model on this disk.</summary>
/// <param name="Path">Full path of a file, or of a folder as training writes it.</param>
/// <param name="Size">Bytes of the weights.</param>
/// <param name="Known">The catalog's entry when the file has its name, else null.</param>
internal sealed record FoundModel(string Path, long Size, KnownModel? Known);

/// <summary>Finds model files in the folders where they may be.</summary>
/// <param name="folders">The folders; usually <see cref="ModelFolders.FromEnvironment"/>.</param>
internal sealed class ModelStore(ModelFolders folders)
{
    private static readonly string[] Endings = [".pth", ".pt", ".safetensors", ".safetensors.index.json"];

    /// <summary>The folders that are searched.</summary>
    public ModelFolders Folders { get; } = folders;

    /// <summary>All model files in the folders, and model folders directly below them; unreadable folders are passed over.</summary>
    public IReadOnlyList<FoundModel> Scan()
    {
        var found = new List<FoundModel>();
        foreach (string folder in Folders.Search.Where(Directory.Exists))
        {
            foreach (var file in Read(() => new DirectoryInfo(folder).EnumerateFiles().Where(IsModel)))
                found.Add(new(file.FullName, file.Length, ModelCatalog.Models.FirstOrDefault(m => !m.Embedded && m.FileName == file.Name)));
            foreach (var below in Read(() => new DirectoryInfo(folder).EnumerateDirectories().Where(d => IsModelFolder(d.FullName))))
                found.Add(new(below.FullName, new FileInfo(Path.Combine(below.FullName, ModelPackage.WeightsFile)).Length, null));
        }
        return [.. found.DistinctBy(f => f.Path)];
    }

    private static bool IsModel(FileInfo file) => file.Name[0] != '.' && Endings.Any(e => file.Name.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    private static bool IsModelFolder(string folder) => File.Exists(Path.Combine(folder, ModelPackage.ConfigFile))
        && File.Exists(Path.Combine(folder, ModelPackage.WeightsFile));

    private static List<T> Read<T>(Func<IEnumerable<T>> entries) where T : FileSystemInfo
    {
        try
        {
            return [.. entries().OrderBy(e => e.Name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Where a known model's file is, or null; an embedded model has none.</summary>
    public string? Locate(KnownModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Embedded ? null : Folders.Search.Select(f => Path.Combine(f, model.FileName)).FirstOrDefault(File.Exists);
    }

    /// <summary>The file or folder of a model given by name or path.</summary>
    /// <param name="nameOrPath">A name of <see cref="ModelCatalog"/>, a path, or the name of a file in one of the folders.</param>
    /// <exception cref="ModelNotFoundException">There is no such file; the message says what to do.</exception>
    public string Resolve(string nameOrPath)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(nameOrPath);
        if (ModelCatalog.Find(nameOrPath) is { } known) return Locate(known) ?? throw NotHere(known);
        if (File.Exists(nameOrPath)) return Path.GetFullPath(nameOrPath);
        if (Directory.Exists(nameOrPath)) return Path.GetFullPath(ForeignFolder.WeightsOf(nameOrPath) ?? nameOrPath);
        bool plain = Path.GetFileName(nameOrPath) == nameOrPath;
        string? beside = plain ? Folders.Search.Select(f => Path.Combine(f, nameOrPath)).FirstOrDefault(Path.Exists) : null;
        return beside ?? throw new ModelNotFoundException(
            $"The model '{nameOrPath}' is not known: it is neither a file, nor one in {string.Join(", ", Folders.Search)}, nor a known name " +
            $"({string.Join(", ", ModelCatalog.Models.Select(m => m.Name))}).");
    }

    /// <summary>Where a model's file belongs: the place <see cref="Resolve"/> looks and downloads go.</summary>
    public string PlaceFor(KnownModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Path.Combine(Folders.Cache, model.FileName);
    }

    private ModelNotFoundException NotHere(KnownModel model)
    {
        if (model.Embedded) return new($"The model {model.Name} is embedded in the library and has no file.", model);
        string from = model.Address is { } address ? $" Its authors publish it at {address}." : "";
        return new($"The model {model.Name} is not on this disk. Its file belongs at {PlaceFor(model)}.{from}", model);
    }
}
