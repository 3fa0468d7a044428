using System.Text.Json;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Support;

/// <summary>The single functions of SAM's automatic mask generation (golden/amg: pieces).</summary>
internal static class AmgPieces
{
    public static Golden Tensors => field ??= Golden.Load("amg/pieces.safetensors");

    public static JsonElement Index => Json.RootElement;

    private static JsonDocument Json => field ??= Fixtures.Json("amg/pieces.json");

    /// <summary>[left, top, right, bottom].</summary>
    public static BoxI Box(JsonElement corners) => new(corners[0].GetInt32(), corners[1].GetInt32(), corners[2].GetInt32(), corners[3].GetInt32());
}
