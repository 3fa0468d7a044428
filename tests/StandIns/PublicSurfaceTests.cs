using System.Reflection;
using SemanticSam.Tests.StandIns.Surface;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.StandIns;

/// <summary>Whatever compiles against a stand-in must compile against the real package: its public surface is held
/// against a listing of the real one.</summary>
public sealed class PublicSurfaceTests
{
    private static string[] Lines(string name) => File.ReadAllLines(Path.Combine(Fixtures.Own, "apis", name));

    /// <summary>The real packages are signed. With them there is nothing to compare: the listings hold only a part of their surface.</summary>
    private static bool IsReal(Assembly assembly) => assembly.GetName().GetPublicKeyToken() is { Length: > 0 };

    private static void Check(Assembly assembly, IEnumerable<string> problems)
    {
        if (IsReal(assembly)) return;
        string[] found = problems.Order().ToArray();
        Assert.True(found.Length == 0, $"{found.Length} differences from the real package:\n" + string.Join("\n", found));
    }

    [Fact]
    public void TorchSharp_EveryPublicMember_IsListed()
    {
        Assembly assembly = typeof(TorchSharp.torch).Assembly;
        var comparer = new SurfaceComparer(ListingParser.Parse([.. Lines("TorchSharp-0.107.txt"), "", .. Lines("TorchSharp-0.107-unlisted.txt")]));

        Check(assembly, comparer.Problems(SurfaceReader.Read(assembly)));
    }

    [Fact]
    public void Tokenizers_EveryPublicMember_IsListed()
    {
        Assembly assembly = typeof(Microsoft.ML.Tokenizers.Tokenizer).Assembly;
        var comparer = new SurfaceComparer(ListingParser.Parse(Lines("Microsoft.ML.Tokenizers-2.0.txt")));

        Check(assembly, comparer.Problems(SurfaceReader.Read(assembly)));
    }

    [Fact]
    public void SkiaSharp_EveryPublicMember_IsListed()
    {
        Assembly assembly = typeof(SkiaSharp.SKBitmap).Assembly;

        Check(assembly, new SkiaComparer(new SkiaListing(Lines("SkiaSharp-3.txt"))).Problems(assembly.GetTypes()));
    }

    [Fact]
    public void Listings_Parsed_HaveTheTypesAndMembersOfTheFiles()
    {
        Dictionary<string, SurfaceType> torch = ListingParser.Parse(Lines("TorchSharp-0.107.txt"));

        Assert.True(torch.Count > 150);
        Assert.True(torch["TorchSharp::torch.Tensor"].Members.Count > 800);
        Assert.Equal(Overriding.Virtual, torch["TorchSharp::torch.nn.Module"].Members["void train(bool train = true)"]);
        Assert.Equal(15, torch["TorchSharp::torch.ScalarType"].Values["BFloat16"]);
        Assert.Equal("nn.HookableModule<Func<nn.Module<T, TResult>, T, T>, Func<nn.Module<T, TResult>, T, TResult, TResult>>", torch["TorchSharp::nn.Module<T, TResult>"].Base);
        Assert.True(torch["TorchSharp.Modules::Linear"].IsDisposable);
    }
}
