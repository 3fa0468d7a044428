using SemanticSam.Cli;
using SemanticSam.Torch;

ProcessTuning.Apply(); // first of all: libtorch reads these settings when it is loaded
int code = await CommandLineTool.RunAsync(args);
ProcessEnd.Exit(code);
return code;
