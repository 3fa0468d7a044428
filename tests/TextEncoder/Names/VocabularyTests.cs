using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Encoder;
using SemanticSam.TextEncoder.Names;
using SemanticSam.TextEncoder.Tokenizer;
using static TorchSharp.torch;

namespace SemanticSam.Tests.TextEncoder.Names;

public sealed class VocabularyTests
{
    [SkippableFact]
    public void Embed_TemplatesOfTheReference_GivesItsEmbeddings()
    {
        using var scope = NewDisposeScope();
        using var sidecar = Fixtures.Json("semantic_sam/tiny_text.json");
        Assert.Equal(Strings(sidecar, "templates"), PromptTemplates.All);
        var golden = Golden.Load("semantic_sam/tiny_text.safetensors");
        var vocabulary = Tiny();
        Check("whole");
        Check("part");
        string[] first = [.. Strings(sidecar, "whole").Take((int)golden["bgd_text_embeddings"].Shape[0] - 1)];
        Close.Assert_(TextModels.Floats(vocabulary.Embed(first, background: true)), golden["bgd_text_embeddings"].Floats, 1e-5, "background");
        string[] plain = [.. Strings(sidecar, "whole").Take((int)golden["plain_text_embeddings"].Shape[0])];
        Close.Assert_(TextModels.Floats(Tiny(new VocabularyOptions { Prompts = PromptStyle.BareName, StripMarks = false }).Embed(plain)),
            golden["plain_text_embeddings"].Floats, 1e-5, "plain");

        void Check(string name) => Close.Assert_(TextModels.Floats(vocabulary.Embed(Strings(sidecar, name))),
            golden[name + "_text_embeddings"].Floats, 1e-5, name);
    }

    [SkippableFact]
    public void Embed_OpenSeeDsNames_GivesItsEmbeddings()
    {
        using var scope = NewDisposeScope();
        using var sidecar = Fixtures.Json("openseed/tiny_text.json");
        var golden = Golden.Load("openseed/tiny_text.safetensors");
        Close.Assert_(TextModels.Floats(Tiny(encoder: TextModels.TinyLanguage("plain")).Embed(Strings(sidecar, "names"))), golden["text_embeddings"].Floats,
            1e-5, "text_embeddings");
    }

    [SkippableFact]
    public void Embed_AgainAndInOtherBatches_GivesTheSameRows()
    {
        using var scope = NewDisposeScope();
        var all = Tiny();
        float[] together = TextModels.Floats(all.Embed(["cat", "dog", "traffic light", "cat"]));
        Assert.Equal(3, all.Count);
        Assert.Equal(together, TextModels.Floats(all.Embed(["cat", "dog", "traffic light", "cat"])));
        Assert.Equal(3, all.Count);
        var single = Tiny(new VocabularyOptions { BatchSize = 7 });
        float[] apart = [.. TextModels.Floats(single.Embed(["cat"])), .. TextModels.Floats(single.Embed(["dog", "traffic light", "cat"]))];
        Close.Assert_(apart, together, 1e-5, "one by one");
    }

    [SkippableFact]
    public void Clear_NamesEncoded_AreForgotten()
    {
        using var scope = NewDisposeScope();
        var vocabulary = Tiny(new VocabularyOptions { Prompts = PromptStyle.BareName });
        vocabulary.Embed(["head", "car"]);
        vocabulary.Embed(["head"]);
        Assert.Equal(2, vocabulary.Count);
        vocabulary.Clear();
        Assert.Equal(0, vocabulary.Count);
    }

    [SkippableFact]
    public void Embed_BeyondCapacity_ForgetsTheLongestUnused()
    {
        using var scope = NewDisposeScope();
        var vocabulary = Tiny(new VocabularyOptions { Prompts = PromptStyle.BareName, Capacity = 2 });
        float[] three = TextModels.Floats(vocabulary.Embed(["a", "b", "c"]));
        Assert.Equal(2, vocabulary.Count);
        Close.Assert_(TextModels.Floats(vocabulary.Embed(["a", "b", "c"])), three, 1e-6, "forgotten names");
    }

    [SkippableFact]
    public void Embed_FromManyThreads_GivesTheSameRows()
    {
        using var scope = NewDisposeScope();
        var vocabulary = Tiny(new VocabularyOptions { Prompts = PromptStyle.BareName });
        string[] names = ["cat", "dog", "car", "wheel", "person"];
        float[] expected = TextModels.Floats(Tiny(new VocabularyOptions { Prompts = PromptStyle.BareName }).Embed(names));
        var results = new float[8][];
        Parallel.For(0, results.Length, i =>
        {
            using var inner = NewDisposeScope();
            results[i] = TextModels.Floats(vocabulary.Embed(names));
        });
        foreach (float[] result in results) Close.Assert_(result, expected, 1e-6, "thread");
        Assert.Equal(names.Length, vocabulary.Count);
    }

    [SkippableFact]
    public void Embed_NoOrBlankName_Throws()
    {
        using var scope = NewDisposeScope();
        var vocabulary = Tiny();
        Assert.Throws<ArgumentException>(() => vocabulary.Embed([]));
        Assert.Throws<ArgumentException>(() => vocabulary.Embed(["cat", " "]));
    }

    [Fact]
    public void Constructor_WhatDoesNotFit_Throws()
    {
        using var scope = NewDisposeScope();
        var encoder = new LanguageEncoder(new TextEncoderConfig(16, 1, 2, 8, 600, 12));
        Assert.Contains("600", Assert.Throws<ArgumentException>(() => new Vocabulary(encoder, ClipTokenizer.Instance, TextContext.SemanticSam)).Message);
        var other = new LanguageEncoder(new TextEncoderConfig(16, 1, 2, 8, 49408, 12));
        Assert.Contains("18", Assert.Throws<ArgumentException>(() => new Vocabulary(other, ClipTokenizer.Instance, TextContext.SemanticSam)).Message);
    }

    private static Vocabulary Tiny(VocabularyOptions? options = null, LanguageEncoder? encoder = null)
        => new(encoder ?? TextModels.TinyLanguage(), ClipTokenizer.Instance,
            TextContext.SemanticSam with { Length = (encoder ?? TextModels.TinyLanguage()).Config.ContextLength }, options);

    private static string[] Strings(System.Text.Json.JsonDocument document, string property)
        => [.. document.RootElement.GetProperty(property).EnumerateArray().Select(e => e.GetString()!)];
}
