using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Sam.CpuDecoder;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Masks;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>SAM (arXiv 2304.02643) or MobileSAM (arXiv 2306.14289). Its state dict has the names of the published checkpoints.</summary>
internal sealed class SamModel : nn.Module
{
    private readonly nn.Module<Tensor, Tensor> image_encoder;
    private readonly PromptEncoder prompt_encoder;
    private readonly MaskDecoder mask_decoder;
    private readonly CpuMaskDecoder _cpuDecoder;
    private readonly ResizeLongestSide _resize;

    /// <summary>A model with random weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <exception cref="ArgumentException">Sizes are out of range or contradict each other.</exception>
    public SamModel(SamConfig config) : base(nameof(SamModel))
    {
        config.Validate();
        Config = config;
        _resize = new(config.ImageSize);
        image_encoder = config.Vit is { } vit ? new ImageEncoderViT(vit) : new TinyViT(config.TinyVit!);
        prompt_encoder = new PromptEncoder(config.Width, new LevelShape(config.Grid, config.Grid),
            new LevelShape(config.ImageSize, config.ImageSize), config.MaskChannels);
        var transformer = new TwoWayTransformer(config.DecoderDepth, config.Width, config.DecoderHeads, config.FeedForward);
        mask_decoder = new MaskDecoder(config.Width, transformer, config.MultimaskOutputs, config.IouHeadDepth, config.IouHeadWidth);
        _cpuDecoder = new CpuMaskDecoder(mask_decoder, prompt_encoder);
        RegisterComponents();
    }

    /// <summary>Sizes.</summary>
    public SamConfig Config { get; }

    /// <summary>The image encoder, an <see cref="ImageEncoderViT"/> or a <see cref="TinyViT"/>.</summary>
    public nn.Module<Tensor, Tensor> ImageEncoder => image_encoder;

    /// <summary>The prompt encoder.</summary>
    public PromptEncoder PromptEncoder => prompt_encoder;

    /// <summary>The mask decoder.</summary>
    public MaskDecoder MaskDecoder => mask_decoder;

    /// <summary>Side of its masks at low resolution.</summary>
    public int MaskSide => 4 * Config.Grid;

    /// <summary>The image as the encoder takes it: longer side resized, normalized, padded with zeros at the right and bottom.</summary>
    /// <param name="image">The image.</param>
    /// <returns>[1, 3, side, side] on the CPU, and the size before padding.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The image is so narrow that a side would become 0.</exception>
    public (Tensor Pixels, PixelSize Input) Preprocess(RgbImage image)
    {
        var resized = Resize.LongestSide(image, Config.ImageSize);
        return (ImageTensor.Create(resized, Config.ImageSize, Config.ImageSize), new PixelSize(resized.Height, resized.Width));
    }

    /// <summary>Encodes an image once, for any number of prompts.</summary>
    /// <param name="image">The image, of any size.</param>
    /// <returns>Out of any dispose scope.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The image is so narrow that a side would become 0.</exception>
    public SamFeatures Encode(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var (pixels, input) = Preprocess(image);
        return new(image_encoder.call(pixels.to(Device)).DetachFromDisposeScope(), new PixelSize(image.FullHeight, image.FullWidth), input);
    }

    /// <summary>Answers prompts.</summary>
    /// <param name="image">An encoded image.</param>
    /// <param name="prompts">In pixels of the original image.</param>
    /// <param name="multimask">True: three masks, for prompts that may mean several things. False: one.</param>
    /// <returns>Out of any dispose scope.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public SamPrediction Predict(SamFeatures image, SamPrompts prompts, bool multimask = true)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var (queries, keys, iou) = AttendIn(image, prompts);
        var (from, count) = Outputs(multimask);
        return new(Draw(queries, keys, multimask).DetachFromDisposeScope(), iou.narrow(1, from, count).DetachFromDisposeScope());
    }

    /// <summary>The predicted IoUs of prompts, and what is needed to draw the masks of those worth it.</summary>
    /// <returns>Out of any dispose scope.</returns>
    internal SamTokens Attend(SamFeatures image, SamPrompts prompts)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var (queries, keys, iou) = AttendIn(image, prompts);
        return new(queries.DetachFromDisposeScope(), keys.DetachFromDisposeScope(), iou.DetachFromDisposeScope());
    }

    /// <summary>Masks of some of the prompts, at low resolution.</summary>
    /// <param name="tokens">From <see cref="Attend"/>.</param>
    /// <param name="prompts">Which prompts.</param>
    /// <param name="multimask">As for <see cref="Predict"/>.</param>
    /// <returns>[prompts, 3 or 1, 4h, 4w] in the caller's dispose scope.</returns>
    internal Tensor Draw(SamTokens tokens, IReadOnlyList<int> prompts, bool multimask)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var rows = tensor([.. prompts.Select(p => (long)p)], device: Device);
        var (queries, keys) = prompts.Count == tokens.Iou.shape[0] ? (tokens.Queries, tokens.Keys)
            : (tokens.Queries.index_select(0, rows), tokens.Keys.index_select(0, rows));
        return Draw(queries, keys, multimask).MoveToOuterDisposeScope();
    }

    /// <summary>The first half of the decoder, by the way that suits the device; in the caller's dispose scope.</summary>
    private (Tensor Queries, Tensor Keys, Tensor Iou) AttendIn(SamFeatures image, SamPrompts prompts)
    {
        var embedded = Embed(image, prompts);
        return OnCpu is { } cpu ? cpu.Attend(image.Projected(cpu), image.Embedding, embedded)
            : mask_decoder.Attend(image.Embedding, prompt_encoder.DensePosition(), embedded);
    }

    /// <summary>The second half.</summary>
    private Tensor Draw(Tensor queries, Tensor keys, bool multimask)
    {
        var (from, count) = Outputs(multimask);
        return OnCpu is { } cpu ? cpu.Draw(queries, keys, Config.Grid, Config.Grid, from, count)
            : mask_decoder.Draw(queries, keys, Config.Grid, Config.Grid, from, count);
    }

    /// <summary>The decoder for inference on a CPU; null where the model is elsewhere.</summary>
    private CpuMaskDecoder? OnCpu => Device.type == DeviceType.CPU ? _cpuDecoder : null;

    /// <summary>The decoder's masks for prompts that may mean several things, or the one for those that do not.</summary>
    private (long From, long Count) Outputs(bool multimask) => multimask ? (1, Config.MultimaskOutputs) : (0, 1);

    private PromptEmbeddings Embed(SamFeatures image, SamPrompts prompts)
    {
        var points = prompts.Points is { } p ? ToInput(p, image) : null;
        var boxes = prompts.Boxes is { } b ? ToInput(b.view(-1, 2, 2), image).view(-1, 4) : null;
        return prompt_encoder.forward(points, prompts.Labels?.to(Device), boxes, prompts.Masks?.to(Device));
    }

    private Device Device => mask_decoder.parameters().First().device;

    /// <summary>
    /// [..., 2] pixels of the original image to those of the resized one; scaled in double and then of the type given, as the reference
    /// does: its predictor casts to float32, its generator of everything does not.
    /// </summary>
    private Tensor ToInput(Tensor places, SamFeatures image)
    {
        var (perX, perY) = _resize.ApplyCoords(1, 1, image.Original.Height, image.Original.Width);
        return (places.to(ScalarType.Float64) * tensor(new[] { perX, perY }, device: places.device)).to(places.dtype).to(Device);
    }
}
