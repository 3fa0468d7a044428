using System.CommandLine;
using SemanticSam.Cli.Requests;
using SemanticSam.Cli.Running;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam serve</c>: the model behind HTTP, with a page.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var options = new ServeSwitches();
        var command = new Command("serve", "Serves a page to segment images in, and an interface for programs, on this machine (docs/server.md).");
        options.AddTo(command);
        command.Does((parsed, cancellation) => options.Checked(parsed) is { } ready ? ReadinessCheck.Run(ready, Streams.Of(parsed), cancellation)
            : ServeJob.Run(options.Read(parsed), Streams.Of(parsed), cancellation));
        return command;
    }
}
