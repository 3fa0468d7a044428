using System.Threading.Channels;

namespace SemanticSam.Training.Samples;

/// <summary>Batches of samples, made ahead by a thread of its own. Images come in an order shuffled anew for each pass over the data.</summary>
internal sealed class SampleStream : IDisposable
{
    private const int Ahead = 3;

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<TrainingSample[]> _batches = Channel.CreateBounded<TrainingSample[]>(Ahead);
    private readonly Task _loader;

    /// <param name="builder">Makes the samples.</param>
    /// <param name="images">Images of the data set.</param>
    /// <param name="batch">Samples a batch.</param>
    /// <param name="seed">Decides order and samples.</param>
    /// <param name="start">Batches to pass over, for a training that goes on.</param>
    public SampleStream(SampleBuilder builder, int images, int batch, int seed, long start)
    {
        _loader = Task.Factory.StartNew(() => Load(builder, images, batch, seed, start), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The next batch; waits for it.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public TrainingSample[] Next(CancellationToken cancellation)
    {
        try
        {
            return _batches.Reader.ReadAsync(cancellation).AsTask().GetAwaiter().GetResult();
        }
        catch (ChannelClosedException e) when (e.InnerException is { } cause)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(cause); // what went wrong in the loader
            throw;
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _loader.Wait(); // it hands its faults to the reader and ends without one
        _stop.Dispose();
    }

    private void Load(SampleBuilder builder, int images, int batch, int seed, long start)
    {
        try
        {
            int[] order = [];
            long pass = -1;
            for (long number = start * batch; ; number += batch)
            {
                var samples = new TrainingSample[batch];
                for (int i = 0; i < batch; i++)
                {
                    long at = number + i;
                    if (at / images != pass)
                    {
                        pass = at / images;
                        order = [.. Enumerable.Range(0, images)];
                        new Random(Mix(seed, pass, 1)).Shuffle(order);
                    }
                    samples[i] = builder.Build(order[at % images], Mix(seed, at, 2));
                }
                _batches.Writer.WriteAsync(samples, _stop.Token).AsTask().GetAwaiter().GetResult();
            }
        }
        catch (OperationCanceledException)
        {
            _batches.Writer.TryComplete();
        }
        catch (Exception e)
        {
            _batches.Writer.TryComplete(e);
        }
    }

    /// <summary>A seed from three numbers that changes wholly when one of them changes (the finalizer of SplitMix64).</summary>
    private static int Mix(int seed, long number, int purpose)
    {
        ulong x = (ulong)(uint)seed * 0x9E3779B97F4A7C15 + (ulong)number * 0xBF58476D1CE4E5B9 + (ulong)purpose * 0x94D049BB133111EB;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return (int)((x ^ (x >> 31)) & int.MaxValue);
    }
}
