using SemanticSam.Engine;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Sessions.Nano;

/// <summary>Tests of a small model of the embedded family and of a session of it.</summary>
public abstract class NanoSession : IDisposable
{
    private protected NanoSession()
    {
        Model = TinyNano.Model(Folder);
        Session = Model.Open(TinyNano.Image());
    }

    private protected TempFolder Folder { get; } = new();

    private protected SegmentationModel Model { get; }

    private protected ImageSession Session { get; }

    public void Dispose()
    {
        Session.Dispose();
        Model.Dispose();
        Folder.Dispose();
    }
}
