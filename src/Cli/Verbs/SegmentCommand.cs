using System.CommandLine;
using SemanticSam.Cli.Requests;
using SemanticSam.Cli.Running;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam segment</c>: masks for points, boxes, masks, names or everything, of one image or of many.</summary>
internal static class SegmentCommand
{
    public static Command Create()
    {
        var switches = new SegmentSwitches();
        var command = new Command("segment", "Segments an image by points, box, mask, names, or everything in it.");
        switches.AddTo(command);
        command.Does((parsed, cancellation) =>
        {
            var (request, streams) = (switches.Read(parsed), Streams.Of(parsed));
            return request switch
            {
                { Batch: not null } => SegmentBatch.Run(request, streams, cancellation),
                { Prompts: not null } => SegmentPrompts.Run(request, streams, cancellation),
                _ => SegmentOne.Run(request, streams, cancellation),
            };
        });
        return command;
    }
}
