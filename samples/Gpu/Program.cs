// The same click on the CPU and on an NVIDIA GPU.
//   dotnet run --project samples/Gpu -p:TorchSharpPackage=TorchSharp-cuda-linux photo.jpg
//   SEMSAM_LIBTORCH=/path/to/torch dotnet run --project samples/Gpu photo.jpg      with the torch of a Python environment
using System.Diagnostics;
using SemanticSam.Engine;
using SemanticSam.Torch;
using TorchSharp;

if (args.Length != 1) throw new ArgumentException("Gpu IMAGE");
TorchRuntime.TuneProcess(); // before libtorch is loaded: computing threads then wait without keeping others off the cores
TorchRuntime.Register(); // torch is used here before anything of the engine is
foreach (string device in torch.cuda.is_available() ? new[] { "cpu", "cuda" } : ["cpu"])
{
    using var model = SegmentationModel.Default(new() { Device = device });
    for (int run = 1; run <= 3; run++) // the first one also starts the device
    {
        var watch = Stopwatch.StartNew();
        using var session = model.Open(args[0]);
        var masks = session.Segment(Prompt.At(session.Width / 2f, session.Height / 2f));
        Console.WriteLine($"{device,-5} run {run}: {masks.Count} masks in {watch.ElapsedMilliseconds} ms");
    }
}
if (!torch.cuda.is_available()) Console.WriteLine("No CUDA device was found by the libtorch in use.");
