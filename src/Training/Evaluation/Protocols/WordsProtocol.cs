using SemanticSam.Masks;
using SemanticSam.TextEncoder.Sentences;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>
/// Kept words: synonyms that training never saw, asked where the thing is, against the name that it was trained with. How much of the
/// name's IoU the word keeps tells what the text side understands.
/// </summary>
internal sealed class WordsProtocol(NameVocabulary vocabulary) : IProtocol
{
    private readonly Measure _words = new("held_out_word", "IoU of words kept out of training");
    private readonly Measure _names = new("held_out_name", "IoU of the trained names of the same things");
    private readonly SortedDictionary<(string Name, string Word), (Measure Word, Measure Name)> _byWord = [];

    public EvaluationProtocol Kind => EvaluationProtocol.Words;

    public void Add(EvaluatedImage image)
    {
        foreach (var (name, truths) in image.Present)
        {
            var entry = name.IsPart ? vocabulary.Part(name.Name) : vocabulary.Whole(name.Name);
            if (entry is not { HeldOut.Count: > 0 }) continue;
            Rle union = Rle.Merge(truths.Select(t => t.Mask));
            double known = IoU(image, name, union);
            foreach (string word in entry.HeldOut)
            {
                double iou = IoU(image, name with { Name = word }, union);
                _words.Add(iou);
                _names.Add(known);
                if (!_byWord.TryGetValue((name.Name, word), out var pair)) _byWord[(name.Name, word)] = pair = (new("", word), new("", name.Name));
                pair.Word.Add(iou);
                pair.Name.Add(known);
            }
        }
    }

    public ProtocolReport Report()
    {
        double? kept = _words.Figure.Value / _names.Figure.Value;
        return new(Kind, "Kept words", [_words.Figure, _names.Figure,
            new("held_out_share", "share of the name's IoU that the word keeps", kept is { } k && double.IsFinite(k) ? k : null, null, _words.Figure.Count)],
        [
            new("held_out_by_word", "Words kept out of training", ["word (name)", "IoU of the word", "IoU of the name", "images"],
                [.. _byWord.Select(p => new EvaluationRow($"{p.Key.Word} ({p.Key.Name})",
                    [p.Value.Word.Figure.Value, p.Value.Name.Figure.Value, p.Value.Word.Figure.Count]))]),
        ]);
    }

    /// <summary>A word that the model does not know as a part or a whole may be answered as either.</summary>
    private static double IoU(EvaluatedImage image, NameQuery name, Rle truth) =>
        EvaluatedImage.Union(image.Ask(name) is { Count: > 0 } ofKind ? ofKind : image.Ask(name.Name))?.IoU(truth) ?? 0;
}
