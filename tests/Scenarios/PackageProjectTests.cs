using System.Xml.Linq;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Scenarios;

/// <summary>What the projects under packaging/ list by hand, since private references hide it.</summary>
public sealed class PackageProjectTests
{
    private const string Package = "packaging/SemanticSam/SemanticSam.Package.csproj";

    /// <summary>Packages that projects reference and hand on, sorted.</summary>
    internal static string[] References(IEnumerable<string> projects) =>
        [.. projects.SelectMany(p => Load(p).Descendants("PackageReference")).Where(r => (string?)r.Attribute("PrivateAssets") != "all")
            .Select(r => (string)r.Attribute("Include")!).Distinct().Order(StringComparer.Ordinal)];

    [Fact]
    public void Package_References_AreThoseOfItsAssemblies() => Assert.Equal(References(Packed()), References([Package]));

    [Fact]
    public void ServerPackage_References_AreThoseOfItsAssembly() =>
        Assert.Equal(References(["src/Server/SemanticSam.Server.csproj"]), References(["packaging/SemanticSam.Server/SemanticSam.Server.Package.csproj"]));

    [Fact]
    public void Package_Assemblies_AreTheEngineAndAllBelowIt()
    {
        var below = new HashSet<string>();
        void Add(string project)
        {
            if (!below.Add(Path.GetFileNameWithoutExtension(project))) return;
            foreach (var reference in Load(project).Descendants("ProjectReference"))
                Add(Path.GetRelativePath(Fixtures.RepoRoot, Path.GetFullPath(
                    Path.Combine(Fixtures.RepoRoot, Path.GetDirectoryName(project)!, ((string)reference.Attribute("Include")!).Replace('\\', '/')))));
        }
        Add("src/Engine/SemanticSam.Engine.csproj");
        Assert.Equal(below.Order(StringComparer.Ordinal), Names().Order(StringComparer.Ordinal));
    }

    private static string[] Names() => [.. Load(Package).Descendants("PackedAssembly").SelectMany(p => ((string)p.Attribute("Include")!).Split(';'))];

    private static IEnumerable<string> Packed() => Names().Select(n => $"src/{n["SemanticSam.".Length..]}/{n}.csproj");

    private static XDocument Load(string project) => XDocument.Load(Path.Combine(Fixtures.RepoRoot, project));
}
