using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace SemanticSam.Bench;

/// <summary>Coarse figures soon: no process a benchmark, one warm-up, three iterations of a twentieth of a second or one call.</summary>
internal sealed class QuickConfig : ManualConfig
{
    /// <param name="withLong">Also what takes seconds a call.</param>
    /// <param name="once">A single call of each, cold: whether it runs, not how fast.</param>
    public QuickConfig(bool withLong = false, bool once = false)
    {
        var job = Job.Default.WithToolchain(new InProcessEmitToolchain(TimeSpan.FromMinutes(15), logOutput: true));
        AddJob(once ? job.WithStrategy(RunStrategy.ColdStart).WithWarmupCount(0).WithIterationCount(1).WithInvocationCount(1).WithUnrollFactor(1).WithId("Once")
            : job.WithWarmupCount(1).WithIterationCount(3).WithIterationTime(TimeInterval.FromMilliseconds(50)).WithId("Quick"));
        AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Job, DefaultColumnProviders.Params, DefaultColumnProviders.Statistics,
            DefaultColumnProviders.Metrics);
        AddColumn(CaseColumn.All);
        if (!withLong) AddFilter(new SimpleFilter(c => !IsLong(c)));
        AddLogger(ConsoleLogger.Default);
        WithOptions(ConfigOptions.DisableLogFile | ConfigOptions.DisableOptimizationsValidator);
    }

    /// <summary>What takes seconds a call, or is there for comparing, is left to --long or a proper run.</summary>
    private static bool IsLong(BenchmarkCase benchmark) =>
        benchmark.Descriptor.Type == typeof(SamWholePlaneBenchmarks) || benchmark.Parameters.Items.Any(
            p => (p.Name, p.Value) is ("Model", not ("mobile-sam" or "semsam-nano")) or ("Prompts", > 16) or ("Side", > 4) or ("Megapixels", > 12));
}
