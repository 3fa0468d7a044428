using System.Text.Json;
using SemanticSam.Training.Evaluation;

namespace SemanticSam.Tests.Training.Evaluation;

public sealed class EvaluationReportTests
{
    private static readonly EvaluationReport Report = new()
    {
        Model = "nano", Sha256 = "00ff", Images = 2, SecondsPerImage = 0.5,
        Protocols =
        [
            new(EvaluationProtocol.Text, "Names", [new("text_wholes", "wholes", 0.5, 0.25, 7)],
                [new("names", "By name", ["name", "IoU"], [new("car", [0.75]), new("sky", [null])])]),
            new(EvaluationProtocol.Clicks, "Clicks", [new("click_parts", "parts", null, null, 0)], []),
        ],
    };

    [Fact]
    public void Figures_OfSeveralProtocols_ComeInTheirOrder()
    {
        Assert.Equal(["text_wholes", "click_parts"], Report.Figures.Select(f => f.Id));
        Assert.Equal(7, Report.Find("text_wholes")!.Count);
        Assert.Null(Report.Find("text"));
    }

    [Fact]
    public void ToJson_Report_HasProtocolsWithFiguresAndTables()
    {
        var json = JsonDocument.Parse(Report.ToJson()).RootElement;
        Assert.Equal(["model", "sha256", "images", "seconds_per_image", "protocols"], json.EnumerateObject().Select(p => p.Name));
        var text = json.GetProperty("protocols")[0];
        Assert.Equal(("text", 0.25), (text.GetProperty("protocol").GetString(), text.GetProperty("figures")[0].GetProperty("constant").GetDouble()));
        var rows = text.GetProperty("tables")[0].GetProperty("rows");
        Assert.Equal((0.75, JsonValueKind.Null), (rows[0].GetProperty("values")[0].GetDouble(), rows[1].GetProperty("values")[0].ValueKind));
    }
}
