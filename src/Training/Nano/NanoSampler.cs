using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Nano;

/// <summary>Draws training samples: which image, how it is seen, what is pasted into it, and what is asked.</summary>
internal sealed class NanoSampler
{
    private const int Tries = 100; // of images that cannot be decoded
    private const int LeastCells = 4; // of 2 x 2 pixels: less of a thing is neither there nor absent
    private const double LeastPasted = 0.08, MostPasted = 0.5;

    private readonly IReadOnlyList<AnnotatedImage> _images;
    private readonly NanoNames _names;
    private readonly NameDraw _draw;
    private readonly PlaceDraw _places;
    private readonly ViewDraw _views;
    private readonly PasteSource _things;
    private readonly NanoSampleOptions _options;
    private readonly double[] _sums;
    private readonly bool[] _asked; // by query
    private readonly PhotoMemory _photos = new();
    private readonly ReadableImages _readable;

    // only: what is asked, of images that tell of it; null for all.
    public NanoSampler(IReadOnlyList<AnnotatedImage> images, NanoNames names, PhraseBook phrases, NanoSampleOptions options, IReadOnlyList<double> levelSizes,
        ReadableImages? readable = null, IReadOnlySet<QueryName>? only = null)
    {
        (_names, _options, _readable) = (names, options, readable ?? new(null));
        _asked = [.. names.Queries.Select(q => only is null || only.Contains(q.Named))];
        _images = only is null ? images : [.. images.Where(i => Asked(i).Any()
            || i.AbsentCategories.Any(c => only.Contains(new(c.Name, null)) || only.Contains(new(c.Name, c.Supercategory))))];
        _draw = new NameDraw(names, phrases, options, _asked);
        _places = new PlaceDraw(options, levelSizes);
        _views = new ViewDraw(options);
        _things = new PasteSource(images, names);
        _sums = PasteSource.Sums([.. _images.Select(Weight)]);
    }

    /// <summary>Things that may be pasted.</summary>
    public int Things => _things.Count;

    /// <summary>Draws a sample; the same random numbers give the same sample.</summary>
    /// <exception cref="InvalidDataException">So many images cannot be decoded that there is none to learn from.</exception>
    public NanoSample Draw(Random random)
    {
        for (int i = 0; i < Tries; i++)
        {
            int at = Array.BinarySearch(_sums, random.NextDouble() * _sums[^1]);
            var image = _images[Math.Min(at < 0 ? ~at : at, _images.Count - 1)];
            if (_readable.Decode(image, _photos.Get) is { } photo) return Draw(image, photo, random);
        }
        throw new InvalidDataException($"None of {Tries} images that were drawn can be decoded.");
    }

    /// <summary>Draws a sample of one image.</summary>
    public NanoSample Draw(AnnotatedImage image, Random random) => Draw(image, _photos.Get(image.Path!), random);

    private NanoSample Draw(AnnotatedImage image, RgbImage photo, Random random)
    {
        int size = _options.Size, grid = size / CanvasMask.Cell;
        CanvasView view = _views.Draw(image, photo.Width, photo.Height, random);
        var pixels = new CanvasPixels(size);
        pixels.Draw(photo, view, CanvasColor.Draw(random));
        var masks = image.Annotations.Select(a => CanvasMask.See(a, view, grid)).OfType<CanvasMask>().ToList();
        var categories = NanoNames.KeysOf(image.Annotations).ToList();
        if (_things.Count > 0 && random.NextDouble() < _options.PasteShare)
            for (int i = random.Next(1, _options.MostPasted + 1); i > 0; i--) Paste(pixels, masks, categories, random);
        var valid = new byte[grid / 2 * (grid / 2)];
        CanvasMask.Halve(pixels.Valid, grid, valid);
        masks.RemoveAll(m => m.Area < LeastCells);
        var (clicks, regions, planes) = _places.Draw(masks, WholePartDataset.IncompleteSources.Contains(image.Source ?? "") ? null : pixels.Valid, random);
        return new NanoSample
        {
            Image = image, Pixels = pixels.Bytes, Valid = valid, Names = _draw.Draw(image, categories, masks, random), Clicks = clicks,
            Regions = regions, Masks = planes,
        };
    }

    /// <summary>The queries that an image shows, of those that are asked.</summary>
    private IEnumerable<int> Asked(AnnotatedImage image) => _names.Shown(NanoNames.KeysOf(image.Annotations)).Where(q => _asked[q]);

    /// <summary>The rarest name that an image shows decides how often it is drawn.</summary>
    private double Weight(AnnotatedImage image)
    {
        int rarest = Asked(image).Where(q => _names.Queries[q].Whole is null).Select(q => _names.Queries[q].Images).DefaultIfEmpty(int.MaxValue).Min();
        return Math.Clamp(Math.Sqrt(_options.RareShare * _images.Count / rarest), 1, _options.MostWeight);
    }

    private void Paste(CanvasPixels pixels, List<CanvasMask> masks, List<CategoryKey> categories, Random random)
    {
        var (image, thing) = _things.Draw(random);
        Rle mask = thing[0].Mask;
        if (_readable.Decode(image, _photos.Get) is not { } photo) return;
        int grid = pixels.Size / CanvasMask.Cell;
        double target = pixels.Size * LeastPasted * Math.Pow(MostPasted / LeastPasted, random.NextDouble());
        double scale = Math.Min(target / Math.Sqrt((double)mask.Bounds.Width * mask.Bounds.Height), 2);
        bool mirror = random.Next(2) == 0 && !ViewDraw.IsSided(image);
        double middleX = (mask.Bounds.Left + mask.Bounds.Right) / 2.0, middleY = (mask.Bounds.Top + mask.Bounds.Bottom) / 2.0;
        (double, double) place = (pixels.Size * (0.1 + 0.8 * random.NextDouble()), pixels.Size * (0.1 + 0.8 * random.NextDouble()));
        if (pixels.Valid[(int)(place.Item2 / CanvasMask.Cell) * grid + (int)(place.Item1 / CanvasMask.Cell)] == 0) return;
        var view = CanvasView.Create((middleX, middleY), place, (mirror ? -1 : 1) * scale, scale, 0);
        if (CanvasMask.See(thing[0], view, grid) is not { } whole) return;
        pixels.Paste(photo, mask.ToBytes(), view, CanvasColor.Draw(random),
            view.Bounds(mask.Bounds.Left, mask.Bounds.Top, mask.Bounds.Right, mask.Bounds.Bottom));
        foreach (var covered in masks) covered.Erase(whole);
        masks.Add(whole);
        masks.AddRange(thing.Skip(1).Select(p => CanvasMask.See(p, view, grid)).OfType<CanvasMask>());
        categories.AddRange(NanoNames.KeysOf(thing));
    }
}
