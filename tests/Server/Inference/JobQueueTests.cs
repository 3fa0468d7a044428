using SemanticSam.Engine;
using SemanticSam.Masks;
using SemanticSam.Server.Inference;

namespace SemanticSam.Tests.Server.Inference;

/// <summary>What waits for the worker: in which order, how much of it, and what may be answered together.</summary>
public sealed class JobQueueTests
{
    private static readonly ImageKey Key = new("ab");

    private static PromptJob Ask(int count = 1, SegmentOptions? options = null, ImageKey? key = null) =>
        new(key ?? Key, null, _ => [], count, options ?? new(), CancellationToken.None);

    [Fact]
    public void Take_SeveralJobs_GivesThemInTheirOrder()
    {
        var queue = new JobQueue(8);
        PromptJob[] jobs = [Ask(), Ask(), Ask()];
        Assert.All(jobs, job => Assert.True(queue.TryAdd(job)));
        Assert.Equal(3, queue.Count);
        Assert.Equal(jobs, jobs.Select(_ => queue.Take()));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void TryAdd_Full_RefusesAllButWhatGoesOn()
    {
        var queue = new JobQueue(2);
        Assert.True(queue.TryAdd(Ask()) && !queue.IsFull && queue.TryAdd(Ask()) && queue.IsFull);
        Assert.False(queue.TryAdd(Ask()));
        Assert.True(queue.TryAdd(Ask(), continues: true)); // the next step of something that was taken on
        queue.Take();
        queue.Take();
        Assert.True(queue.TryAdd(Ask()));
    }

    /// <summary>A place that is held while an image is decoded is nobody else's, and is given back once, however often that is said.</summary>
    [Fact]
    public void TryReserve_Places_CountAsTaken()
    {
        var queue = new JobQueue(2);
        var first = queue.TryReserve();
        var second = queue.TryReserve();
        Assert.True(first is not null && second is not null && queue.IsFull);
        Assert.Null(queue.TryReserve());
        Assert.False(queue.TryAdd(Ask()));
        Assert.True(queue.TryAdd(Ask(), continues: true)); // whose place it is
        first!.Dispose();
        first.Dispose();
        Assert.True(queue.IsFull);
        queue.Take();
        Assert.False(queue.IsFull);
        Assert.NotNull(queue.TryReserve());
        Assert.Null(queue.TryReserve());
    }

    [Fact]
    public async Task Close_WhatWaits_IsStillDone()
    {
        var queue = new JobQueue(4);
        var waits = Ask();
        queue.TryAdd(waits);
        queue.Close();
        Assert.False(queue.TryAdd(Ask()));
        Assert.False(queue.TryAdd(Ask(), continues: true));
        Assert.Null(queue.TryReserve());
        Assert.Same(waits, queue.Take());
        Assert.Null(queue.Take());

        var empty = new JobQueue(4);
        var waiting = Task.Run(empty.Take);
        empty.Close();
        Assert.Null(await waiting.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    /// <summary>From anywhere in the queue, as far as there is room; what is left keeps its order.</summary>
    [Fact]
    public void TakeWith_JobsOfTheSameQuestion_AreTakenOutWhereTheyFit()
    {
        var queue = new JobQueue(16);
        PromptJob small = Ask(2), other = Ask(1, key: new("cd")), large = Ask(9), last = Ask(3);
        var step = new Job<int>(Key, null, _ => 1, CancellationToken.None);
        foreach (Job job in (Job[])[small, other, step, large, last, Ask(1)]) queue.TryAdd(job);
        Assert.Equal([small, last], queue.TakeWith(Ask(), room: 5)); // 2 and 3 of 5; 9 never fit, and nothing was left for the last 1
        Assert.Equal<Job?>([other, step, large], [queue.Take(), queue.Take(), queue.Take()]);
        Assert.Equal(1, queue.Count);
    }

    /// <summary>Every option decides what an answer is: jobs that differ in one are asked apart.</summary>
    [Fact]
    public void GoesWith_AnyOtherOptionImageOrRegion_DoesNot()
    {
        var options = new SegmentOptions { Levels = [GranularityLevel.Part], Vocabulary = ["car", "dog"] };
        var job = Ask(options: options);
        Assert.True(job.GoesWith(Ask(7, options with { Levels = [GranularityLevel.Part], Vocabulary = ["car", "dog"] })));
        SegmentOptions[] others =
        [
            options with { Levels = null }, options with { Levels = [GranularityLevel.Part, GranularityLevel.Whole] },
            options with { Masks = MaskChoice.Single }, options with { KeepLogits = !options.KeepLogits }, options with { PresenceThreshold = 0.5 },
            options with { LabelThreshold = 0.5 }, options with { Vocabulary = null }, options with { Vocabulary = ["car"] },
            options with { MinRegionArea = 3 },
        ];
        Assert.All(others, o => Assert.False(job.GoesWith(Ask(options: o)), $"{o}"));
        Assert.Equal(typeof(SegmentOptions).GetProperties().Select(p => p.Name).Order(),
            others.SelectMany(o => typeof(SegmentOptions).GetProperties().Where(p => !Equals(p.GetValue(o), p.GetValue(options))).Select(p => p.Name))
                .Distinct().Order()); // a new option has to be thought of here
        Assert.False(job.GoesWith(Ask(options: options, key: new("cd"))));
        Assert.False(job.GoesWith(Ask(options: options, key: Key with { Region = new BoxI(0, 0, 4, 4) })));
    }
}
