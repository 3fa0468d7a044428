using SemanticSam.Engine.Batch;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Batch;

public sealed class ImagePrefetchTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private BatchInput Input(int count)
    {
        BatchImages.Write(_folder.Path, [.. Enumerable.Range(0, count).Select(i => $"{i:00}.png")]);
        return BatchImages.Input(_folder.Path);
    }

    private static async Task<List<FetchedImage>> All(ImagePrefetch prefetch, BatchInput input, IReadOnlyList<BatchItem>? items = null)
    {
        var all = new List<FetchedImage>();
        await foreach (var image in prefetch.Read(input, items ?? input.Items, default)) all.Add(image);
        return all;
    }

    [Fact]
    public async Task Read_Images_ComeInOrderWithTheirPixels()
    {
        var input = Input(7);
        var all = await All(new(2, 1 << 20, long.MaxValue), input);
        Assert.Equal(input.Items, all.SelectMany(p => p.Items));
        Assert.All(all, p => Assert.Equal(ImageDecoder.Decode(input.PathOf(p.Items[0])).Pixels, p.Image!.Pixels));
    }

    [Fact]
    public async Task Read_QuestionsAboutOneImage_ComeTogether()
    {
        var input = Input(2);
        BatchItem[] items = [new("00.png"), new("00.png#2", "00.png"), new("01.png"), new("00.png#3", "00.png")];
        Assert.Equal([2, 1, 1], (await All(new(2, 1 << 20, long.MaxValue), input, items)).Select(p => p.Items.Count));
    }

    [Fact]
    public async Task Read_WhatCannotBeRead_IsHandedOnAndStopsNothing()
    {
        var input = Input(3);
        File.WriteAllText(_folder.File("00.png"), "no image");
        File.WriteAllBytes(_folder.File("01.png"), ImageEncoder.Png(new RgbImage(1, 1)));
        var all = await All(new(1, 1 << 20, long.MaxValue), new(input.Root, [.. input.Items, new("absent.png")]));
        Assert.Equal([ImageError.Format, ImageError.TooSmall, null, ImageError.Unreadable], all.Select(p => (p.Failure as ImageException)?.Error));
    }

    [Fact]
    public async Task Read_LittleMemory_IsKeptTo()
    {
        var input = Input(10);
        long one = 7L * 82 * 54 + 2000; // the largest, decoding, with its file
        var tight = new ImagePrefetch(8, one, long.MaxValue);
        Assert.Equal(10, (await All(tight, input)).Count);
        Assert.InRange(tight.Peak, 1, one);
        var tiny = new ImagePrefetch(8, 1, long.MaxValue); // less than any image: one at a time
        Assert.Equal(10, (await All(tiny, input)).Count);
        Assert.InRange(tiny.Peak, 1, one);
    }

    [Fact]
    public async Task Read_LeftEarly_Ends()
    {
        var input = Input(10);
        await foreach (var image in new ImagePrefetch(2, 1 << 20, long.MaxValue).Read(input, input.Items, default))
            if (image.Items[0].Key == "02.png") break;
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in new ImagePrefetch(2, 1 << 20, long.MaxValue).Read(input, input.Items, stop.Token)) await stop.CancelAsync();
        });
    }
}
