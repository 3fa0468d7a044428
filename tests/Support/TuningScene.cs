using System.Text.Json;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Granularity.Nano;
using SemanticSam.Granularity.Sam;
using SemanticSam.Imaging;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>A few drawn images with squares and disks, their COCO file, and a small SAM with weights from a formula; in a folder of its own.</summary>
internal sealed class TuningScene : IDisposable
{
    private readonly TempFolder _folder = new();

    public TuningScene(int images = 4)
    {
        Images = _folder.File("images");
        Data = _folder.File("coco.json");
        Directory.CreateDirectory(Images);
        var (files, annotations) = (new List<object>(), new List<object>());
        for (int i = 0; i < images; i++)
        {
            var image = new RgbImage(Width, Height);
            for (int p = 0; p < image.Pixels.Length; p++) image.Pixels[p] = (byte)(90 + p * 7 % 11);
            int moved = i % 10, x = 8 + 9 * moved, y = 6 + 5 * moved; // within the image, however many there are
            foreach (var (left, top, side, category) in new[] { (x, y, 24, 1), (Width - 40 - 5 * moved, 40 - 3 * moved, 18, 2) })
            {
                for (int dy = 0; dy < side; dy++)
                    for (int dx = 0; dx < side; dx++)
                        for (int c = 0; c < 3; c++) image.Pixels[((top + dy) * Width + left + dx) * 3 + c] = (byte)(category == 1 ? 230 : c == 0 ? 220 : 20);
                annotations.Add(new
                {
                    id = annotations.Count + 1,
                    image_id = i + 1,
                    category_id = category,
                    iscrowd = 0,
                    area = side * side,
                    bbox = new[] { left, top, side, side },
                    segmentation = new[] { new[] { left, top, left + side, top, left + side, top + side, left, top + side } },
                });
            }
            File.WriteAllBytes(Path.Combine(Images, $"{i}.png"), ImageEncoder.Png(image));
            files.Add(new { id = i + 1, file_name = $"{i}.png", width = Width, height = Height });
        }
        string[] names = ["square", "tile", "nowhere"];
        File.WriteAllText(Data, JsonSerializer.Serialize(new
        {
            images = files,
            annotations,
            categories = names.Select((name, i) => new { id = i + 1, name }),
        }));
        Sam = _folder.File("small_sam.safetensors");
        using var sam = ModuleFill.Fill(new SamModel(Config));
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(Sam, sam.state_dict());
    }

    public const int Width = 120, Height = 90;

    /// <summary>As the tiny SAM of the golden files, but for the heads of the decoder, which no checkpoint tells.</summary>
    public static SamConfig Config { get; } = new()
    {
        Name = "small",
        Vit = new() { ImageSize = 128, Width = 48, Depth = 4, Heads = 4, Window = 4, GlobalBlocks = [1, 3], Output = 32 },
        FeedForward = 64,
        IouHeadWidth = 32,
    };

    public string Images { get; }

    public string Data { get; }

    /// <summary>The checkpoint.</summary>
    public string Sam { get; }

    public string Image(int index) => Path.Combine(Images, $"{index}.png");

    public string Out(string name) => _folder.File(name);

    /// <summary>The embedded model's network with weights from a formula.</summary>
    public string Nano()
    {
        string path = _folder.File("nano.safetensors");
        using var nano = ModuleFill.Fill(new NanoModel(new NanoConfig()));
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, nano.state_dict().Where(e => e.Value.is_floating_point()).ToDictionary());
        return path;
    }

    public void Dispose() => _folder.Dispose();
}
