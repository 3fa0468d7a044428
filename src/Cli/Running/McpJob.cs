using SemanticSam.Cli.Requests;
using SemanticSam.Server;
using SemanticSam.Server.Mcp;

namespace SemanticSam.Cli.Running;

/// <summary>Runs the tools over standard input and output until the input ends.</summary>
internal static class McpJob
{
    public static async Task<int> Run(ServeRequest request, CancellationToken cancellation)
    {
        await using var output = Console.OpenStandardOutput();
        // What anything else would print there would end the conversation.
        Console.SetOut(Console.Error);
        await using var input = Console.OpenStandardInput();
        try
        {
            await McpProcess.Run(request.Model.Open, ServeJob.Options(request), ServedEvaluation.Run, input, output, request.Quiet ? null
                : ServeJob.Log, cancellation);
        }
        catch (ServerException e)
        {
            throw new UsageException(e.Message);
        }
        return ExitCodes.Ok;
    }
}
