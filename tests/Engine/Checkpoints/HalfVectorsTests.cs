using SemanticSam.Engine.Checkpoints;

namespace SemanticSam.Tests.Engine.Checkpoints;

public sealed class HalfVectorsTests
{
    [Fact]
    public void Widen_EveryHalf_IsAsDotNetHasIt()
    {
        Half[] halves = [.. Enumerable.Range(0, 65_536).Select(i => BitConverter.UInt16BitsToHalf((ushort)i))];
        var floats = new float[halves.Length];
        HalfVectors.Widen(halves, floats);
        for (int i = 0; i < halves.Length; i++)
            Assert.True(Same((float)halves[i], floats[i]), $"{i:x4} became {floats[i]}, not {(float)halves[i]}.");
    }

    /// <summary>All halves, what lies just before, at and just after the middle between two, and random bits.</summary>
    [Fact]
    public void Narrow_FloatsAboutEveryHalf_AreAsDotNetHasThem()
    {
        var floats = new List<float>();
        for (int i = 0; i < 65_536; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits((float)BitConverter.UInt16BitsToHalf((ushort)i));
            foreach (uint beside in (uint[])[0, 1, 0xFFF, 0x1000, 0x1001, 0x1FFF]) floats.Add(BitConverter.UInt32BitsToSingle(bits + beside));
            float middle = (float)BitConverter.UInt16BitsToHalf((ushort)i) / 2 + (float)BitConverter.UInt16BitsToHalf((ushort)(i + 1)) / 2;
            floats.AddRange([middle, MathF.BitIncrement(middle), MathF.BitDecrement(middle)]);
        }
        var random = new Random(1);
        for (int i = 0; i < 1_000_003; i++) floats.Add(BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)));
        var halves = new Half[floats.Count];
        HalfVectors.Narrow(floats.ToArray(), halves);
        for (int i = 0; i < halves.Length; i++)
            Assert.True(Same((float)(Half)floats[i], (float)halves[i]), $"{floats[i]:r} became {halves[i]}, not {(Half)floats[i]}.");
    }

    private static bool Same(float wanted, float got) =>
        BitConverter.SingleToInt32Bits(wanted) == BitConverter.SingleToInt32Bits(got) || (float.IsNaN(wanted) && float.IsNaN(got));
}
