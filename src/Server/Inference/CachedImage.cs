using System.Security.Cryptography;
using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Server.Inference;

/// <summary>An encoded image and the low-resolution logits of its last answers. Used by the worker's thread alone.</summary>
internal sealed class CachedImage : IDisposable
{
    /// <summary>Answers to go on from: a person refines one of the last few.</summary>
    private const int KeptLogits = 48;

    private readonly LinkedList<(string Handle, MaskLogits Logits)> _logits = [];
    private long _logitBytes;

    public CachedImage(ImageKey key, ImageSession session, IReadOnlyList<string> notices)
    {
        (Key, Session, Notices) = (key, session, notices);
        Weigh();
    }

    public ImageKey Key { get; }

    public ImageSession Session { get; }

    public RgbImage Image => Session.Image!; // sessions of the server are opened from pixels

    /// <summary>What was assumed of the image when it was decoded: every answer about it says so.</summary>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>What it took in memory when it was last weighed, logits included.</summary>
    public long Bytes { get; private set; }

    /// <summary>Counts anew: a session keeps what answers have made for the next ones.</summary>
    public void Weigh() => Bytes = Session.Bytes + _logitBytes;

    /// <summary>Streams that are in the middle of it; it stays while there are any.</summary>
    public int Pins { get; set; }

    /// <summary>Keeps logits under a handle that nobody can guess: whoever sees it has seen the answer.</summary>
    public string Keep(MaskLogits logits)
    {
        string handle = RandomNumberGenerator.GetHexString(24, lowercase: true);
        _logits.AddLast((handle, logits));
        _logitBytes += Size(logits);
        if (_logits.Count > KeptLogits)
        {
            _logitBytes -= Size(_logits.First!.Value.Logits);
            _logits.RemoveFirst();
        }
        return handle;
    }

    /// <summary>Null where they are unknown or long gone.</summary>
    public MaskLogits? Find(string handle) => _logits.FirstOrDefault(l => l.Handle == handle).Logits;

    public void Dispose() => Session.Dispose();

    private static long Size(MaskLogits logits) => 4L * logits.Height * logits.Width;
}
