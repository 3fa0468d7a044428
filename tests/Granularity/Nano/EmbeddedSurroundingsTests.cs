using SemanticSam.Training.Nano;
using SemanticSam.Training.Nano.Teaching;
using static TorchSharp.torch;
using EngineNames = SemanticSam.Engine.Sessions.Nano.NanoNames;

namespace SemanticSam.Tests.Granularity.Nano;

/// <summary>Which head of the embedded model answers a word.</summary>
public sealed class EmbeddedSurroundingsTests
{
    [Fact]
    public void AskSurroundings_OfWords_IsWhatTheyMean()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var files = new TaughtModel(null, null);
        var vocabulary = files.OpenVocabulary();
        using var model = files.OpenNetwork();
        var (tokenizer, encoder) = files.OpenText();
        using var _ = encoder;
        HashSet<string> wholes = [.. vocabulary.Wholes.Select(w => w.Name)];
        string[] parts = [.. vocabulary.Parts.Select(p => p.Name).Where(p => !wholes.Contains(p))];
        string[] around = ["sky", "tree", "trees", "grass", "lawn", "water", "sea", "road", "wall", "brick wall", "floor", "ceiling", "building", "bookshelf",
            "neck", "earring", .. vocabulary.Parts.SelectMany(p => p.LearnedApart.Select(whole => EngineNames.Pair(p.Name, whole)))];
        string[] things = ["person", "people", "dog", "a dog", "car", "bicycle", "bus", "airplane", "chair", "sofa", "cup", "fig", "wheel of a car",
            "roof of a house", "ear of a dog", "window of a car", "shirt", "shoe", "belt of a person"];

        Assert.Equal([], parts.Except(around).Concat(things).Where(Asks));
        Assert.Contains("ear of a person", around);
        Assert.Equal(around, around.Where(Asks));

        bool Asks(string word) => model.AskSurroundings(model.Names(PhraseBook.Encode([word], tokenizer, encoder)));
    }
}
