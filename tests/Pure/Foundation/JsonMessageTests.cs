using System.Text.Json;
using SemanticSam.Foundation;

namespace SemanticSam.Tests.Pure.Foundation;

public sealed class JsonMessageTests
{
    private sealed record Inner(int Count, IReadOnlyList<double> Values);

    private sealed record Outer(string Name, Inner Inner);

    [Theory]
    [InlineData("""{"name": "a", "inner": {"count": "x", "values": []}}""", "the entry 'inner.count' is of another kind, or larger, than is allowed there")]
    [InlineData("""{"name": "a", "inner": {"count": 99999999999, "values": []}}""",
        "the entry 'inner.count' is of another kind, or larger, than is allowed there")]
    [InlineData("""{"name": "a", "inner": {"count": 1, "values": [1, "x"]}}""",
        "the entry 'inner.values[1]' is of another kind, or larger, than is allowed there")]
    [InlineData("""{"name": "a", "inner": 3}""", "the entry 'inner' is of another kind, or larger, than is allowed there")]
    [InlineData("[]", "it is of another kind, or larger, than is allowed there")]
    [InlineData("""{"name": "a", "inner": {"count": 1}}""", "the entry 'values' is missing")]
    [InlineData("""{"name": "a", "inner": {}}""", "the entries 'count', 'values' are missing")]
    [InlineData("""{"name": "a", "inner": {"count": 1, "values": [], "more": 1}}""", "the entry 'more' is not known")]
    [InlineData("""{"name": "a", "name": "b", "inner": {"count": 1, "values": []}}""", "the entry 'name' stands twice")]
    [InlineData("""{"name": null, "inner": {"count": 1, "values": []}}""", "the entry 'name' is null")]
    [InlineData("{\n\"name\": NaN}", "line 2, column 9: 'N' is not expected here")]
    [InlineData("{\"name\": \"a\"", "line 1, column 13: it ends too early, as if it were cut off")]
    [InlineData("{\"name\": \"a\",}", "line 1, column 14: a comma stands before a closing bracket")]
    [InlineData("{\"name\": \"a\nb\"}", "line 1, column 12: a text has a line break or another control character in it")]
    [InlineData("{\"name\": \"a\", \"inner\": {\"count\": 1, \"values\": []}},", "line 1, column 51: ',' stands behind its end")]
    [InlineData("", "line 1, column 1: it ends too early, as if it were cut off")]
    public void Of_Fault_NamesTheEntryOrThePlace(string json, string expected) =>
        Assert.Equal(expected, JsonMessage.Of(Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<Outer>(json, JsonSettings.Strict))));

    [Fact]
    public void Of_FaultOfOurs_KeepsItsWords() => Assert.Equal("it is empty", JsonMessage.Of(new JsonException("it is empty")));
}
