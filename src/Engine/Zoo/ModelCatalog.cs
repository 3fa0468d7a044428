namespace SemanticSam.Engine.Zoo;

/// <summary>The models this program knows by name: facts as their authors publish them.</summary>
internal static class ModelCatalog
{
    /// <summary>Name of the model that is used when none is asked for.</summary>
    public const string DefaultName = "semsam-nano";

    private const string Everything = "points, boxes, masks, everything mode";

    /// <summary>All known models, the embedded one first.</summary>
    public static IReadOnlyList<KnownModel> Models { get; } =
    [
        new(DefaultName, ModelFamily.Nano, "ConvNet", ModelPackage.WeightsFile, "MIT", "text, points, boxes, masks, everything mode") { Embedded = true },
        new("semantic-sam-swint", ModelFamily.SemanticSam, "Swin-T", "swint_only_sam_many2many.pth", "Apache-2.0", "points, boxes, everything mode by level")
        {
            Address = new("https://github.com/UX-Decoder/Semantic-SAM/releases/download/checkpoint/swint_only_sam_many2many.pth"),
        },
        new("semantic-sam-swinl", ModelFamily.SemanticSam, "Swin-L", "swinl_only_sam_many2many.pth", "Apache-2.0", "points, boxes, everything mode by level")
        {
            Address = new("https://github.com/UX-Decoder/Semantic-SAM/releases/download/checkpoint/swinl_only_sam_many2many.pth"),
        },
        new("sam-vit-b", ModelFamily.Sam, "ViT-B", "sam_vit_b_01ec64.pth", "Apache-2.0", Everything)
        {
            Address = new("https://dl.fbaipublicfiles.com/segment_anything/sam_vit_b_01ec64.pth"),
            Size = 375_042_383,
            Sha256 = "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
        },
        new("sam-vit-l", ModelFamily.Sam, "ViT-L", "sam_vit_l_0b3195.pth", "Apache-2.0", Everything)
        {
            Address = new("https://dl.fbaipublicfiles.com/segment_anything/sam_vit_l_0b3195.pth"),
            Size = 1_249_524_607,
            Sha256 = "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
        },
        new("sam-vit-h", ModelFamily.Sam, "ViT-H", "sam_vit_h_4b8939.pth", "Apache-2.0", Everything)
        {
            Address = new("https://dl.fbaipublicfiles.com/segment_anything/sam_vit_h_4b8939.pth"),
            Size = 2_564_550_879,
            Sha256 = "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
        },
        new("mobile-sam", ModelFamily.MobileSam, "TinyViT", "mobile_sam.pt", "Apache-2.0", Everything)
        {
            Address = new("https://github.com/ChaoningZhang/MobileSAM/raw/master/weights/mobile_sam.pt"),
            Size = 40_728_226,
            Sha256 = "6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
        },
        new("openseed-swint", ModelFamily.OpenSeeD, "Swin-T", "model_state_dict_swint_51.2ap.pt", "Apache-2.0", "text")
        {
            Address = new("https://github.com/IDEA-Research/OpenSeeD/releases/download/openseed/model_state_dict_swint_51.2ap.pt"),
        },
        new("openseed-swinl", ModelFamily.OpenSeeD, "Swin-L", "openseed_swinl_pano_sota.pt", "Apache-2.0", "text")
        {
            Address = new("https://github.com/IDEA-Research/OpenSeeD/releases/download/coco_pano_sota_swinl/openseed_swinl_pano_sota.pt"),
        },
        new("clip-vit-b-32", ModelFamily.Clip, "ViT-B/32", "ViT-B-32.pt", "MIT", "text embeddings")
        {
            Address = new("https://openaipublic.azureedge.net/clip/models/40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af/ViT-B-32.pt"),
            Sha256 = "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af",
        },
        new("clip-vit-b-16", ModelFamily.Clip, "ViT-B/16", "ViT-B-16.pt", "MIT", "text embeddings")
        {
            Address = new("https://openaipublic.azureedge.net/clip/models/5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f/ViT-B-16.pt"),
            Sha256 = "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f",
        },
    ];

    /// <summary>The model of a name (upper and lower case alike), or null.</summary>
    public static KnownModel? Find(string name) => Models.FirstOrDefault(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
