using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Formats;
using SemanticSam.Foundation;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;
using SemanticSam.Torch;

namespace SemanticSam.Tests.Architecture;

/// <summary>Codes of errors are promised to callers: each is in the docs, and the docs have no other.</summary>
public sealed partial class ErrorCodeTests
{
    private static IEnumerable<string> Codes =>
    [
        .. Of<PromptError>("prompt"), .. Of<ImageError>("image"), .. Of<BatchError>("batch"), .. Of<TorchError>("torch"), .. Of<FeaturesError>("features"),
        .. Of<AnnotationNeed>("annotation_needs"), .. Exceptions.Select(CodeOf),
    ];

    /// <summary>Those of the libraries; the tool's own are no caller's.</summary>
    private static IEnumerable<Type> Exceptions => Projects.All.Where(a => a.GetName().Name != "semsam").SelectMany(a => a.GetTypes())
        .Where(t => t.IsSubclassOf(typeof(SemanticSamException)));

    /// <summary>The code of an exception of which nothing is known.</summary>
    private static string CodeOf(Type type) => ((SemanticSamException)RuntimeHelpers.GetUninitializedObject(type)).Code;

    private static IEnumerable<string> Of<T>(string area) where T : struct, Enum => Enum.GetValues<T>().Select(e => SemanticSamException.CodeOf(area, e));

    [Fact]
    public void Docs_ListEveryCodeAndNoOther()
    {
        string section = File.ReadAllText(Path.Combine(Fixtures.RepoRoot, "docs", "limits.md")).Split("## Errors")[1].Split("\n## ")[0];
        Assert.Equal(Codes.Distinct().Order(StringComparer.Ordinal), Code().Matches(section).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Code_OfEachException_IsThatOfItsReason()
    {
        Assert.Equal("prompt_outside_image", new PromptException(PromptError.OutsideImage, "x").Code);
        Assert.Equal("prompt_malformed", new PromptException("x").Code);
        Assert.Equal("image_too_large", new ImageException(ImageError.TooLarge, "x").Code);
        Assert.Equal("batch_folder_in_use", new BatchException(BatchError.FolderInUse, "x").Code);
        Assert.Equal("torch_no_such_device", new TorchRuntimeException(TorchError.NoSuchDevice, "x").Code);
        Assert.Equal("annotation_needs_names", new AnnotationFileException("a", "", "x") { Need = AnnotationNeed.Names }.Code);
    }

    [GeneratedRegex("`([a-z]+_[a-z_]+)`")]
    private static partial Regex Code();
}
