using SemanticSam.Foundation;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SemanticSam.Cli.Output.Progress;

/// <summary>
/// Shows on standard error how far a job is: a bar on a terminal, a line now and then in a log, nothing when asked to be quiet. All verbs
/// show their progress through it.
/// </summary>
/// <param name="error">Standard error.</param>
/// <param name="quiet">Whether nothing is shown.</param>
internal sealed class ProgressDisplay(TextWriter error, bool quiet)
{
    /// <summary>Between two lines in a log.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Does a job and shows how far it is.</summary>
    /// <param name="what">What is done, for instance "segmenting".</param>
    /// <param name="unit">What is counted.</param>
    /// <param name="job">Reports its steps to what it is given, from any thread.</param>
    public async Task<T> Run<T>(string what, ProgressUnit unit, Func<IProgress<ProgressStep>, Task<T>> job)
    {
        if (quiet) return await job(new Direct<ProgressStep>(_ => { }));
        var meter = new ProgressMeter(unit);
        if (error is not ErrorWriter { IsConsole: true } || Console.IsErrorRedirected) return await job(new Log(meter, error, what));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = 24 }, new PercentageColumn(), new MeterColumn(meter))
            .StartAsync(async context =>
            {
                var task = context.AddTask(what, maxValue: 1);
                return await job(new Direct<ProgressStep>(step =>
                {
                    meter.Report(step);
                    task.Value = meter.Share;
                    if (step.Line is { } line) console.WriteLine(MessageText.Escaped(line));
                }));
            });
    }

    /// <summary>As the other, for a job that reports the share done, 0 to 1.</summary>
    public Task<T> Run<T>(string what, Func<IProgress<double>, Task<T>> job) =>
        Run(what, ProgressUnit.Share, progress => job(new Direct<double>(share => progress.Report(new(share, 1)))));

    /// <summary>Reports at once, on the thread that works: <see cref="Progress{T}"/> would report later, on another one.</summary>
    internal sealed class Direct<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }

    private sealed class Log(ProgressMeter meter, TextWriter error, string what) : IProgress<ProgressStep>
    {
        private readonly Lock _guard = new();
        private readonly long _start = Environment.TickCount64;
        private TimeSpan _next = Interval;

        public void Report(ProgressStep step)
        {
            meter.Report(step);
            lock (_guard)
            {
                if (step.Line is { } line) error.WriteLine(line);
                var elapsed = TimeSpan.FromMilliseconds(Environment.TickCount64 - _start);
                if (elapsed < _next) return;
                _next = elapsed + Interval;
                error.WriteLine($"semsam: {what}: {meter.Text()}");
            }
        }
    }

    /// <summary>The meter's text; drawn anew with every refresh, so that the time left runs down during a long step.</summary>
    private sealed class MeterColumn(ProgressMeter meter) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(meter.Text());
    }
}
