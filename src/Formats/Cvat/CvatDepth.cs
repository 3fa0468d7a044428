using System.Xml;

namespace SemanticSam.Formats.Cvat;

/// <summary>
/// Whether a document is nested deeper than any of CVAT's. The reader of XML takes any depth, but what is built of an element is walked by recursion, and
/// some ten thousand levels would end the process.
/// </summary>
internal static class CvatDepth
{
    /// <summary>Levels that are allowed; CVAT writes six.</summary>
    public const int Deepest = 64;

    /// <summary>Passes over the document once.</summary>
    /// <exception cref="XmlException">It is deeper, or no XML.</exception>
    public static bool Require(string path, string? encoding)
    {
        using var xml = CvatReader.OpenXml(path, encoding);
        while (xml.Read())
            if (xml.Depth > Deepest)
            {
                var at = xml as IXmlLineInfo;
                throw new XmlException($"it is nested more than {Deepest} deep", null, at?.LineNumber ?? 0, at?.LinePosition ?? 0);
            }
        return true;
    }
}
