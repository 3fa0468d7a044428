using System.CommandLine;
using SemanticSam.Imaging;

namespace SemanticSam.Cli.Requests;

/// <summary>How large an image may be: what is larger is refused before its pixels are decoded.</summary>
internal sealed class PixelLimit
{
    private const int Million = 1_000_000;

    private static readonly int Most = (int)(ImageDecoderOptions.Default.MaxPixels / Million); // results of larger ones could not be read again

    private readonly Option<int?> _megapixels = new Option<int?>("--max-pixels")
    {
        Description = $"Largest image in megapixels, 1 to {Most}. Default: {Most}.", HelpName = "MP",
    }.Within(1, Most);

    public void AddTo(Command command) => command.Options.Add(_megapixels);

    /// <summary>The limit in pixels.</summary>
    public long Read(ParseResult parsed) => (parsed.GetValue(_megapixels) ?? Most) * (long)Million;
}
