using System.Text.Json;

namespace SemanticSam.Formats.Json;

/// <summary>
/// What JSON does not have but programs write: Python's NaN and Infinity, commas before a closing bracket, comments. In the bytes, numbers that
/// are none become an empty text of the same length, so that every place in the file stays where it is.
/// </summary>
internal static class JsonLeniency
{
    /// <summary>What stands in place of a NaN.</summary>
    public const string NotANumber = "\"\"";

    /// <summary>How documents are parsed.</summary>
    public static JsonDocumentOptions Document { get; } = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>How streams are read.</summary>
    public static JsonReaderOptions Reader { get; } = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Whether <see cref="Patch"/> may have something to do.</summary>
    public static bool MayNeed(ReadOnlySpan<byte> json) => json.IndexOf("NaN"u8) >= 0 || json.IndexOf("Infinity"u8) >= 0;

    /// <summary>Replaces numbers that are none, outside of texts.</summary>
    /// <returns>How many.</returns>
    public static int Patch(Span<byte> json)
    {
        var state = new State();
        return state.Patch(json, final: true).Count;
    }

    /// <summary>Where a stream that is patched piece by piece stands.</summary>
    internal struct State
    {
        private bool _inText;

        /// <summary>Patches a piece.</summary>
        /// <param name="json">The piece; it begins where the bytes done of the last one ended.</param>
        /// <param name="final">Whether nothing follows.</param>
        /// <returns>How many were replaced, and how many bytes are done: the rest may be the beginning of such a number, or of an escape.</returns>
        public (int Count, int Done) Patch(Span<byte> json, bool final)
        {
            int count = 0, at = 0;
            while (at < json.Length)
            {
                if (_inText)
                {
                    int next = json[at..].IndexOfAny((byte)'"', (byte)'\\');
                    if (next < 0) return (count, json.Length);
                    at += next;
                    if (json[at] == '\\')
                    {
                        if (at + 1 >= json.Length && !final) return (count, at);
                        at += 2;
                        continue;
                    }
                    _inText = false;
                    at++;
                    continue;
                }
                int found = json[at..].IndexOfAny((byte)'"', (byte)'N', (byte)'I');
                if (found < 0)
                {
                    // A minus at the end may belong to an Infinity that follows.
                    return (count, !final && json[^1] == '-' ? json.Length - 1 : json.Length);
                }
                at += found;
                if (json[at] == '"')
                {
                    _inText = true;
                    at++;
                    continue;
                }
                ReadOnlySpan<byte> word = json[at] == 'N' ? "NaN"u8 : "Infinity"u8;
                if (!final && json.Length - at < word.Length) return (count, at > 0 && json[at - 1] == '-' ? at - 1 : at);
                if (json[at..].StartsWith(word))
                {
                    int start = at > 0 && json[at - 1] == '-' ? at - 1 : at;
                    json[start..(at + word.Length)].Fill((byte)' ');
                    json[start] = json[start + 1] = (byte)'"';
                    count++;
                    at += word.Length;
                }
                else at++;
            }
            return (count, Math.Min(at, json.Length));
        }
    }
}
