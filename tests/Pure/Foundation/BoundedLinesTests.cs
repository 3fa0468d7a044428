using SemanticSam.Foundation;

namespace SemanticSam.Tests.Pure.Foundation;

public sealed class BoundedLinesTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\r\nb\rc\n\nd", new[] { "a", "b", "c", "", "d" })]
    [InlineData("\n\n", new[] { "", "" })]
    public async Task Read_Endings_AreThoseOfTextFiles(string text, string[] expected)
    {
        Assert.Equal(expected, BoundedLines.Read(new StringReader(text)));
        var read = new List<string?>();
        await foreach (string? line in BoundedLines.ReadAsync(new OneAtATime(text))) read.Add(line);
        Assert.Equal(expected, read);
    }

    [Fact]
    public void Read_LineThatIsTooLong_IsToldAndTheRestRead() =>
        Assert.Equal(["ab", null, "cd", null], BoundedLines.Read(new StringReader("ab\n" + new string('x', 100_000) + "\ncd\n" + new string('y', 11)), 10));

    /// <summary>A file of one line, or of line breaks alone, takes no memory of its size.</summary>
    [Theory]
    [InlineData('x')]
    [InlineData('\n')]
    public void Read_HugeText_KeepsNothing(char only)
    {
        const int length = 20_000_000;
        long before = GC.GetAllocatedBytesForCurrentThread();
        int lines = BoundedLines.Read(new Endless(only, length), 1 << 20).Count();
        Assert.Equal(only == 'x' ? 1 : length, lines);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < (only == 'x' ? 10L << 20 : 10L << 20));
    }

    private sealed class OneAtATime(string text) : StringReader(text)
    {
        public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..1], cancellationToken);
    }

    private sealed class Endless(char only, int length) : TextReader
    {
        private int _left = length;

        public override int Read(char[] buffer, int index, int count)
        {
            int given = Math.Min(_left, count);
            buffer.AsSpan(index, given).Fill(only);
            _left -= given;
            return given;
        }
    }
}
