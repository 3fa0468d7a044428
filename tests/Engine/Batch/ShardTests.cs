using CsCheck;
using SemanticSam.Engine.Batch;

namespace SemanticSam.Tests.Engine.Batch;

public sealed class ShardTests
{
    [Theory]
    [InlineData("0/4")]
    [InlineData("5/4")]
    [InlineData("1/0")]
    [InlineData("1")]
    [InlineData("1/2/3")]
    [InlineData("-1/4")]
    [InlineData("a/b")]
    [InlineData("1/100001")]
    public void Parse_NoShard_SaysWhatIs(string text) => Assert.Contains(text, Assert.Throws<FormatException>(() => Shard.Parse(text)).Message);

    [Fact]
    public void Parse_Text_GoesRound() => Assert.Equal(new Shard(2, 4), Shard.Parse(new Shard(2, 4).ToString()));

    [Fact]
    public void Of_AllShards_DealOutEveryItemOnceAndEvenlyWhateverTheOrder() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 9], Gen.Int[0, 1000]).Sample(t =>
        {
            var (images, count, seed) = t;
            var random = new Random(seed);
            BatchItem[] items = [.. Enumerable.Range(0, images)
                .SelectMany(p => Enumerable.Range(1, 1 + random.Next(3)).Select(k => new BatchItem($"{p:000}.jpg#{k}", $"{p:000}.jpg")))];
            var parts = Enumerable.Range(1, count).Select(i => new Shard(i, count).Of(items)).ToArray();
            random.Shuffle(items);
            Assert.Equal(items.Length, parts.Sum(p => p.Count));
            Assert.Equal(items.Select(i => i.Key).Order(), parts.SelectMany(p => p).Select(i => i.Key).Order());
            int[] sizes = [.. parts.Select(p => p.Select(i => i.Image).Distinct().Count())];
            Assert.True(sizes.Max() - sizes.Min() <= 1);
            Assert.Equal(images, sizes.Sum()); // all questions about an image are in one shard
            for (int i = 0; i < count; i++)
                Assert.Equal(parts[i].Select(x => x.Key).Order(), new Shard(i + 1, count).Of(items).Select(x => x.Key).Order());
        });
}
