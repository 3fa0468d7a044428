using System.Reflection;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace SemanticSam.Bench;

/// <summary>What a benchmark's process tells the one that prints the table, by a file.</summary>
/// <param name="Count">What a call gives.</param>
/// <param name="Unit">Of what.</param>
/// <param name="Peak">Largest resident memory in bytes; 0 when not told.</param>
/// <param name="Floor">Least seconds of a call; 0 when not told.</param>
internal sealed record CaseRecord(double Count, string Unit, long Peak, double Floor)
{
    private const string Variable = "SEMSAM_BENCH_RECORDS";

    /// <summary>Names a folder for the records, until the end; processes of benchmarks inherit it.</summary>
    public static void Collect()
    {
        string folder = Directory.CreateTempSubdirectory("semsam-bench-").FullName;
        Environment.SetEnvironmentVariable(Variable, folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }

    public void Write(object benchmark)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder) return;
        var type = benchmark.GetType();
        while (type.Assembly != typeof(CaseRecord).Assembly) type = type.BaseType!; // the class that runs is a generated one
        var parameters = type.GetProperties()
            .Where(p => p.GetCustomAttribute<ParamsAttribute>() is not null || p.GetCustomAttribute<ParamsSourceAttribute>() is not null)
            .Select(p => (p.Name, p.GetValue(benchmark)));
        File.WriteAllText(Path.Combine(folder, Name(type, parameters)), JsonSerializer.Serialize(this));
    }

    public static CaseRecord? Read(BenchmarkCase benchmark)
    {
        string path = Path.Combine(Environment.GetEnvironmentVariable(Variable) ?? "",
            Name(benchmark.Descriptor.Type, benchmark.Parameters.Items.Select(p => (p.Name, (object?)p.Value))));
        return File.Exists(path) ? JsonSerializer.Deserialize<CaseRecord>(File.ReadAllText(path)) : null;
    }

    private static string Name(Type type, IEnumerable<(string Name, object? Value)> parameters) =>
        string.Join('-', parameters.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}={p.Value}").Prepend(type.Name)) + ".json";
}

/// <summary>A column from the records.</summary>
/// <param name="name">Its head.</param>
/// <param name="legend">What it is.</param>
/// <param name="text">From a record and the mean in seconds.</param>
internal sealed class CaseColumn(string name, string legend, Func<CaseRecord, double, string> text) : IColumn
{
    public static IColumn[] All { get; } =
    [
        new CaseColumn("Rate", "Images or prompts a second", (r, mean) => $"{Short(r.Count / mean)} {r.Unit}/s"),
        new CaseColumn("Peak", "Largest resident memory of the process while it was measured", (r, _) => r.Peak == 0 ? "-"
            : Invariant($"{r.Peak / 1e6:f0} MB")),
        new CaseColumn("Floor", "Operations over the matrix rate or bytes over the bandwidth, as measured in the same process", (r, _) => r.Floor == 0 ? "-"
            : Short(r.Floor * 1e3) + " ms"),
        new CaseColumn("Over floor", "Measured over floor", (r, mean) => r.Floor == 0 ? "-" : Invariant($"{mean / r.Floor:f1}")),
    ];

    public string Id => "Case." + name;
    public string ColumnName => name;
    public bool AlwaysShow => true;
    public ColumnCategory Category => ColumnCategory.Custom;
    public int PriorityInCategory => 0;
    public bool IsNumeric => true;
    public UnitType UnitType => UnitType.Dimensionless;
    public string Legend => legend;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        CaseRecord.Read(benchmarkCase) is { } record && summary[benchmarkCase]?.ResultStatistics is { } statistics ? text(record, statistics.Mean / 1e9) : "-";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(c => CaseRecord.Read(c) is not null);

    private static string Short(double value) => value >= 100 ? Invariant($"{value:n0}") : Invariant($"{value:g3}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
