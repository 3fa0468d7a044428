using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What the convolutions and transposed convolutions share: weights, geometry, padding.</summary>
public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    [ComponentName(nameof(weight))] private Parameter _weight;
    [ComponentName(nameof(bias))] private Parameter? _bias;

    protected Convolution(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding,
        Padding? padding_type, long[] dilation, bool transposed, long[] output_padding, long groups, bool bias,
        PaddingModes padding_mode, Device? device = null, ScalarType? dtype = null)
        : base(name)
    {
        if (groups <= 0) throw new ArgumentException($"groups is {groups}, must be positive", nameof(groups));
        if (in_channels % groups != 0) throw new ArgumentException($"in_channels {in_channels} is not divisible by groups {groups}", nameof(in_channels));
        if (out_channels % groups != 0) throw new ArgumentException($"out_channels {out_channels} is not divisible by groups {groups}", nameof(out_channels));
        if (padding_type == Padding.Same && stride.Any(s => s != 1)) throw new ArgumentException("padding 'same' needs stride 1", nameof(padding_type));
        this.in_channels = in_channels;
        this.out_channels = out_channels;
        this.kernel_size = kernel_size;
        this.stride = stride;
        this.padding = padding;
        this.padding_type = padding_type;
        this.dilation = dilation;
        this.transposed = transposed;
        this.output_padding = output_padding;
        this.groups = groups;
        this.padding_mode = padding_mode;

        long[] shape = transposed ? [in_channels, out_channels / groups, .. kernel_size] : [out_channels, in_channels / groups, .. kernel_size];
        _weight = new Parameter(empty(shape, dtype: dtype, device: device));
        if (bias) _bias = new Parameter(empty([out_channels], dtype: dtype, device: device));
        reset_parameters();
        RegisterWeights();
    }

    // By name, and not through RegisterComponents: these private fields are invisible from the derived type.
    private void RegisterWeights()
    {
        register_parameter(nameof(weight), _weight);
        if (_bias is not null) register_parameter(nameof(bias), _bias);
    }

    public Parameter weight
    {
        get => _weight;
        set => ConditionallyRegisterParameter(nameof(weight), _weight = value ?? throw new ArgumentNullException(nameof(weight)));
    }

    public Parameter? bias
    {
        get => _bias;
        set => ConditionallyRegisterParameter(nameof(bias), _bias = value);
    }

    public long in_channels { get; }

    public long out_channels { get; }

    public bool transposed { get; }

    public Padding? padding_type { get; private set; }

    public long[]? padding { get; private set; }

    public PaddingModes padding_mode { get; set; }

    public long groups { get; set; }

    public long[] kernel_size { get; set; }

    public long[] stride { get; set; }

    public long[] dilation { get; set; }

    public long[] output_padding { get; set; }

    public void reset_parameters() => LayerInit.Default(_weight, _bias);

    public void SetPadding(long[] padding)
    {
        padding_type = null;
        this.padding = padding;
    }

    public void SetPadding(Padding padding)
    {
        padding_type = padding;
        this.padding = null;
    }

    /// <summary>True for a batch [N, C, spatial], false for a single item [C, spatial]; anything else throws.</summary>
    protected bool ValidateShape(Tensor input, long dimensions)
    {
        long[] shape = input.shape;
        bool batched = shape.Length == dimensions + 2;
        if (!batched && shape.Length != dimensions + 1)
            throw new ArgumentException($"Expected {dimensions + 1}D (unbatched) or {dimensions + 2}D (batched) input to {GetName()}, but got [{string.Join(", ", shape)}]");
        if (shape[batched ? 1 : 0] != in_channels)
            throw new ArgumentException($"Expected {in_channels} input channels in {GetName()}, but got [{string.Join(", ", shape)}]");
        return batched;
    }

    /// <summary>The input with its borders filled as padding_mode says; such a convolution then pads nothing itself.</summary>
    private protected Tensor PadByMode(Tensor input)
    {
        var amounts = new long[2 * kernel_size.Length];
        for (int i = 0; i < kernel_size.Length; i++)
        {
            // functional.pad counts from the last dimension; "same" puts the odd one at the end.
            int at = 2 * (kernel_size.Length - 1 - i);
            long total = padding_type switch
            {
                Padding.Same => dilation[i] * (kernel_size[i] - 1),
                Padding.Valid => 0,
                _ => 2 * padding![i],
            };
            amounts[at] = total / 2;
            amounts[at + 1] = total - (total / 2);
        }
        return nn.functional.pad(input, amounts, padding_mode);
    }
}
