using SemanticSam.Foundation;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Foundation;

/// <summary>What a process does that ends at once. It is done to all that the process has under way, so nothing else may run beside these tests.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Collection(Name)]
public sealed class ProcessEndTests : IDisposable
{
    private const string Name = "process end";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_ProcessThatEndsAtOnce_LeavesNoFolder() => AtomicFolder.Write(_folder.File("model"), to =>
    {
        File.WriteAllText(Path.Combine(to, "config.json"), "new");
        AtomicFile.RemoveUnfinished(); // as after SIGTERM
        Assert.False(Directory.Exists(to));
        Directory.CreateDirectory(to);
    });
}
