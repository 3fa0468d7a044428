using SemanticSam.Engine;

namespace SemanticSam.Tests.Architecture;

/// <summary>The arrows of docs/architecture.md: between projects, and between the folders of the engine. Namespaces equal folders.</summary>
public sealed class ArchitectureTests
{
    private const string Engine = "SemanticSam.Engine";

    /// <summary>
    /// The folders of the engine, each with those it may use. Its root is the public vocabulary, which all may use, and the two types through which
    /// everything is asked, <see cref="SegmentationModel"/> and <see cref="ImageSession"/>, which only the batch may.
    /// </summary>
    private static readonly Dictionary<string, string[]> Folders = new()
    {
        [""] = ["Checkpoints", "Sessions", "Zoo"],
        ["Checkpoints"] = [],
        ["Sessions"] = ["Checkpoints"],
        ["Zoo"] = ["Checkpoints", "Sessions"],
        ["Batch"] = ["Checkpoints"],
    };

    private static readonly Type[] Doors = [typeof(SegmentationModel), typeof(ImageSession)];

    [Fact]
    public void Projects_References_FollowTheArrows()
    {
        foreach (var assembly in Projects.All)
        {
            string name = assembly.GetName().Name!;
            var below = Projects.Below(name);
            var used = assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(Projects.Arrows.ContainsKey);
            Assert.All(used, other => Assert.True(below.Contains(other), $"{name} uses {other}"));
        }
    }

    [Fact]
    public void EngineFolders_Uses_FollowTheArrows()
    {
        var wrong = new SortedSet<string>(StringComparer.Ordinal);
        int looked = 0;
        foreach (var type in typeof(SegmentationModel).Assembly.GetTypes().Where(t => t.Namespace?.StartsWith(Engine, StringComparison.Ordinal) == true))
        {
            string from = Folder(type);
            foreach (var other in TypeUse.Of(type).Where(t => t.Assembly == type.Assembly && t.Namespace?.StartsWith(Engine, StringComparison.Ordinal) == true))
            {
                looked++;
                string to = Folder(other);
                bool allowed = from == to || (to.Length == 0 ? from == "Batch" || !Doors.Contains(TypeUse.Outermost(other)) : Folders[from].Contains(to));
                if (!allowed) wrong.Add($"{TypeUse.Outermost(type).FullName} uses {TypeUse.Outermost(other).FullName}");
            }
        }
        Assert.True(looked > 1000, $"only {looked} uses were seen");
        Assert.Empty(wrong);
    }

    /// <summary>A family of models knows nothing of the others: a new one is a new folder.</summary>
    [Fact]
    public void SessionFamilies_Uses_StayAmongThemselves()
    {
        string[] families = [.. typeof(SegmentationModel).Assembly.GetTypes().Select(t => t.Namespace ?? "")
            .Where(n => n.StartsWith(Engine + ".Sessions.", StringComparison.Ordinal)).Distinct()];
        Assert.True(families.Length >= 2, string.Join(", ", families));
        foreach (var type in typeof(SegmentationModel).Assembly.GetTypes())
            foreach (var other in TypeUse.Of(type).Where(t => families.Contains(t.Namespace)))
                Assert.True(type.Namespace == other.Namespace || type.Namespace == Engine + ".Zoo", $"{type.FullName} uses {other.FullName}");
    }

    [Fact]
    public void Types_Namespaces_BeginWithTheirProject()
    {
        foreach (var assembly in Projects.All)
        {
            string root = assembly.GetName().Name is "semsam" ? "SemanticSam.Cli" : assembly.GetName().Name!;
            var strays = assembly.GetTypes().Where(t => t.DeclaringType is null && !TypeUse.IsGenerated(t) && t.Namespace is { } space
                && !space.StartsWith("System", StringComparison.Ordinal) && !space.StartsWith("Microsoft", StringComparison.Ordinal)
                && space != root && !space.StartsWith(root + ".", StringComparison.Ordinal));
            Assert.Empty(strays.Select(t => t.FullName));
        }
    }

    private static string Folder(Type type)
    {
        string space = TypeUse.Outermost(type).Namespace!;
        return space == Engine ? "" : space[(Engine.Length + 1)..].Split('.')[0];
    }
}
