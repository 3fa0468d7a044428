using CsCheck;
using SemanticSam.TextEncoder.Tokenizer;

namespace SemanticSam.Tests.TextEncoder.Tokenizer;

public sealed class TextTokenizerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Decode_EncodedLowerCaseWords_RoundTrips()
        => Gen.Char['a', 'z'].Array[1, 14].Array[1, 8].Sample(words =>
        {
            string text = string.Join(' ', words.Select(w => new string(w)));
            Assert.Equal(text, ClipTokenizer.Instance.Decode(ClipTokenizer.Instance.EncodeToIds(text)));
        });

    [Fact]
    public void Encode_AnyText_IsStartTokensEndPadding()
        => Gen.Select(Gen.String, Gen.Int[2, 20]).Sample((text, length) =>
        {
            var t = ClipTokenizer.Instance;
            int[] row = t.Encode(text, new TextContext(length, TextPadding.EndToken));
            var ids = t.EncodeToIds(text);
            int kept = Math.Min(ids.Count, length - 2);
            Assert.Equal([t.StartId, .. ids.Take(kept), .. Enumerable.Repeat(t.EndId, length - 1 - kept)], row);
        });

    [Fact]
    public void Load_WhatTheTrainerWrote_GivesAWorkingTokenizer()
    {
        var trainer = new BpeTrainer();
        trainer.Add("the wheel of the car and the wheels of the cart", 5);
        trainer.Write(_folder, 520);
        var tokenizer = TextTokenizer.Load(_folder);
        Assert.Equal(520, tokenizer.VocabularySize);
        Assert.Equal(518, tokenizer.StartId);
        Assert.Equal(519, tokenizer.EndId);
        Assert.Single(tokenizer.EncodeToIds("the"));
        Assert.Equal("a wheel, zebra!", tokenizer.Decode(tokenizer.EncodeToIds("A wheel, zebra!")).Replace(" ,", ",").Replace(" !", "!"));
    }

    [Fact]
    public void Train_Twice_GivesTheSameMerges()
        => Assert.Equal(Train(["one two three", "two three", "three"]), Train(["three", "two three", "one two three"]));

    [Fact]
    public void Train_AnyTexts_GivesDistinctTokensThatRoundTrip()
        => Gen.Char['a', 'e'].Array[1, 8].Array[1, 20].Sample(words =>
        {
            string[] texts = [.. words.Select(w => new string(w))];
            var merges = Train(texts);
            Assert.Equal(merges.Count, merges.Select(m => m.Replace(" ", "")).Distinct().Count());
            var vocabulary = ClipTokenizer.Vocabulary(merges);
            var tokenizer = TextTokenizer.Create(vocabulary, merges);
            foreach (string text in texts) Assert.Equal(text, tokenizer.Decode(tokenizer.EncodeToIds(text)));
        }, iter: 50);

    [Fact]
    public void Load_MissingFile_NamesIt()
    {
        var e = Assert.Throws<FileNotFoundException>(() => TextTokenizer.Load(_folder));
        Assert.Contains(TextTokenizer.VocabularyFile, e.Message);
    }

    [Theory]
    [InlineData("not json", "")]
    [InlineData("null", "")]
    [InlineData("[1, 2]", "")]
    [InlineData("{}", "")]
    [InlineData("{\"a\": 0, \"<|startoftext|>\": 1}", "")] // no end token
    [InlineData("{\"a\": 0, \"<|endoftext|>\": 1, \"<|startoftext|>\": 2}", "")] // end is not last
    [InlineData("{\"a\": 0, \"<|startoftext|>\": 1, \"<|endoftext|>\": 3}", "")] // gap
    [InlineData("{\"a\": 1, \"<|startoftext|>\": 1, \"<|endoftext|>\": 2}", "")] // twice
    [InlineData("{\"a\": 0, \"<|startoftext|>\": 1, \"<|endoftext|>\": 2}", "a b\n")] // unknown
    [InlineData("{\"a\": 0, \"<|startoftext|>\": 1, \"<|endoftext|>\": 2}", "a\n")]
    public void Load_BadFiles_ThrowsInvalidDataNamingTheFolder(string vocabulary, string merges)
    {
        File.WriteAllText(Path.Combine(_folder, TextTokenizer.VocabularyFile), vocabulary);
        File.WriteAllText(Path.Combine(_folder, TextTokenizer.MergesFile), merges);
        var e = Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(_folder));
        Assert.Contains(_folder, e.Message);
    }

    [Fact]
    public void Decode_UnknownId_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => ClipTokenizer.Instance.Decode([49408]));

    private static IReadOnlyList<string> Train(IEnumerable<string> texts)
    {
        var trainer = new BpeTrainer();
        foreach (string text in texts) trainer.Add(text, 2);
        return trainer.Train(600);
    }
}
