// Further names for the embedded model, from annotated images of your own, in minutes on a CPU; or a model of its family from nothing but a backbone.
//   dotnet run --project samples/Teach set.json taught photo.jpg
//   dotnet run --project samples/Teach nano resnet18.safetensors all-minilm-l6-v2 folder
using SemanticSam.Engine;
using SemanticSam.Training;

if (args is ["nano", var backbone, var encoder, var folder])
{
    await Nano(backbone, encoder, folder);
    return;
}
if (args is not [var annotations, var output, var photo]) throw new ArgumentException("Teach ANNOTATIONS OUTPUT PHOTO");

// docs/training.md
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };
var progress = new Progress<TrainingProgress>(now => Console.WriteLine($"step {now.Step} of {now.Steps}, {now.Left:mm\\:ss} left"));
var recipe = new TeachRecipe { Data = annotations, Output = output, Problem = problem => Console.WriteLine(problem) };
using (var trainer = Trainer.Create(recipe))
    if (!await trainer.RunAsync(progress, stop.Token)) return;
using var model = SegmentationModel.Load(output);
using var session = model.Open(photo);
foreach (var name in session.ExplainNames([.. model.KnownWholes]).Where(n => n.IsPresent == true)) Console.WriteLine($"{name.Name}: {name.Presence:0.00}");

// docs/training.md
static async Task Nano(string backbone, string encoder, string folder)
{
    var recipe = new NanoRecipe
    {
        Data = folder, Backbone = backbone, TextEncoder = encoder, Output = "runs/first", Device = "cuda", TimeLimit = TimeSpan.FromHours(1),
    };
    using var trainer = Trainer.Create(recipe with { Resume = Directory.Exists("runs/first") });
    await trainer.RunAsync(new Progress<TrainingProgress>(now => { if (now.Metrics is { } m) Console.WriteLine($"{now.Step}: loss {m["loss"]:0.000}"); }));
}
