using System.Text;
using SemanticSam.Formats;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>Files of formats that are not read: each is named, and what can be done is said. Contents are shaped as the programs write them.</summary>
public sealed class ForeignFormatsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        return _folder.Write(name, Encoding.UTF8.GetBytes(text));
    }

    private static string Refusal(string path) => Assert.Throws<AnnotationFileException>(() => AnnotationReader.Open(path)).Message;

    [Theory]
    [InlineData("default.json", """{"dm_format_version": "1.0", "infos": {}, "categories": {"label": {"labels": [{"name": "cat"}]}}, "items": []}""",
        "Datumaro", "datum convert -f coco")]
    [InlineData("default.json", """{"info": {}, "categories": {"label": {}}, "items": [{"id": "a", "annotations": [{"type": "mask", "label_id": 0}]}]}""",
        "Datumaro", "datum convert -f coco")]
    [InlineData("createml.json", """[{"image": "a.jpg", "annotations": [{"label": "cat", "coordinates": {"x": 5, "y": 5, "width": 2, "height": 2}}]}]""",
        "Create ML", "boxes alone")]
    [InlineData("createml.json", """[{"imagefilename": "a.jpg", "annotation": [{"label": "cat", "coordinates": {"x": 5, "y": 5}}]}]""",
        "Create ML", "boxes alone")]
    [InlineData("via.json", """{"a.jpg1024": {"filename": "a.jpg", "size": 1024, "regions": [], "file_attributes": {}}}""", "VGG Image Annotator", "as COCO")]
    [InlineData("via.csv", "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes\na.jpg,9,{},1,0,{},{}\n",
        "VGG Image Annotator", "as COCO")]
    [InlineData("via.json", """{"a.jpg9": {"filename": "a.jpg", "size": 9, "regions": [{"shape_attributes": {"name": "rect"}, "region_attributes": {}}]}}""",
        "VGG Image Annotator", "as COCO")]
    [InlineData("a.json", """{"width": 9, "height": 9, "objects": [{"key": "x", "label": "car", "polygon": [[1, 1], [9, 1], [9, 9]]}]}""",
        "Mapillary Vistas", "PNGs of label numbers")]
    [InlineData("a.odgt", """{"ID": "273271,c9db", "gtboxes": [{"tag": "person", "hbox": [1, 1, 5, 5], "fbox": [1, 1, 9, 9]}]}""", "CrowdHuman", "as COCO")]
    [InlineData("export.json", """[{"ID": "c", "DataRow ID": "d", "Labeled Data": "https://x/a.jpg", "Label": {"objects": [{"instanceURI": "https://y"}]}}]""",
        "Labelbox", "as COCO")]
    [InlineData("export.ndjson", """{"data_row": {"id": "c", "global_key": "a.jpg"}, "media_attributes": {}, "projects": {"p": {"labels": []}}}""",
        "Labelbox", "COCO or masks")]
    [InlineData("a.json", """{"version": "2.0", "schema_ref": "https://x", "item": {"name": "a.jpg", "slots": [{}]}, "annotations": []}""",
        "V7 Darwin", "as COCO")]
    [InlineData("a.json", """{"dataset": "x", "image": {"width": 9, "height": 9}, "annotations": [{"name": "c", "polygon": {"path": [{"x": 1, "y": 2}]}}]}""",
        "V7 Darwin", "as COCO")]
    [InlineData("a.json", """{"metadata": {"name": "a.jpg"}, "instances": [{"type": "polygon", "className": "cat", "points": [1, 2, 3, 4, 5, 6]}]}""",
        "SuperAnnotate", "as COCO")]
    [InlineData("annotations.json", """[{"version": 0, "tags": [], "shapes": [{"type": "polygon", "points": [1, 2], "frame": 0}], "tracks": []}]""",
        "backup of a task of CVAT", "CVAT for images")]
    [InlineData("a_gtFine_polygons.json", """{"imgHeight": 9, "imgWidth": 9, "objects": [{"label": "road", "polygon": [[0, 0], [1, 0], [1, 1]]}]}""",
        "Cityscapes", "PNGs of label numbers")]
    [InlineData("bdd.json", """[{"name": "a.jpg", "labels": [{"category": "car", "poly2d": [{"vertices": [[1, 2]]}]}]}]""", "BDD100K", "COCO")]
    [InlineData("set.ndjson", "{\"type\": \"dataset\", \"task\": \"segment\", \"class_names\": {\"0\": \"cat\"}}\n{\"type\": \"image\"}\n",
        "Ultralytics", "YOLO")]
    [InlineData("metadata.jsonl", """{"file_name": "a.jpg", "objects": {"bbox": [[1, 2, 3, 4]], "categories": [0]}}""",
        "Hugging Face", "boxes alone")]
    [InlineData("out.jsonl", """{"image": "a.jpg", "prefix": "detect cat", "suffix": "<loc0010><loc0020><loc0030><loc0040> cat"}""", "PaliGemma", "as COCO")]
    [InlineData("a.xml", "<annotation><filename>a.jpg</filename><object><name>cat</name><bndbox><xmin>1</xmin></bndbox></object></annotation>",
        "Pascal VOC", "boxes alone")]
    [InlineData("a.xml", "<annotation verified=\"no\"><object><name>cat</name><polygon><x1>1</x1><y1>2</y1></polygon></object></annotation>",
        "Pascal VOC with polygons", "as COCO")]
    [InlineData("a.xml", "<annotation><object><polygon><pt><x>1</x><y>2</y></pt></polygon></object></annotation>", "LabelMe's first version", "COCO")]
    [InlineData("metadata.csv", "id,area,bbox_x0,point_input_x,predicted_iou,stability_score,crop_box_x0\n0,500,0,5,0.9,0.95,0\n", "SAM's own script",
        "--convert-to-rle")]
    [InlineData("train.csv", "ImageId,EncodedPixels\na.jpg,1 3 10 5\n", "competition on Kaggle", "down each column")]
    [InlineData("train.csv", "id,class,segmentation\ncase1_day0,stomach,28094 3 28358 7\n", "competition on Kaggle", "down each column")]
    [InlineData("boxes.csv", "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded\na,verification,/m/01,1,0.1,0.2,0.1,0.2,0\n",
        "Open Images", "FiftyOne")]
    [InlineData("masks.csv", "MaskPath,ImageID,LabelName,BoxID,BoxXMin\na_m01.png,a,/m/01,b,0.1\n", "Open Images", "PNGs hold the masks")]
    [InlineData("_annotations.csv", "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,20,10,cat,2,2,8,6\n", "boxes as for TensorFlow", "as COCO")]
    [InlineData("_classes.csv", "filename, cat, dog\na.jpg, 1, 0\n", "classes of each image", "nothing of places")]
    [InlineData("other.csv", "a,b\n1,x\n", "a table, which cannot be read", "as COCO")]
    [InlineData("a.txt", "imagesource:GoogleEarth\ngsd:0.14\n807 331 800 324 817 309 823 316 ship 0\n", "DOTA", "YOLO")]
    [InlineData("a.txt", "807 331 800 324 817 309 823 316 ship 0\n", "DOTA", "YOLO")]
    [InlineData("a.txt", "Car 0.00 0 -1.57 614.24 181.78 727.31 284.77 1.57 1.73 4.15 1.00 1.75 13.22 -1.62\n", "KITTI", "boxes alone")]
    [InlineData("gt.txt", "1,1,912,484,97,109,0,7,1\n2,1,912,484,97,109,0,7,1\n", "MOT", "as COCO")]
    [InlineData("a.txt", "684,8,273,116,0,0,0,0\n406,119,265,70,0,4,0,0,\n", "VisDrone", "labels of YOLO")]
    [InlineData("0001.txt", "0 2001 2 375 1242 WSV:2d;1O10000O\n", "MOTS", "COCO")]
    [InlineData("a.geojson.json", """[{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": []}, "properties": {"objectType": "annotation"}}]""",
        "GeoJSON of QuPath", "index-png")]
    [InlineData("a.json", """{"predictions": [{"x": 5, "y": 4, "class": "cat", "confidence": 0.9}], "image": {"width": 9, "height": 9}}""", "Roboflow", "COCO")]
    [InlineData("a.json", """[{"name": "cat", "class": 0, "confidence": 0.9, "box": {"x1": 1, "y1": 2, "x2": 9, "y2": 8}, "segments": {"x": [1], "y": [2]}}]""",
        "results of Ultralytics", "save_txt")]
    [InlineData("a.json", """{"labels": [0], "scores": [0.9], "bboxes": [[1, 2, 9, 8]], "masks": [{"size": [9, 9], "counts": "a"}]}""", "MMDetection", "COCO")]
    [InlineData("r.json", """{"name": "v1", "dataset": {"name": "a/b", "task_type": "segmentation-bitmap", "samples": [{"name": "a.jpg", "labels": {}}]}}""",
        "Segments.ai", "COCO")]
    [InlineData("000001.json", """{"source": "shop", "pair_id": 1, "item1": {"segmentation": [[1, 2, 3, 4, 5, 6]], "category_name": "skirt"}}""",
        "DeepFashion2", "COCO")]
    [InlineData("a.json", """{"id": "x", "datasetId": "y", "filename": "/a.jpg", "annotations": [{"type": "segment", "coordinates": [[{"x": 1, "y": 2}]]}]}""",
        "Dataloop", "COCO")]
    [InlineData("a.json", """{"annotations": [{"label": "cat", "vertices": [{"x": 1, "y": 2}]}], "task_id": "x"}""", "Scale AI", "as COCO")]
    [InlineData("a.json", """{"label_classes": [], "export_format_version": "1.1", "images": [{"image_name": "a.jpg", "labels": []}]}""", "Hasty", "as COCO")]
    [InlineData("a.json", """[{"class": "image", "filename": "a.jpg", "annotations": [{"class": "rect", "x": 1}]}]""", "sloth", "as COCO")]
    [InlineData("a.json", """{"image_filename": "a.jpg", "annotations": [{"label": "cat", "polygon": [1, 2]}]}""", "RectLabel", "as COCO")]
    [InlineData("a.jsonl", """{"image": "a.jpg", "spans": [{"points": [[1, 2]], "label": "cat"}]}""", "Prodigy", "as COCO")]
    [InlineData("labels.csv", "cat,20,20,60,40,a.jpg,200,100\n", "makesense", "as COCO")]
    [InlineData("labels.csv", "set/a.jpg,10,20,80,60,cat\n", "RetinaNet", "as COCO")]
    [InlineData("a.txt", "0--Parade/a.jpg\n1\n449 330 122 149 0 0 0 0 0 0\n", "WIDER FACE", "boxes alone")]
    [InlineData("a.xml", "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0\"/></svg>", "SVG", "PNGs")]
    [InlineData("a.json", "<!DOCTYPE html><html><body>Sign in</body></html>", "a web page", "log in")]
    [InlineData("a.json", "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n", "a pointer of Git LFS", "git lfs pull")]
    [InlineData("a.json", "", "empty", "known are")]
    [InlineData("a.json", "{}", "JSON without anything in it", "known are")]
    [InlineData("export.zip", "PK\u0003\u0004", "ZIP archive", "unpack it")]
    public void File_OfAnotherFormat_IsNamedWithACure(string name, string content, string format, string cure)
    {
        string message = Refusal(Write(name, content));
        Assert.StartsWith($"{name}: it is of no known annotation format: it is ", message);
        Assert.Contains(format, message);
        Assert.Contains(cure, message);
        string folder = Path.GetDirectoryName(Write($"set/deep/{name}", content))!;
        if (name.EndsWith(".zip", StringComparison.Ordinal)) return;
        Assert.Contains($"(deep/{name} is ", message = Refusal(Path.GetDirectoryName(folder)!));
        Assert.Contains(format, message);
    }

    /// <summary>A project of several files is named by the one that tells.</summary>
    [Fact]
    public void SuperviselyProject_IsNamed()
    {
        Write("p/meta.json", """{"classes": [{"title": "cat", "shape": "bitmap"}], "tags": [], "projectType": "images"}""");
        Write("p/ds/ann/a.jpg.json", """{"size": {"height": 9, "width": 9}, "objects": [{"classTitle": "cat", "geometryType": "bitmap"}]}""");
        Assert.Contains("(ds/ann/a.jpg.json is of Supervisely; export it as COCO)", Refusal(_folder.File("p")));
    }

    [Fact]
    public void VideosAsCoco_AreNamed() => Assert.Contains("it is a set of videos (YouTube-VIS)",
        Refusal(Write("v.json", """{"videos": [{"id": 1}], "categories": [{"id": 1, "name": "cat"}], "annotations": [{"segmentations": [null]}]}""")));

    /// <summary>Masks as PNGs alone tell nothing of themselves; what they could be is said.</summary>
    [Fact]
    public void FolderOfPngs_SaysWhatTheyCouldBe()
    {
        Directory.CreateDirectory(_folder.File("masks"));
        _folder.Write("masks/a.png", SemanticSam.Imaging.ImageEncoder.Png(new SemanticSam.Imaging.RgbImage(4, 4)));
        var refusal = Assert.Throws<AnnotationFileException>(() => AnnotationReader.Open(_folder.File("masks")));
        Assert.EndsWith("if its PNGs are masks whose values are classes, they are index-png.", refusal.Message);
        Assert.Equal(AnnotationNeed.Format, refusal.Need);
    }

    /// <summary>What is read is not taken for something else.</summary>
    [Theory]
    [InlineData("r.jsonl", """{"image": {"file_name": "a.jpg", "width": 4, "height": 2}, "model": {"name": "m", "sha256": "0"}, "annotations": []}""")]
    [InlineData("l/labels/a.txt", "0,0.1,0.2,0.5,0.2,0.5,0.8,0.1,0.8\n")]
    [InlineData("c.json", """{"images": [], "annotations": [{"image_id": 1, "caption": "a cat"}], "categories": []}""")]
    public void File_ThatIsRead_IsNotNamed(string name, string content)
    {
        using var reader = AnnotationReader.Open(Write(name, content), null, new() { Problem = _ => { } });
        Assert.NotNull(reader);
    }
}
