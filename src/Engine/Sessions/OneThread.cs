using TorchSharp;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// Has the calling thread compute alone until this is disposed of. What takes a few milliseconds is no sooner done by several threads, which wait for each
/// other after every operator; where other programs want the cores it is much later done. Measured in docs/server.md.
/// </summary>
/// <remarks>
/// The number of threads belongs to the thread that asks libtorch, but a thread that computes for the first time meanwhile begins with this one. So it is for
/// programs that have one thread compute, and not for a library's every call.
/// </remarks>
internal readonly struct OneThread : IDisposable
{
    private readonly int _before;

    private OneThread(int before) => _before = before;

    /// <summary>Where that pays; else nothing changes.</summary>
    /// <param name="quick">Whether one prompt takes the model milliseconds (<see cref="Segmenter.AnswersInMilliseconds"/>).</param>
    /// <param name="prompts">What is answered together.</param>
    public static OneThread Where(bool quick, IReadOnlyList<Prompt> prompts)
    {
        if (!quick || prompts is not [var only] || !only.HasPlace && only.Names.Count > 1) return default;
        int before = torch.get_num_threads();
        if (before > 1) torch.set_num_threads(1);
        return new(before);
    }

    public void Dispose()
    {
        if (_before > 1) torch.set_num_threads(_before);
    }
}
