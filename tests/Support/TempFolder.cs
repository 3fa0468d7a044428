namespace SemanticSam.Tests.Support;

/// <summary>A folder that is gone when the test ends.</summary>
/// <param name="inMemory">Whether its files are better kept in memory, where the system has a place for that: for tests that write one a million times.</param>
internal sealed class TempFolder(bool inMemory = false) : IDisposable
{
    private const string Memory = "/dev/shm";

    public string Path { get; } = inMemory ? CreateInMemory() : Directory.CreateTempSubdirectory("semsam-tests-").FullName;

    private static string CreateInMemory()
    {
        try
        {
            if (Directory.Exists(Memory)) return Directory.CreateDirectory($"{Memory}/semsam-tests-{Guid.NewGuid():N}").FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // not for everybody to write
        }
        return Directory.CreateTempSubdirectory("semsam-tests-").FullName;
    }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(File(name))!);
        System.IO.File.WriteAllBytes(File(name), bytes);
        return File(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
