namespace SemanticSam.Formats.Shapes;

/// <summary>Which pixels a polygon covers: programs differ by half a pixel all around.</summary>
public enum PolygonRule
{
    /// <summary>
    /// A pixel belongs to it when its center lies inside; (0, 0) is the corner of the first pixel. So do pycocotools and what is built
    /// on it (COCO, CVAT, datumaro). Outlines are written along the borders between pixels.
    /// </summary>
    Center,

    /// <summary>
    /// Corners are cut down to whole pixels, and the pixels of the outline belong to it. So do OpenCV's fillPoly (YOLO's training)
    /// and Pillow's polygon (LabelMe). Outlines are written through the centers of the pixels on the border.
    /// </summary>
    Inclusive,
}
