using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>What an image encoder made of images, and what it passed on the way.</summary>
/// <param name="Hidden">Hidden states that were asked for, [B, h, w, D] each.</param>
/// <param name="Embedding">[B, C, h, w]: the image's embedding.</param>
internal sealed record EncoderStates(IReadOnlyList<Tensor> Hidden, Tensor Embedding) : IDisposable
{
    public void Dispose()
    {
        foreach (var state in Hidden) state.Dispose();
        Embedding.Dispose();
    }
}

/// <summary>An image encoder whose hidden states can be seen.</summary>
internal interface ITracedEncoder
{
    /// <summary>Features of every hidden state that there is: number 0 is what enters the first block, number k what block k gives.</summary>
    IReadOnlyList<long> StateWidths { get; }

    /// <summary>Encodes and keeps some hidden states.</summary>
    /// <param name="x">[B, 3, side, side], normalized and padded.</param>
    /// <param name="states">Numbers of states, ascending.</param>
    /// <returns>In the caller's dispose scope.</returns>
    EncoderStates Trace(Tensor x, IReadOnlyList<int> states);
}
