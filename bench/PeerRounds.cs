using System.Diagnostics;
using System.Globalization;

namespace SemanticSam.Bench;

/// <summary>
/// Engine and ONNX Runtime in turn, call by call: what else the machine does meets both alike, so that their ratio can be read on a busy machine, too.
/// Their times cannot.
/// </summary>
internal static class PeerRounds
{
    /// <param name="arguments">Rounds, then models; those that were exported if there are none.</param>
    public static void Print(string[] arguments)
    {
        if (arguments is not [var first, .. var named] || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int rounds) || rounds < 1)
        {
            Console.Error.WriteLine("--peer-rounds ROUNDS [MODEL...]");
            return;
        }
        foreach (string model in named.Length > 0 ? named : Peers.Exported) Print(model, rounds);
    }

    private static void Print(string model, int rounds)
    {
        var pair = new OnnxEncoderBenchmarks { Model = model };
        pair.SetUp(); // compares both, which warms them up
        var (engine, peer) = (new double[rounds], new double[rounds]);
        for (int i = 0; i < rounds; i++)
        {
            // Who begins changes, since the first call of a round meets the threads of the other as they come to rest.
            if (i % 2 == 0) (engine[i], peer[i]) = (Seconds(pair.Engine), Seconds(pair.OnnxRuntime));
            else (peer[i], engine[i]) = (Seconds(pair.OnnxRuntime), Seconds(pair.Engine));
            Console.WriteLine(FormattableString.Invariant($"{model}: engine {engine[i]:f2} s, ONNX Runtime {peer[i]:f2} s, ratio {engine[i] / peer[i]:f2}"));
        }
        pair.CleanUp();
        double[] ratios = [.. engine.Zip(peer, (e, p) => e / p).Order()];
        Console.WriteLine(FormattableString.Invariant(
            $"{model}: median {Median(engine):f2} s and {Median(peer):f2} s, ratio {Median(ratios):f2} ({ratios[0]:f2} to {ratios[^1]:f2}), {rounds} rounds"));
    }

    private static double Seconds(Action run)
    {
        long start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
