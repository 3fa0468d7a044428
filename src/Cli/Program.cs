using SemanticSam.Cli;
using SemanticSam.Torch;

ProcessTuning.Apply(); // first of all: libtorch reads these settings when it is loaded
return await CommandLineTool.RunAsync(args);
