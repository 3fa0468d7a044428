using System.Runtime.CompilerServices;
using System.Text;

namespace SemanticSam.Foundation;

/// <summary>
/// Lines of a text, one after the other, with a bound on each: memory does not depend on the file. A line that is longer is passed over
/// and told as null.
/// </summary>
internal static class BoundedLines
{
    /// <summary>Characters of a line, 16 Mi: a mask of an image of many megapixels takes some hundred thousand.</summary>
    public const int Longest = 16 << 20;

    /// <summary>The lines; null stands for one of more than <paramref name="longest"/> characters.</summary>
    public static IEnumerable<string?> Read(TextReader text, int longest = Longest)
    {
        var lines = new Cutter(longest);
        var buffer = new char[1 << 14];
        for (int count; (count = text.Read(buffer, 0, buffer.Length)) > 0;)
            for (int at = 0; at < count;)
                if (lines.Take(buffer.AsSpan(0, count), ref at)) yield return lines.Line();
        if (lines.HasRest) yield return lines.Line();
    }

    /// <summary>As the other, waiting without a thread.</summary>
    public static async IAsyncEnumerable<string?> ReadAsync(TextReader text, int longest = Longest,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var lines = new Cutter(longest);
        var buffer = new char[1 << 14];
        for (int count; (count = await text.ReadAsync(buffer.AsMemory(), cancellation).ConfigureAwait(false)) > 0;)
            for (int at = 0; at < count;)
                if (lines.Take(buffer.AsSpan(0, count), ref at)) yield return lines.Line();
        if (lines.HasRest) yield return lines.Line();
    }

    /// <summary>Puts pieces of text together to lines that end with LF, CR or both.</summary>
    private sealed class Cutter(int longest)
    {
        private readonly StringBuilder _line = new();
        private bool _tooLong, _afterReturn;

        public bool HasRest => _line.Length > 0 || _tooLong;

        /// <summary>Takes characters up to the end of a line; true when there was one.</summary>
        public bool Take(ReadOnlySpan<char> text, ref int at)
        {
            if (_afterReturn)
            {
                _afterReturn = false;
                if (text[at] == '\n' && ++at == text.Length) return false;
            }
            var rest = text[at..];
            int end = rest.IndexOfAny('\n', '\r');
            Add(end < 0 ? rest : rest[..end]);
            at += end < 0 ? rest.Length : end + 1;
            if (end < 0) return false;
            _afterReturn = rest[end] == '\r';
            return true;
        }

        public string? Line()
        {
            string? line = _tooLong ? null : _line.ToString();
            _line.Clear();
            if (_line.Capacity > 1 << 20) _line.Capacity = 1 << 10;
            _tooLong = false;
            return line;
        }

        private void Add(ReadOnlySpan<char> piece)
        {
            if (_tooLong) return;
            if (_line.Length + piece.Length > longest)
            {
                _tooLong = true;
                _line.Clear();
            }
            else _line.Append(piece);
        }
    }
}
