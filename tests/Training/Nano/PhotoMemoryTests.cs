using SemanticSam.Tests.Support;
using SemanticSam.Training.Nano;

namespace SemanticSam.Tests.Training.Nano;

public sealed class PhotoMemoryTests
{
    private static readonly string[] Photos = Directory.GetFiles(Fixtures.OwnPath("wholepart/images"), "*.jpg", SearchOption.AllDirectories);

    [Fact]
    public void Get_Again_IsTheSamePhotoAndCountedOnce()
    {
        var memory = new PhotoMemory(1 << 30);
        var photo = memory.Get(Photos[0]);
        Assert.Same(photo, memory.Get(Photos[0]));
        Assert.Equal(photo.Pixels.LongLength, memory.Bytes);
    }

    [Fact]
    public void Get_MoreThanThereIsRoomFor_IsDecodedEachTime()
    {
        long first = new PhotoMemory().Get(Photos[0]).Pixels.LongLength;
        var memory = new PhotoMemory(first);
        memory.Get(Photos[0]);
        Assert.NotSame(memory.Get(Photos[1]), memory.Get(Photos[1]));
        Assert.Equal(first, memory.Bytes);
    }
}
