using SemanticSam.Granularity.Layers;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Granularity.Layers;

/// <summary>Products of a handful of rows on the processor, and the weights of attention.</summary>
public sealed class PackedLinearTests
{
    [Theory]
    [InlineData(1, 5, 3)]
    [InlineData(7, 33, 40)]
    [InlineData(8, 16, 16)]
    [InlineData(19, 20, 17)]
    public void Run_AnySizes_EqualsThePlainSum(int rows, int inputs, int outputs)
    {
        var random = new Random(rows);
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
        float[] matrix = Numbers(2 + outputs * inputs), bias = Numbers(outputs), x = Numbers(rows * (inputs + 1)); // a number between rows
        var packed = new PackedLinear(matrix, new(2, outputs, 1, inputs, outputs), bias, 3, beyond: -7); // [inputs, outputs] from the third number on
        foreach (bool add in new[] { false, true })
        {
            var (wide, narrow) = (Enumerable.Repeat(10f, rows * packed.Width).ToArray(), Enumerable.Repeat(10f, rows * packed.Width).ToArray());
            packed.Run<Lanes32>(x, inputs + 1, wide, packed.Width, rows, add);
            packed.Run<Lanes8>(x, inputs + 1, narrow, packed.Width, rows, add);
            Assert.Equal(wide, narrow);
            float[] expected = [.. Enumerable.Range(0, rows * packed.Width).Select(i => (add ? 10 : 0) + Plain(i / packed.Width, i % packed.Width))];
            Close.Assert_(wide, expected, 1e-5, $"{rows} rows, added: {add}");
        }

        float Plain(int row, int output) => output >= outputs ? -7
            : bias[output] + Enumerable.Range(0, inputs).Sum(k => 3 * matrix[2 + k * outputs + output] * x[row * (inputs + 1) + k]);
    }

    [Fact]
    public void Run_ResultsThatHaveNoRoom_AreRefused()
    {
        var packed = new PackedLinear(new float[6], new(0, 2, 3, 3, 1));
        Assert.Equal(32, packed.Width);
        Assert.Throws<ArgumentException>(() => packed.Run(new float[3], 3, new float[2], 2, 1));
        Assert.Throws<ArgumentException>(() => packed.Run(new float[5], 3, new float[64], 32, 2));
    }

    [Fact]
    public void Exponentiate_LogitsFarApart_SumsToOneWithoutDenormalNumbers()
    {
        float[] logits = [.. Enumerable.Range(0, 32).Select(i => i == 5 ? 300f : i == 6 ? 299 : -40 * i)], narrow = [.. logits];
        float sum = Softmax.Exponentiate<Lanes32>(logits);
        Assert.Equal(sum, Softmax.Exponentiate<Lanes8>(narrow), 1e-5);
        Assert.Equal(logits, narrow);
        Assert.Equal(1 + Math.Exp(-1), sum, 1e-5);
        Assert.Equal(1, logits[5], 1e-6);
        Assert.All(logits, w => Assert.InRange(w, 1e-20f, 1.001f));
    }
}
