using System.Diagnostics;
using SemanticSam.Cli.Verbs;
using SemanticSam.Engine.Batch;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SemanticSam.Cli.Output;

/// <summary>Progress of a batch on standard error: a bar on a terminal, a line now and then in a log.</summary>
internal static class BatchView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public static async Task<BatchProgress> Show(BatchMeter meter, bool silent, TextWriter error, Func<IProgress<BatchProgress>, Task<BatchProgress>> run)
    {
        if (silent) return await run(meter);
        if (!ReferenceEquals(error, Console.Error) || Console.IsErrorRedirected)
        {
            meter.Changed = Lines(meter, error);
            return await run(meter);
        }
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true).Columns(new ProgressBarColumn { Width = 24 }, new PercentageColumn(), new MeterColumn(meter)).StartAsync(async context =>
        {
            var task = context.AddTask("segmenting", maxValue: 1);
            meter.Changed = () => task.Value = meter.Share;
            return await run(meter);
        });
    }

    private static Action Lines(BatchMeter meter, TextWriter error)
    {
        var watch = Stopwatch.StartNew();
        var next = Interval;
        return () =>
        {
            if (watch.Elapsed < next) return;
            next = watch.Elapsed + Interval;
            error.WriteLine($"semsam: {meter.Text()}");
        };
    }

    /// <summary>The meter's text; drawn anew with every refresh, so that the time left runs down during a long step.</summary>
    private sealed class MeterColumn(BatchMeter meter) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Spectre.Console.Text(meter.Text());
    }
}
