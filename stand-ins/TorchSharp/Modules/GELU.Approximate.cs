namespace TorchSharp.Modules;

public sealed partial class GELU
{
    /// <summary>none: by the error function. tanh: by its approximation.</summary>
    public enum Approximate { none = 0, tanh = 1 }
}
