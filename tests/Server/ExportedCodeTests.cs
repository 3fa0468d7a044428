using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.Playwright;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Server;

/// <summary>The C# that the page offers is compiled against the assemblies that users get, and run on the picture.</summary>
[Collection(Browser.Shared)]
public sealed class ExportedCodeTests(Browser browser)
{
    /// <summary>What a new console project has in front of each file.</summary>
    private const string ImplicitUsings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;";

    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p))];

    [SkippableFact]
    public async Task CSharp_OfEveryKindOfQuestion_CompilesAndRuns()
    {
        using var folder = new TempFolder();
        string picture = folder.Write("a \"ball\" of ünï.png", TestServer.Picture(width: 480, height: 320));
        var (page, errors) = await browser.Open();
        await page.SetInputFilesAsync("#picker", picture);
        await Browser.Until(page, "semsam.store.image?.ready");
        await page.EvaluateAsync("path => { semsam.store.image.name = path; }", picture);
        (string Question, string[] Said)[] questions =
        [
            ("{ prompt: { points: [{ x: 200.04, y: 150.26, positive: true }, { x: 20, y: 30, positive: false }], box: null }, words: [], region: null }",
                ["Points = [new(200f, 150.3f), new(20f, 30f, false)]"]),
            ("{ prompt: { points: [], box: { x1: 100, y1: 80, x2: 300, y2: 240 } }, words: [], region: null }", ["Box = new(100f, 80f, 300f, 240f)"]),
            ("{ prompt: { points: [{ x: 210, y: 160, positive: true }], box: null }, words: [], region: [60, 40, 400, 300] }",
                ["Crop(60, 40, 340, 260)", "new(150f, 120f)"]),
            ("{ prompt: { points: [], box: null }, words: [{ text: 'ball', threshold: null }], region: null }", ["Names = [\"ball\"]"]),
            ("{ prompt: { points: [], box: null }, words: [{ text: 'the car\\'s \"wheel\"\\u2028', threshold: 0.2 }], region: [0, 0, 400, 300] }",
                ["PresenceThreshold = 0.2", "\\u2028"]),
            ("{ prompt: { points: [], box: null }, words: [], region: null }", ["new(240f, 160f)"]),
        ];
        foreach (var (question, said) in questions)
        {
            string code = await page.EvaluateAsync<string>(
                $"import('/page/js/export.js').then(e => {{ Object.assign(semsam.store.doc, {question}); return e.csharp(); }})");
            Assert.All(said, s => Assert.Contains(s, code, StringComparison.Ordinal));
            using var assembly = Compile(code);
            Run(assembly);
        }
        Assert.Empty(errors);
    }

    private static MemoryStream Compile(string code)
    {
        var parsing = new CSharpParseOptions(LanguageVersion.Latest);
        var compilation = CSharpCompilation.Create("exported",
            [CSharpSyntaxTree.ParseText(ImplicitUsings, parsing), CSharpSyntaxTree.ParseText(code, parsing)], References,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        var image = new MemoryStream();
        var result = compilation.Emit(image);
        var faults = result.Diagnostics.Where(d => d.Severity >= DiagnosticSeverity.Warning).ToList();
        Assert.True(faults.Count == 0, $"{string.Join("\n", faults)}\n{code}");
        return image;
    }

    private static void Run(MemoryStream image)
    {
        var main = Assembly.Load(image.ToArray()).EntryPoint!;
        main.Invoke(null, main.GetParameters().Length == 0 ? null : [Array.Empty<string>()]);
    }
}
