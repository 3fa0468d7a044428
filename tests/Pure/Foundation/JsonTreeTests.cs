using System.Text;
using System.Text.Json;
using SemanticSam.Foundation;

namespace SemanticSam.Tests.Pure.Foundation;

public sealed class JsonTreeTests
{
    [Theory]
    [InlineData("""{"calibration":5,"calibration":6}""", "the entry 'calibration' stands twice")]
    [InlineData("""{"a":[{"b":1,"b":2}]}""", "the entry 'b' stands twice")]
    [InlineData("""{"a":["\ud800"]}""", "half a surrogate pair")]
    [InlineData("""{"\ud800":1}""", "half a surrogate pair")]
    [InlineData("""{"a":1,"\ud800":1}""", "half a surrogate pair")]
    [InlineData("[1]", "it is no JSON object")]
    [InlineData("5", "it is no JSON object")]
    [InlineData("null", "it is no JSON object")]
    [InlineData("", "it ends too early")]
    [InlineData("""{"a":1,}""", "a comma stands before a closing bracket")]
    public void Parse_WhatIsNoSoundObject_IsOneKindOfException(string json, string message) =>
        Assert.Contains(message, JsonMessage.Of(Assert.ThrowsAny<JsonException>(() => JsonTree.Parse(Encoding.UTF8.GetBytes(json)))));

    [Fact]
    public void Parse_KeysThatDifferInCase_AreOneWhereCaseIsIgnored()
    {
        byte[] json = Encoding.UTF8.GetBytes("""{"wholes":[],"Wholes":[]}""");
        Assert.Equal(2, JsonTree.Parse(json).Count);
        Assert.Contains("twice", JsonMessage.Of(Assert.ThrowsAny<JsonException>(() => JsonTree.Parse(json, ignoreCase: true))));
        Assert.NotNull(JsonTree.Parse("""{"Wholes":[]}"""u8, ignoreCase: true)["wholes"]);
    }

    [Theory]
    [InlineData("""{"family":"nano","other":1}""", "nano")]
    [InlineData("""{"family":5}""", null)]
    [InlineData("""["family"]""", null)]
    [InlineData("null", null)]
    public void TextOf_AKey_IsItsTextOrNothing(string json, string? expected) =>
        Assert.Equal(expected, JsonTree.TextOf(Encoding.UTF8.GetBytes(json), "family"));

    [Theory]
    [InlineData("""{"family":"nano","\ud800xxxxx":1}""")]
    [InlineData("""{"family":"\ud800"}""")]
    [InlineData("{")]
    public void TextOf_NoJsonOrNoUnicode_IsOneKindOfException(string json) =>
        Assert.ThrowsAny<JsonException>(() => JsonTree.TextOf(Encoding.UTF8.GetBytes(json), "family"));

    [Fact]
    public void Parse_AfterAMarkOfByteOrder_IsRead() =>
        Assert.Equal(1, (int)JsonTree.Parse(Encoding.UTF8.GetPreamble().Concat(Encoding.UTF8.GetBytes("""{"a":1}""")).ToArray())["a"]!);
}
