using CsCheck;
using SemanticSam.Formats;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Pure.Formats;

/// <summary>Annotated images with everything that can be said about a mask.</summary>
internal static class FormatSamples
{
    private static Gen<T> Among<T>(params T[] values) => Gen.OneOf([.. values.Select(Gen.Const)]);

    private static readonly Gen<string> Name = Among("car", "person", "wheel", "traffic light", "Straße", "glass of wine", "狗", "a \"b\" <c> & 'd'", "x: #y");

    private static readonly Gen<float?> Score = Gen.OneOf(Gen.Const((float?)null), Gen.Float[0, 1].Select(f => (float?)f));

    private static readonly Gen<AnnotationName?> Named = Gen.OneOf(Gen.Const((AnnotationName?)null),
        Gen.Select(Name, Score, (n, s) => (AnnotationName?)new AnnotationName(n, s)));

    private static readonly Gen<AnnotationRole?> Role = Among<AnnotationRole?>(null, AnnotationRole.Whole, AnnotationRole.Part,
        AnnotationRole.Stuff, AnnotationRole.Region);

    /// <summary>Sets of small images. Every field of an annotation takes all kinds of values.</summary>
    public static readonly Gen<AnnotatedImage[]> Set =
        from count in Gen.Int[1, 4]
        from images in Image.Array[count]
        select images.Select((p, i) => p with { FileName = $"{(i % 2 == 0 ? "" : "sub/")}image {i}.jpg", Id = i + 10 }).ToArray();

    private static Gen<AnnotatedImage> Image =>
        from h in Gen.Int[1, 24]
        from w in Gen.Int[1, 30]
        from count in Gen.Int[0, 6]
        from masks in Mask(h, w).Array[count]
        from fields in Fields.Array[count]
        from parents in Gen.Int[-6, 5].Array[count]
        from license in Among<ImageLicense?>(null, new ImageLicense("MIT", "https://example.org/mit", "s", "LICENSE: MIT"), new ImageLicense("research"))
        select new AnnotatedImage
        {
            FileName = "", Width = w, Height = h, License = license, Source = license?.Source,
            // A parent stands before its parts or behind them, but never leads back: it has the lower number.
            Annotations =
                [.. fields.Select((f, i) => f with { Mask = masks[i], Id = count - i, Parent = parents[i] > 0 && parents[i] < count - i ? parents[i] : null })],
        };

    private static Gen<Annotation> Fields =>
        from whole in Named
        from part in Named
        from family in Among<string?>(null, "vehicle", "thing")
        from role in Role
        from level in Among<GranularityLevel?>(null, GranularityLevel.Scene, GranularityLevel.Whole, GranularityLevel.Detail)
        from scores in Gen.Select(Score, Score, Score)
        from point in Gen.OneOf(Gen.Const(((double, double)?)null), Gen.Select(Gen.Double[0, 30], Gen.Double[0, 30], (x, y) => ((double, double)?)(x, y)))
        from numbers in Gen.Int[-3, 7].Array[2]
        from flags in Gen.Bool.Array[4]
        from kind in Among<string?>(null, "component", "group")
        select new Annotation
        {
            Mask = Rle.Empty(1, 1), Whole = whole, Part = part, Supercategory = whole is not null && part is null ? family : null, Role = role,
            Level = level, Score = scores.Item1,
            PredictedIou = scores.Item2, StabilityScore = scores.Item3, Point = point, CropBox = flags[3] ? (0, 1, 5.5, 7) : null,
            Prompt = numbers[0] < 0 ? null : numbers[0], Group = numbers[1] < 0 ? null : numbers[1],
            IsCrowd = flags[0], IsWeak = flags[1], IsDerived = flags[2], Kind = kind,
        };

    /// <summary>Not empty: an annotation without pixels is none.</summary>
    public static Gen<Rle> Mask(int h, int w) => Gen.OneOf(
        Gen.Byte[0, 1].Array[h * w].Select(p => Rle.FromBytes(p, h, w)),
        Gen.Byte[0, 9].Array[h * w].Select(p => Rle.FromBytes([.. p.Select(b => b > 1 ? (byte)1 : (byte)0)], h, w)),
        Gen.Select(Gen.Int[0, h - 1], Gen.Int[0, w - 1], Gen.Int[1, h], Gen.Int[1, w], (y, x, dy, dx) => Rle.FromBox(h, w, new(x, y, x + dx, y + dy))))
        .Select(m => m.IsEmpty ? Rle.Full(h, w) : m);

    /// <summary>Everything compared, masks pixel by pixel.</summary>
    public static void AssertSame(IReadOnlyList<AnnotatedImage> expected, IReadOnlyList<AnnotatedImage> actual, Func<Annotation, Annotation>? keeps = null,
        Func<AnnotatedImage, AnnotatedImage>? keepsOfImage = null)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (e, a) in expected.Zip(actual))
        {
            var kept = keepsOfImage?.Invoke(e) ?? e;
            Assert.Equal(kept, a, ImageOnly.Instance);
            Assert.Equal(e.Annotations.Select(x => keeps?.Invoke(x) ?? x), a.Annotations);
        }
    }

    private sealed class ImageOnly : IEqualityComparer<AnnotatedImage>
    {
        public static readonly ImageOnly Instance = new();

        public bool Equals(AnnotatedImage? x, AnnotatedImage? y) =>
            (x!.FileName, x.Width, x.Height, x.Id, x.Source, x.License) == (y!.FileName, y.Width, y.Height, y.Id, y.Source, y.License);

        public int GetHashCode(AnnotatedImage image) => image.FileName.GetHashCode();
    }

    /// <summary>Writes a set and reads it again; problems fail the test.</summary>
    public static (List<AnnotatedImage> Images, OutlineLoss Loss) ThereAndBack(IEnumerable<AnnotatedImage> images, string path, AnnotationFormat format,
        AnnotationWriteOptions? write = null, AnnotationReadOptions? read = null)
    {
        using var writer = AnnotationFiles.Create(path, format, write);
        foreach (var image in images) writer.Write(image);
        writer.Complete();
        using var reader = AnnotationFiles.Open(path, null, read);
        return ([.. reader.Read()], writer.Loss);
    }
}
