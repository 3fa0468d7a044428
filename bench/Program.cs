using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using SemanticSam.Bench;

// --quick: a few short runs of everything, in this process, in under two minutes; with --long also what takes seconds a call; with --once
// a single cold call each, to see that it runs.
// --write-weights FOLDER MODEL...: weights for the comparison with ONNX Runtime (peers/export.py).
// --peer-rounds ROUNDS [MODEL...]: the engine and ONNX Runtime in turn, for machines that do other work as well.
// --sam-steps: where the processor time of SAM's decoder goes.
// --nano-times PHOTO NAME [CALLS] [THREADS] [--model FOLDER] [--precision float32]: what questions about a photo cost the embedded model,
// or that of a folder, NAME being there; with a hash of the answers.
// --nano-steps PHOTO NAME [RUNS] [THREADS] [--model FOLDER]: where the processor time of the embedded model's answers goes.
// --server-load ADDRESS MINUTES CLIENTS [PROCESS-ID]: mixed load on a server that runs elsewhere.
// Anything else goes to BenchmarkDotNet (--filter '*Swin*', --list flat, ...).
if (args is ["--everything-memory", .. var memory])
{
    await EverythingMemory.Print(memory);
    return;
}
if (args is ["--server-load", .. var load])
{
    await ServerLoad.Print(load);
    return;
}
if (args is ["--nano-times", .. var times])
{
    NanoTimes.Print(times);
    return;
}
if (args is ["--nano-steps", .. var steps])
{
    NanoSteps.Print(steps);
    return;
}
if (args is ["--sam-steps", .. var counts])
{
    SamSteps.Print(counts);
    return;
}
if (args is ["--peer-rounds", .. var rounds])
{
    PeerRounds.Print(rounds);
    return;
}
if (args is ["--write-weights", var folder, .. var models])
{
    Peers.Write(folder, models);
    return;
}
CaseRecord.Collect();
Peers.Announce();
var rest = args.Where(a => a is not ("--quick" or "--long" or "--once")).ToArray();
if (args.Contains("--quick"))
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(rest.Length > 0 ? rest : ["--filter", "*"],
        new QuickConfig(args.Contains("--long"), args.Contains("--once")));
else
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(rest, DefaultConfig.Instance.AddColumn(CaseColumn.All));
