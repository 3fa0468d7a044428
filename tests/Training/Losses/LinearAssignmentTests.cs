using System.Text.Json;
using CsCheck;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Losses;

namespace SemanticSam.Tests.Training.Losses;

public sealed class LinearAssignmentTests
{
    [Fact]
    public void Solve_ScipyCases_GivesTheSamePairsTiesIncluded()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Fixtures.Own, "matching", "scipy.json")));
        foreach (var c in json.RootElement.GetProperty("cases").EnumerateArray())
        {
            double[] cost = [.. c.GetProperty("cost").EnumerateArray()
                .Select(v => v.ValueKind == JsonValueKind.Null ? double.PositiveInfinity : v.GetDouble())];
            var (rows, columns) = LinearAssignment.Solve(cost, c.GetProperty("rows").GetInt32(), c.GetProperty("columns").GetInt32());
            string name = c.GetProperty("name").GetString()!;
            Assert.Equal((name, string.Join(' ', c.GetProperty("row_ind").EnumerateArray())), (name, string.Join(' ', rows)));
            Assert.Equal((name, string.Join(' ', c.GetProperty("col_ind").EnumerateArray())), (name, string.Join(' ', columns)));
        }
    }

    [SkippableTheory]
    [InlineData("semantic_sam/training.safetensors", "m2m.cost", "m2m.match")]
    [InlineData("semantic_sam/evaluation.safetensors", "granularity.cost", "granularity.match")]
    public void Solve_GoldenCosts_GivesReferenceMatches(string file, string cost, string match)
    {
        var golden = Golden.Load(file);
        var (queries, targets) = LinearAssignment.Solve(golden[cost].Floats, (int)golden[cost].Shape[0], (int)golden[cost].Shape[1]);
        Assert.Equal(golden[$"{match}_query"].Integers, queries.Select(q => (long)q));
        Assert.Equal(golden[$"{match}_target"].Integers, targets.Select(t => (long)t));
    }

    [SkippableTheory]
    [InlineData("seg")]
    [InlineData("det")]
    public void Solve_OpenSeeDCosts_GivesReferenceMatches(string task)
    {
        var golden = Golden.Load("openseed/training.safetensors");
        using var index = Fixtures.Json("openseed/training.json");
        int image = 0;
        foreach (var match in index.RootElement.GetProperty(task).GetProperty("matching").GetProperty("last").EnumerateArray())
        {
            var cost = golden[$"{task}.cost.last.image{image++}"];
            var (queries, targets) = LinearAssignment.Solve(cost.Floats, (int)cost.Shape[0], (int)cost.Shape[1]);
            Assert.Equal(match.GetProperty("query").EnumerateArray().Select(v => v.GetInt32()), queries);
            Assert.Equal(match.GetProperty("target").EnumerateArray().Select(v => v.GetInt32()), targets);
        }
        Assert.True(image > 0);
    }

    private static readonly Gen<(int Rows, int Columns, double[] Cost)> GenSmall =
        from r in Gen.Int[1, 6] from c in Gen.Int[1, 6] from largest in Gen.Int[1, 20] from cost in Gen.Int[-largest, largest].Array[r * c]
        select (r, c, Array.ConvertAll(cost, v => (double)v));

    [Fact]
    public void Solve_SmallMatrices_CostsAsLittleAsTheBestOfAll() => GenSmall.Sample(m =>
    {
        var (rows, columns) = LinearAssignment.Solve(m.Cost, m.Rows, m.Columns);
        Assert.Equal(Math.Min(m.Rows, m.Columns), rows.Length);
        Assert.Equal(rows.Order().Distinct(), rows);
        Assert.Equal(columns.Length, columns.Distinct().Count());
        Assert.Equal(BestOfAll(m.Cost, m.Rows, m.Columns), rows.Zip(columns, (r, c) => m.Cost[r * m.Columns + c]).Sum());
    });

    [Fact]
    public void Solve_FloatCosts_IsSolveInDouble()
    {
        float[] cost = [0.1f, 0.2f, 0.3f, 0.15f, 0.1f, 0.4f];
        var (rows, columns) = LinearAssignment.Solve(cost, 2, 3);
        Assert.Equal([0, 1], rows);
        Assert.Equal([0, 1], columns);
    }

    [Fact]
    public void Solve_Impossible_SaysWhy()
    {
        Assert.Contains("row 1, column 0 is NaN", Assert.Throws<ArgumentException>(() => LinearAssignment.Solve([1, 2, double.NaN, 4], 2, 2)).Message);
        Assert.Contains("row 0, column 1", Assert.Throws<ArgumentException>(() => LinearAssignment.Solve([1, double.NegativeInfinity], 1, 2)).Message);
        double inf = double.PositiveInfinity;
        Assert.Contains("no complete assignment", Assert.Throws<ArgumentException>(() => LinearAssignment.Solve([1, inf, 1, inf], 2, 2)).Message);
        Assert.Throws<ArgumentException>(() => LinearAssignment.Solve(new double[5], 2, 3));
    }

    [Fact]
    public void Solve_NoRowsOrColumns_IsEmpty()
    {
        Assert.Empty(LinearAssignment.Solve(ReadOnlySpan<double>.Empty, 0, 4).Rows);
        Assert.Empty(LinearAssignment.Solve(ReadOnlySpan<double>.Empty, 4, 0).Columns);
    }

    /// <summary>Least cost over all assignments, by trying them all.</summary>
    private static double BestOfAll(double[] cost, int rows, int columns)
    {
        double Try(int row, int usedColumns, int skips)
        {
            if (row == rows) return 0;
            double best = skips > 0 ? Try(row + 1, usedColumns, skips - 1) : double.PositiveInfinity;
            for (int c = 0; c < columns; c++)
                if ((usedColumns >> c & 1) == 0) best = Math.Min(best, cost[row * columns + c] + Try(row + 1, usedColumns | 1 << c, skips));
            return best;
        }
        return Try(0, 0, Math.Max(0, rows - columns));
    }
}
