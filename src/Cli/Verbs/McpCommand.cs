using System.CommandLine;
using SemanticSam.Cli.Requests;
using SemanticSam.Cli.Running;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam mcp</c>: the model as tools for agents, over standard input and output.</summary>
internal static class McpCommand
{
    public const string Name = "mcp";

    public static Command Create()
    {
        var options = new ServeSwitches();
        var command = new Command(Name, "Speaks the Model Context Protocol on standard input and output, as agents start it (docs/tools.md).");
        options.AddLocalTo(command);
        command.Does((parsed, cancellation) => McpJob.Run(options.ReadLocal(parsed), cancellation));
        return command;
    }
}
