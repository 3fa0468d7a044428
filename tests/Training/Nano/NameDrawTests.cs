using System.Text;
using SemanticSam.Formats;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training.Nano;

namespace SemanticSam.Tests.Training.Nano;

public sealed class NameDrawTests
{
    private const int Side = 32, Grid = Side / CanvasMask.Cell;

    /// <summary>The source labels shoes and no mouths: a mouth may be anywhere in the image, but not where the shoe is.</summary>
    [Fact]
    public void Draw_NameThatIsNotLabeled_IsAskedWhereSomethingElseIs()
    {
        CategoryKey shoe = new("shoe", "person", true), mouth = new("mouth", "person", true);
        Rle left = Rle.FromBox(32, 32, new BoxI(0, 0, 16, 32));
        AnnotatedImage street = Image("street", (shoe, left)), face = Image("face", (mouth, left));
        using var file = File.OpenRead(Path.Combine(Fixtures.RepoRoot, "models", "nano", "vocabulary.json"));
        var names = new NanoNames([street, face], NameVocabulary.Read(file));
        using var pieces = new MemoryStream(Encoding.UTF8.GetBytes("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na"));
        using var encoder = new SentenceEncoder(new() { Width = 12, Layers = 1, Heads = 2, FeedForward = 24, VocabularySize = 8, Positions = 64 });
        using var phrases = new PhraseBook(names, new SentenceTokenizer(pieces), encoder);
        var draw = Of(_ => true);
        var view = CanvasView.Create((16, 16), (16, 16), 1, 1, 0);
        var masks = street.Annotations.Select(a => CanvasMask.See(a, view, Grid)!).ToList();

        var asked = draw.Draw(street, [shoe], masks, new Random(1));

        var open = Assert.Single(asked, a => a.IsOpen);
        Assert.Equal("mouth", names.Queries[open.Query].ToString());
        for (int i = 0; i < open.Mask!.Length; i++) Assert.Equal(i % (Grid / 2) < Grid / 4 ? 0 : AskedName.Unknown, open.Mask[i]);
        Assert.Contains(asked, a => a is { IsOpen: false, Mask: not null } && names.Queries[a.Query].ToString() == "shoe");
        Assert.DoesNotContain(asked, a => a.Mask is null && names.Queries[a.Query].Name == "mouth");

        // What is not to be asked is asked in no way.
        Assert.Equal(["shoe"], Said(Of(q => q.ToString() == "shoe"), seed: 1));

        // A part of one whole is asked now and then, but always where its plain name is not.
        var seeds = Enumerable.Range(1, 20);
        Assert.InRange(seeds.Count(seed => Said(draw, seed).Contains("shoe of person")), 1, 19);
        Assert.All(seeds, seed => Assert.Contains("shoe of person", Said(Of(q => q.ToString() != "shoe"), seed)));

        NameDraw Of(Func<NanoQuery, bool> isAsked) =>
            new(names, phrases, new() { Size = Side, Names = 8, PresentNames = 4, ApartNames = 2 }, [.. names.Queries.Select(isAsked)]);

        IEnumerable<string> Said(NameDraw draw, int seed) =>
            draw.Draw(street, [shoe], masks, new Random(seed)).Where(a => a is { IsOpen: false, Mask: not null })
                .Select(a => names.Queries[a.Query].ToString());
    }

    private static AnnotatedImage Image(string source, params (CategoryKey Key, Rle Mask)[] shown) => new()
    {
        FileName = "image.jpg", Width = Side, Height = Side, Source = source,
        Annotations = [.. shown.Select(s => new Annotation
        {
            Mask = s.Mask, Whole = new(s.Key.Supercategory!), Part = new(s.Key.Name), Role = AnnotationRole.Part,
        })],
    };
}
