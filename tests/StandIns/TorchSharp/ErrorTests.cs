using System.Reflection;
using System.Runtime.InteropServices;
using SemanticSam.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.StandIns.TorchSharpBridge;

/// <summary>What libtorch refuses comes out as ExternalException with libtorch's own words and no C++ stack.</summary>
public sealed class ErrorTests
{
    [Fact]
    public void Matmul_ShapesThatDoNotFit_ThrowsWithLibtorchsMessage()
    {
        using var scope = NewDisposeScope();
        var e = Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(2, 3)));
        Assert.StartsWith("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", e.Message);
        Assert.DoesNotContain("frame #", e.Message);
    }

    [Fact]
    public void Matmul_TypesThatDoNotAgree_ThrowsWithLibtorchsMessage()
    {
        using var scope = NewDisposeScope();
        var e = Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(3, 2, ScalarType.Float64)));
        Assert.Matches("expected scalar type Float but found Double|expected m1 and m2 to have the same dtype", e.Message);
    }

    [Fact]
    public void Gather_IndexOfWrongType_ThrowsWithLibtorchsMessage()
    {
        using var scope = NewDisposeScope();
        var e = Assert.Throws<ExternalException>(() => ones(2, 3).gather(1, zeros(2, 3)));
        Assert.Contains("int64", e.Message);
    }

    [Fact]
    public void Select_IndexOutside_ThrowsWithTheIndexAndTheSize()
    {
        using var scope = NewDisposeScope();
        var e = Assert.Throws<ExternalException>(() => ones(2, 3)[5]);
        Assert.Contains("index 5 out of range for tensor of size [2, 3]", e.Message);
    }

    [Fact]
    public void Operator_ThatLibtorchDoesNotHave_ThrowsAndNamesIt()
    {
        // The handle type belongs to the stand-in; with the real package there is nothing to look up.
        Type? op = typeof(torch).Assembly.GetType("TorchSharp.Op");
        if (op is null) return;
        object unknown = Activator.CreateInstance(op, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public, null, ["no_such_operator", "really"], null)!;
        MethodInfo find = op.GetMethod("Find", BindingFlags.Instance | BindingFlags.NonPublic)!;
        var e = Assert.Throws<TargetInvocationException>(() => find.Invoke(unknown, null)).InnerException;
        Assert.Equal("libtorch has no operator aten::no_such_operator.really", Assert.IsType<ExternalException>(e).Message);
    }

    [Fact]
    public void Handle_OfDisposedTensor_Throws()
    {
        Tensor t = ones(2);
        t.Dispose();
        Assert.True(t.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => t.add(1));
    }

    [Fact]
    public void Call_ThatFails_LeavesNoTensorBehind()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(2, 3);
        long before = LiveTensors.Settled();
        for (int i = 0; i < 100; i++) Assert.Throws<ExternalException>(() => a.matmul(a));
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:x")]
    [InlineData("cpu:0:1")]
    public void Device_FromUnknownDescription_ThrowsAndNamesIt(string description)
    {
        var e = Assert.Throws<ArgumentException>(() => new Device(description));
        Assert.Contains(description, e.Message);
    }
}
