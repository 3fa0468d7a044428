using SemanticSam.Formats.Coco;
using SemanticSam.Formats.Cvat;
using SemanticSam.Formats.LabelMe;
using SemanticSam.Formats.LabelStudio;
using SemanticSam.Formats.Png;
using SemanticSam.Formats.Results;
using SemanticSam.Formats.Sa1b;
using SemanticSam.Formats.Voc;
using SemanticSam.Formats.Yolo;
using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>Which class reads and which writes a format: what <see cref="AnnotationReader.Open"/> and <see cref="AnnotationWriter.Create"/> do.</summary>
internal static class AnnotationFiles
{
    /// <inheritdoc cref="AnnotationReader.Recognize"/>
    public static (AnnotationFormat Format, string Path) Recognize(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequireRegular(path);
        if (Directory.Exists(path)) ReadableFolders.Require(path);
        return FormatRecognition.Of(path);
    }

    /// <inheritdoc cref="AnnotationReader.Open"/>
    public static AnnotationReader Open(string path, AnnotationFormat? format = null, AnnotationReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= AnnotationReadOptions.Default;
        RequireRegular(path);
        if (options.Names is { } names) RequireRegular(names);
        if (Directory.Exists(path)) ReadableFolders.Tell(path, new(options.Problem, options.Strict));
        if (options.Images is { } images && Directory.Exists(images)) ReadableFolders.Require(images);
        if (format is null || (Directory.Exists(path) && AnnotationFormats.IsOneFile(format.Value))) (format, path) = FormatRecognition.Of(path);
        if (!File.Exists(path) && !Directory.Exists(path)) throw new FileNotFoundException($"There is no file or folder '{path}'.", path);
        try
        {
            return format switch
            {
                AnnotationFormat.Coco when Directory.Exists(path) => new CocoSplitsReader(path, options),
                AnnotationFormat.Coco => new CocoReader(path, options),
                AnnotationFormat.Sa1b => new Sa1bReader(path, options),
                AnnotationFormat.Result => new ResultReader(path, options),
                AnnotationFormat.LabelMe => new LabelMeReader(path, options),
                AnnotationFormat.Yolo => new YoloReader(path, options),
                AnnotationFormat.Cvat => new CvatReader(path, options),
                AnnotationFormat.IndexPng => new IndexPngReader(path, options),
                AnnotationFormat.MaskPng when Directory.Exists(path) && ObjectMasks.Of(path) is { Count: > 0 } objects
                    => new ObjectMasksReader(path, options, objects),
                AnnotationFormat.MaskPng => new MaskPngReader(path, options),
                AnnotationFormat.LabelStudio => new LabelStudioReader(path, options),
                AnnotationFormat.Voc => new VocReader(path, options),
                _ => throw new NotSupportedException($"{AnnotationFormats.Name(format.Value)} can only be written."),
            };
        }
        catch (Exception e) when (e is IOException and not FileNotFoundException or UnauthorizedAccessException)
        {
            throw new AnnotationFileException(Path.GetFileName(path), "", $"cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <summary>A pipe would be waited for without end.</summary>
    private static void RequireRegular(string path)
    {
        if (FileKinds.Of(path) == FileKind.Special)
            throw new AnnotationFileException(Path.GetFileName(path), "", "it is a pipe, a socket or a device; a file or a folder is needed");
    }

    /// <inheritdoc cref="AnnotationWriter.Create"/>
    public static AnnotationWriter Create(string path, AnnotationFormat format, AnnotationWriteOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= AnnotationWriteOptions.Default;
        if (!AnnotationFormats.IsOneFile(format) && File.Exists(path))
            throw new IOException($"{path}: {AnnotationFormats.Name(format)} needs a folder, but there is a file of that name.");
        return format switch
        {
            AnnotationFormat.Coco => new CocoWriter(path, options),
            AnnotationFormat.Sa1b => new Sa1bWriter(path, options),
            AnnotationFormat.LabelMe => new LabelMeWriter(path, options),
            AnnotationFormat.Yolo => new YoloWriter(path, options),
            AnnotationFormat.Cvat => new CvatWriter(path, options),
            AnnotationFormat.IndexPng => new IndexPngWriter(path, options),
            AnnotationFormat.MaskPng => new MaskPngWriter(path, options),
            AnnotationFormat.Cutout => new CutoutWriter(path, options),
            _ => throw new NotSupportedException($"{AnnotationFormats.Name(format)} can only be read."),
        };
    }
}
