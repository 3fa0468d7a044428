using SemanticSam.Engine;
using SemanticSam.Granularity.Sam;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Encoder;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity;

/// <summary>A model may be made and loaded inside a caller's dispose scope, and must outlive it.</summary>
public sealed class OwnershipTests
{
    public static TheoryData<string> Families => NetworkFamilies.All;

    [Theory]
    [MemberData(nameof(Families))]
    public void Constructor_InsideADisposeScope_MakesAModelThatOutlivesIt(string family)
    {
        nn.Module model;
        string[] names;
        using (NewDisposeScope())
        {
            model = ModuleFill.Fill(NetworkFamilies.Create(family));
            model.eval();
            names = [.. model.state_dict().Keys];
        }
        using (model)
        {
            AssertAlive(model, names);
            Use(model);
        }
    }

    /// <summary>Moving replaces parameters.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void To_InsideADisposeScope_MakesTensorsThatOutliveIt(string family)
    {
        using var model = NetworkFamilies.Create(family);
        string[] names = [.. model.state_dict().Keys];
        using (NewDisposeScope()) model.to(ScalarType.Float64);
        AssertAlive(model, names);
    }

    [Fact]
    public void Default_LoadedInsideADisposeScope_AnswersAfterIt()
    {
        SegmentationModel model;
        using (NewDisposeScope()) model = SegmentationModel.Default();
        using (model)
        {
            using var session = model.Open(new RgbImage(64, 48));
            Assert.NotEmpty(session.Segment(Prompt.At(30, 20)));
            session.Segment(Prompt.Named("person"));
        }
    }

    private static void AssertAlive(nn.Module model, string[] names)
    {
        var state = model.state_dict(); // TorchSharp leaves out what is dead
        Assert.Empty(names.Except(state.Keys));
        foreach (var (name, tensor) in state) Assert.False(tensor.IsInvalid, $"{name} died with the scope.");
    }

    private static void Use(nn.Module model)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        switch (model)
        {
            case SamModel sam:
                var image = zeros(1, 3, sam.Config.ImageSize, sam.Config.ImageSize);
                var prompts = sam.PromptEncoder.forward(zeros(1, 1, 2), ones([1, 1], ScalarType.Int64));
                AssertFinite(sam.MaskDecoder.forward(sam.ImageEncoder.call(image), sam.PromptEncoder.DensePosition(), prompts, multimask: true).Masks);
                break;
            case SemanticSamModel semantic:
                using (var encoded = semantic.Encode(zeros([3, 64, 64], ScalarType.Byte)))
                {
                    var texts = semantic.LanguageEncoder!.EncodeNormalized([[1, 2, 3]]);
                    var names = new NameEmbeddings(texts, null, semantic.LanguageEncoder.LogitScale);
                    var request = semantic.Config.Decoder.MaskTokens > 0
                        ? new DecoderRequest { Prompts = new PromptQueries(full([1, 1, 4], 0.5f), zeros([1, 1], ScalarType.Int64)), Names = names }
                        : new DecoderRequest { Objects = true, Names = names, SelectedQueries = 5 };
                    var result = semantic.Decoder.forward(encoded.Memory, request);
                    AssertFinite((semantic.Config.Decoder.MaskTokens > 0 ? result.Prompts : result.Objects)[^1].Masks!);
                }
                break;
            case ClipTextEncoder text:
                AssertFinite(text.EncodeNormalized([[1, 2, 3]]));
                break;
        }
    }

    private static void AssertFinite(Tensor values) => Assert.True(values.isfinite().all().item<bool>());
}
