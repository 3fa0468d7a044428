using System.Globalization;
using SemanticSam.Torch;
using TorchSharp;

namespace SemanticSam.Engine;

/// <summary>Where a model computes.</summary>
public sealed record ModelOptions
{
    /// <summary>"cpu", "cuda" (the first GPU) or "cuda:" with the index of a GPU, from 0.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>
    /// The folder of an installed libtorch that computes instead of the one that came with the program: a Python <c>torch</c> package, an unpacked
    /// libtorch archive, or the lib folder of either. There is one libtorch a process, so it has to be named before the first model is loaded; null takes
    /// the program's own, or that of the environment variable SEMSAM_LIBTORCH.
    /// </summary>
    public string? LibTorchFolder { get; init; }

    /// <summary>
    /// A vocabulary file of your own: names with synonyms, kinds and relations, in the form that models/nano/vocabulary.json has. Null for the model's
    /// alone. Only for models that have one (<see cref="SegmentationModel.Vocabulary"/>).
    /// </summary>
    public string? VocabularyFile { get; init; }

    /// <summary>
    /// Whether the names of <see cref="VocabularyFile"/> stand alone. Default: false, they are added to the model's, and a name that both have gets the
    /// words and relations of both.
    /// </summary>
    public bool ReplaceVocabulary { get; init; }

    /// <summary>What the embedded model's family convolves in. Other families refuse <see cref="ModelPrecision.Bfloat16"/>.</summary>
    public ModelPrecision Precision { get; init; }

    /// <summary>Both; null for the model's vocabulary.</summary>
    internal VocabularyOption? Vocabulary =>
        VocabularyFile is null ? null : new(VocabularyFile, ReplaceVocabulary ? VocabularyUse.Replace : VocabularyUse.Extend);

    /// <summary>The device, with the libtorch asked for at work.</summary>
    /// <exception cref="ArgumentException">The device has another form.</exception>
    /// <exception cref="TorchRuntimeException">The libtorch cannot be used, or the device is not there.</exception>
    internal torch.Device Open() => Opening()();

    /// <summary>Checks what is asked for; what it gives loads libtorch the first time, which takes a while, and gives the device.</summary>
    /// <exception cref="ArgumentException">The device has another form, or the folder no name.</exception>
    internal Func<torch.Device> Opening()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Device);
        if (LibTorchFolder is not null) ArgumentException.ThrowIfNullOrEmpty(LibTorchFolder);
        int? gpu = Device switch
        {
            "cpu" => null,
            "cuda" => 0,
            _ when Device.StartsWith("cuda:", StringComparison.Ordinal)
                && int.TryParse(Device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index) => index,
            _ => throw new ArgumentException($"The device '{Device}' is not known; allowed are cpu, cuda, and cuda:N with the index of a GPU.", nameof(Device)),
        };
        return () => Open(gpu);
    }

    private torch.Device Open(int? gpu)
    {
        if (LibTorchFolder is { } folder) TorchRuntime.Use(folder);
        if (gpu is not { } wanted) return torch.CPU;
        int count = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        if (wanted >= count)
            throw new TorchRuntimeException(TorchError.NoSuchDevice,
                $"The device '{Device}' is not there: libtorch {(count == 0 ? "has no CUDA or finds no GPU" : $"finds {count}, cuda:0 to cuda:{count - 1}")}. "
                + "A TorchSharp-cuda package, or the folder of a libtorch for CUDA, brings CUDA.");
        return torch.device(DeviceType.CUDA, wanted);
    }
}
