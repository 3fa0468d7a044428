using SemanticSam.Cli.Running;
using SemanticSam.Server.Mcp;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Cli.Running;

public sealed class ServedEvaluationTests
{
    [Fact]
    public void Run_ImageThatIsNotThere_IsToldInTheAnswer()
    {
        using var temp = new TempFolder();
        using var model = TinyNano.Model(temp);
        string data = Path.Combine(Fixtures.Own, "wholepart"), images = Directory.CreateDirectory(temp.File("images")).FullName;
        foreach (string image in Directory.GetFiles(Path.Combine(data, "images", "val"))) File.Copy(image, Path.Combine(images, Path.GetFileName(image)));
        File.Delete(Path.Combine(images, "ccp_0034.jpg"));
        var call = new EvaluationCall(Path.Combine(data, "annotations_val.json"), images, ["clicks"], 500, 1 << 24);
        var answer = ServedEvaluation.Run(model, call, new Progress<double>(), default);
        Assert.Equal((4, 1), (answer.Images, answer.Losses));
        Assert.Contains("ccp_0034.jpg", Assert.Single(answer.Problems));
    }
}
