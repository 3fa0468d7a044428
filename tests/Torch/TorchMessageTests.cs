using SemanticSam.Cli;
using SemanticSam.Torch;
using TorchSharp;

namespace SemanticSam.Tests.Torch;

public sealed class TorchMessageTests
{
    [Fact]
    public void WithoutStack_MessageOfLibtorch_IsItsFirstSentence()
    {
        using var scope = torch.NewDisposeScope();
        // Not matmul: TorchSharp 0.107 lets its C++ exceptions through, which ends the process.
        var error = Assert.ThrowsAny<Exception>(() => torch.ones(2, 3).add(torch.ones(4, 5)));
        string message = TorchMessage.WithoutStack(error.Message);
        Assert.Contains("The size of tensor a (3) must match", message);
        Assert.DoesNotContain("frame #", message);
        Assert.True(message.Length < error.Message.Length, "libtorch appends no stack any more: nothing has to be cut.");
        Assert.DoesNotContain("frame #", Failures.OneLine(error));
        Assert.DoesNotContain('\n', Failures.OneLine(error));
        Assert.Equal(ExitCodes.Internal, ExitCodes.Of(error));
    }

    [Theory]
    [InlineData("The box is empty.")]
    [InlineData("Exception raised from nowhere")]
    [InlineData("")]
    public void WithoutStack_OtherMessage_Stays(string message) => Assert.Equal(message, TorchMessage.WithoutStack(message));
}
