using System.Text;
using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>Names annotation files of formats that are not read, for the message that says so.</summary>
internal static class ForeignFormats
{
    private static readonly (string Mark, string What)[] Marks =
    [
        ("\"_via_img_metadata\"", "it is a project of the VGG Image Annotator; export it as COCO"),
        ("\"file_attributes\"", "it is an export of the VGG Image Annotator; export it as COCO"),
        ("\"classTitle\"", "it is of Supervisely; export it as COCO"),
        ("\"featureclass\"", "it is of SuperAnnotate; export it as COCO"),
        ("\"dataset_slug\"", "it is of V7 Darwin; export it as COCO"),
        ("<annotation>", "it is Pascal VOC, which has boxes alone; other programs make COCO of it"),
        ("<annotation ", "it is Pascal VOC, which has boxes alone; other programs make COCO of it"),
        ("\"captions\"", "it holds captions and no masks"),
        ("\"questions\"", "it holds questions and no masks"),
        ("\"FeatureCollection\"", "it is GeoJSON, whose coordinates are of the earth and not of an image"),
        ("\"Label\":", "it is of Labelbox; export it as COCO"),
    ];

    /// <summary>Such as ": it is Pascal VOC, ..."; empty for what is not known.</summary>
    public static string Describe(string path)
    {
        try
        {
            using var stream = RegularFile.OpenRead(path);
            var start = new byte[1 << 16];
            int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            string text = Encoding.UTF8.GetString(start, 0, read);
            return Marks.FirstOrDefault(m => text.Contains(m.Mark, StringComparison.Ordinal)).What is { } what ? $": {what}" : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
