using SemanticSam.Engine.Sessions.Sam;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Granularity.Sam;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.RsPrompter;

/// <summary>The frozen model that a prompter stands on.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Sha256">Of its file.</param>
/// <param name="Encoder">Its image encoder.</param>
/// <param name="Sam">The model, where it is a SAM.</param>
/// <param name="Clicks">What answers clicks and boxes on its encoded images; null where nothing does.</param>
/// <param name="Network">All of it.</param>
internal sealed record PrompterBase(string Name, string Sha256, FrozenEncoder Encoder, SamModel? Sam, SamSegmenter? Clicks, nn.Module Network) : IDisposable
{
    public void Dispose()
    {
        if (Clicks is not null) Clicks.Dispose();
        else Network.Dispose();
    }
}
