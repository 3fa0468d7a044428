using SemanticSam.Engine;
using SemanticSam.Server.Api;
using SemanticSam.Server.Mcp;
using SemanticSam.Training.Data;
using SemanticSam.Training.Evaluation;

namespace SemanticSam.Cli.Running;

/// <summary>Measures a model for a caller of the server, whose library knows nothing of evaluation.</summary>
internal static class ServedEvaluation
{
    public static EvaluateAnswer Run(SegmentationModel model, EvaluationCall call, IProgress<double> progress, CancellationToken cancellation)
    {
        var known = Enum.GetValues<EvaluationProtocol>().ToDictionary(p => p.ToString().ToLowerInvariant());
        if (call.Protocols.FirstOrDefault(p => p is null || !known.ContainsKey(p)) is { } other)
            throw ApiException.Bad($"There is no protocol '{other}'; allowed are {string.Join(", ", known.Keys)}.");
        var problems = new NotedProblems();
        var options = new EvaluationOptions { MaxImages = call.Most, WorstCases = 0, Problem = problems.Add, Decoding = new() { MaxPixels = call.MaxPixels } };
        if (call.Protocols.Count > 0) options = options with { Protocols = [.. call.Protocols.Select(p => known[p]).Distinct()] };
        var set = WholePartDataset.Load(call.Annotations, call.Images ?? DatasetLayout.ImagesOf(call.Annotations), problems.Add);
        var report = new Evaluator(model, set, options).Run(progress, cancellation);
        return new(report.Model, report.Sha256, report.Images, Math.Round(report.SecondsPerImage, 4), [.. report.Protocols.Select(p => new ProtocolAnswer(
            p.Protocol.ToString().ToLowerInvariant(), p.Title, [.. p.Figures.Select(f => new FigureAnswer(f.Id, f.Label, f.Count, f.Value))]))])
        {
            Losses = problems.Losses, ProblemCount = problems.Count, Problems = problems.First,
        };
    }
}
