using SemanticSam.Granularity.Nano;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>A sheet of pictures to look at while a training runs: above what the names asked for, below what the model answers.</summary>
internal static class NanoSheet
{
    private const int Most = 4, MostNames = 6;
    private const float Threshold = -0.5f;

    /// <summary>Writes a PNG.</summary>
    public static void Write(string path, NanoModel model, NanoBatch batch, PhraseBook phrases, Device device)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var tensors = batch.ToTensors(device);
        var features = model.Encode(tensors.Images, tensors.CoarseValid);
        Tensor sentences = phrases.Sentences.to(device).index_select(0, tensors.Rows.flatten()).view(tensors.Rows.shape[0], tensors.Rows.shape[1], -1);
        float[] logits = model.Words(features, model.Names(sentences)).cpu().contiguous().data<float>().ToArray();
        int size = (int)tensors.Images.shape[2], side = size / NanoModel.Stride, names = (int)tensors.Rows.shape[1],
            columns = Math.Min(Most, batch.Samples.Count);
        var sheet = new RgbImage(columns * size, 2 * size);
        for (int b = 0; b < columns; b++)
        {
            var sample = batch.Samples[b];
            var wanted = new List<OverlayMask>();
            var got = new List<OverlayMask>();
            for (int n = 0; n < Math.Min(MostNames, sample.Names.Count); n++)
            {
                var name = sample.Names[n];
                int at = n;
                if (name.Mask is { } mask) wanted.Add(new(Enlarge(i => mask[i] >= 2, side, size), phrases.Text(name.Row)));
                got.Add(new(Enlarge(i => sample.Valid[i] > 0 && logits[(b * names + at) * side * side + i] > Threshold, side, size), phrases.Text(name.Row)));
            }
            RgbImage image = Show(sample.Pixels, size);
            Place(OverlayPainter.Paint(image, wanted), sheet, b * size, 0);
            Place(OverlayPainter.Paint(image, got), sheet, b * size, size);
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, ImageEncoder.Png(sheet));
    }

    private static RgbImage Show(byte[] bgr, int size)
    {
        var image = new RgbImage(size, size);
        for (int i = 0; i < bgr.Length; i += 3) (image.Pixels[i], image.Pixels[i + 1], image.Pixels[i + 2]) = (bgr[i + 2], bgr[i + 1], bgr[i]);
        return image;
    }

    private static Rle Enlarge(Func<int, bool> cell, int side, int size)
    {
        var pixels = new bool[size * size];
        for (int y = 0; y < size; y++)
            for (int x = 0; x < size; x++) pixels[y * size + x] = cell(y * side / size * side + x * side / size);
        return Rle.FromBools(pixels, size, size);
    }

    private static void Place(RgbImage from, RgbImage to, int left, int top)
    {
        for (int y = 0; y < from.Height; y++) from.Row(y).CopyTo(to.Row(top + y)[(3 * left)..]);
    }
}
