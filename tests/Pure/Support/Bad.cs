using SemanticSam.Imaging;

namespace SemanticSam.Tests.Pure.Support;

/// <summary>Refusals that tests expect.</summary>
internal static class Bad
{
    /// <summary>What refuses an image for one reason and no other.</summary>
    public static ImageException Image(ImageError error, Func<object?> read)
    {
        var refusal = Assert.Throws<ImageException>(read);
        Assert.Equal(error, refusal.Error);
        return refusal;
    }
}
