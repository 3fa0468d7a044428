using SemanticSam.Cli;
using SemanticSam.Torch;

TorchRuntime.TuneProcess(); // first of all: libtorch reads these settings when it is loaded
return await CommandLineTool.RunAsync(args);
