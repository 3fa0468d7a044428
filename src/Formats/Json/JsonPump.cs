using System.Text.Json;

namespace SemanticSam.Formats.Json;

/// <summary>A forward-only JSON reader over a stream: <see cref="Utf8JsonReader"/> with a buffer that is refilled as it is used up.</summary>
/// <param name="stream">UTF-8.</param>
/// <param name="lenient">Whether what programs write and JSON does not have is taken (<see cref="JsonLeniency"/>).</param>
/// <param name="patch">With <paramref name="lenient"/>: whether numbers that are none are looked for.</param>
internal ref struct JsonPump(Stream stream, bool lenient = true, bool patch = true)
{
    // Long enough for any mask string; a file with a longer single value is not an annotation file.
    private const int LargestBuffer = 256 << 20;

    private byte[] _buffer = new byte[1 << 16];
    private int _filled, _seen; // bytes in the buffer, and those that the reader may see
    private JsonLeniency.State _leniency;
    private long _before; // bytes that lay before the buffer
    private Utf8JsonReader _reader = new([], isFinalBlock: false, new JsonReaderState(lenient ? JsonLeniency.Reader : default));

    public readonly JsonTokenType Token => _reader.TokenType;

    /// <summary>Whether the current name or text is this one; what is no valid text is none.</summary>
    public readonly bool NameIs(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return _reader.ValueTextEquals(utf8);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The name or text of the current token.</summary>
    /// <exception cref="JsonException">It is not valid UTF-8.</exception>
    public readonly string Text
    {
        get
        {
            try
            {
                return _reader.GetString()!;
            }
            catch (InvalidOperationException e)
            {
                throw new JsonException("a text that is not valid UTF-8", e);
            }
        }
    }

    /// <summary>Where the current token begins, in bytes from where the stream stood.</summary>
    public readonly long TokenStart => _before + _reader.TokenStartIndex;

    /// <summary>One past the last byte of the current token.</summary>
    public readonly long TokenEnd => _before + _reader.BytesConsumed;

    public readonly bool TryGetInt64(out long value)
    {
        value = 0;
        return _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out value);
    }

    /// <summary>The current number, where it is written in digits alone; null for any other token.</summary>
    public readonly string? Digits => _reader.TokenType == JsonTokenType.Number && _reader.ValueSpan.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
        ? System.Text.Encoding.ASCII.GetString(_reader.ValueSpan) : null;

    public readonly bool TryGetDouble(out double value)
    {
        value = 0;
        return _reader.TokenType == JsonTokenType.Number && _reader.TryGetDouble(out value);
    }

    /// <summary>On to the next token; false at the end of the document.</summary>
    public bool Read()
    {
        while (!_reader.Read())
        {
            if (_reader.IsFinalBlock) return false;
            Refill();
        }
        return true;
    }

    /// <summary>Past the value whose first token is the current one.</summary>
    public void Skip()
    {
        int depth = 0;
        do
        {
            if (_reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) depth++;
            if (_reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray) depth--;
        } while (depth > 0 && Read());
    }

    private void Refill()
    {
        int used = (int)_reader.BytesConsumed, left = _filled - used;
        _before += used;
        _seen -= used;
        if (left == _buffer.Length)
        {
            if (left >= LargestBuffer) throw new JsonException($"a single value of more than {LargestBuffer >> 20} MiB");
            byte[] larger = new byte[2 * left];
            _buffer.AsSpan(0, left).CopyTo(larger);
            _buffer = larger;
        }
        else _buffer.AsSpan(used, left).CopyTo(_buffer);
        int read = stream.Read(_buffer, left, _buffer.Length - left);
        _filled = left + read;
        _seen = lenient && patch ? _seen + _leniency.Patch(_buffer.AsSpan(_seen, _filled - _seen), final: read == 0).Done : _filled;
        _reader = new(_buffer.AsSpan(0, _seen), isFinalBlock: read == 0, _reader.CurrentState);
    }
}
