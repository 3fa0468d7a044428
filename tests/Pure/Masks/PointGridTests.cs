using System.Globalization;
using SemanticSam.Masks;
using SemanticSam.Tests.Pure.Support;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class PointGridTests
{
    [SkippableFact]
    public void Build_EverySize_EqualsReferenceInDouble()
    {
        foreach (var (name, grid) in AmgPieces.Tensors.Tensors.Where(t => t.Key.StartsWith("grid.", StringComparison.Ordinal)))
            Assert.Equal(grid.Doubles, Flat(PointGrid.Build(int.Parse(name[5..], CultureInfo.InvariantCulture))));
        foreach (var entry in AmgPieces.Index.GetProperty("layer_grids").EnumerateArray())
        {
            int[] a = [.. entry.GetProperty("args").EnumerateArray().Select(v => v.GetInt32())];
            var layers = PointGrid.BuildLayers(a[0], a[1], a[2]);
            Assert.Equal(entry.GetProperty("sizes").EnumerateArray().Select(v => v.GetInt32()), layers.Select(l => l.Length));
            for (int k = 0; k < layers.Length; k++) Assert.Equal(AmgPieces.Tensors[$"layer_grid.{a[0]}_{a[1]}_{a[2]}.{k}"].Doubles, Flat(layers[k]));
        }
    }

    [Fact]
    public void BuildLayers_LayerWithoutPoints_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PointGrid.BuildLayers(4, 3, 2));

    private static double[] Flat((double X, double Y)[] grid) => [.. grid.SelectMany(p => new[] { p.X, p.Y })];
}
