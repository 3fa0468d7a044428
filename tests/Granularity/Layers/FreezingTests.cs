using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Sam;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Layers;

/// <summary>Freezing derives once what every call would derive, and changes no answer.</summary>
public sealed class FreezingTests
{
    public static TheoryData<string> Encoders => ["sam", "mobile-sam", "semantic-sam", "nano"];

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Freeze_Encoder_GivesTheSameFeatures(string family)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var model = Filled(family);
        var image = Image(model);
        float[] before = Features(model, image);
        model.Freeze();
        Close.Assert_(Features(model, image), before, 1e-5, family);
        model.Freeze(); // again, of the weights as they are
        Close.Assert_(Features(model, image), before, 1e-5, family + " frozen twice");
    }

    /// <summary>What is documented: changes after it are not noticed, and training undoes it.</summary>
    [Theory]
    [InlineData("sam", "image_encoder.blocks.0.attn.rel_pos_h")]
    [InlineData("mobile-sam", "image_encoder.layers.1.blocks.0.attn.attention_biases")]
    [InlineData("mobile-sam", "image_encoder.layers.0.blocks.0.conv1.bn.running_mean")]
    [InlineData("semantic-sam", "backbone.layers.0.blocks.0.attn.relative_position_bias_table")]
    [InlineData("nano", "backbone.layers.3.blocks.1.bn2.running_mean")]
    public void Freeze_WeightsChangedLater_AreTakenUpByTraining(string family, string name)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var model = Filled(family);
        var image = Image(model);
        model.Freeze();
        float[] frozen = Features(model, image);
        model.state_dict()[name].mul_(-3).add_(0.5);
        Assert.Equal(frozen, Features(model, image));
        model.train();
        model.eval();
        float[] thawed = Features(model, image);
        Assert.True(Close.RelativeError(thawed, frozen) > 1e-4);
        model.Freeze();
        Close.Assert_(Features(model, image), thawed, 1e-5, "frozen again");
    }

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Freeze_AgainAndUndone_LeavesNoTensor(string family)
    {
        using var scope = NewDisposeScope();
        using var model = Filled(family);
        model.Freeze();
        model.train();
        long before = LiveTensors.Settled();
        model.Freeze();
        long frozen = LiveTensors.Settled();
        Assert.True(frozen > before);
        model.Freeze();
        Assert.Equal(frozen, LiveTensors.Settled());
        model.train();
        Assert.Equal(before, LiveTensors.Settled());
    }

    private static nn.Module Filled(string family)
    {
        var model = ModuleFill.Fill(NetworkFamilies.Create(family));
        model.eval();
        return model;
    }

    private static Tensor Image(nn.Module model)
    {
        int side = model is SamModel sam ? sam.Config.ImageSize : 96;
        return DetInput.Tensor("freezing.image", 1, 3, side, side);
    }

    private static float[] Features(nn.Module model, Tensor image)
    {
        using var scope = NewDisposeScope();
        var features = model is SamModel sam ? sam.ImageEncoder.call(image) : ((SemanticSamModel)model).Backbone.call(image)[3];
        return features.contiguous().data<float>().ToArray();
    }
}
