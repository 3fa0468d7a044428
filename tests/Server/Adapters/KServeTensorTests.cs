using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SemanticSam.Server.Adapters;
using SemanticSam.Server.Api;

namespace SemanticSam.Tests.Server.Adapters;

/// <summary>Tensors of the Open Inference Protocol: the same values from JSON and from bytes behind it, in every type.</summary>
public sealed class KServeTensorTests
{
    private static IReadOnlyDictionary<string, KServeTensor> Read(string inputs, params byte[] raw) =>
        KServeTensor.Read(Loose.Parse(Encoding.UTF8.GetBytes(inputs)).Items, raw);

    [Theory]
    [InlineData("BOOL", "01 00", 1, 0)]
    [InlineData("UINT8", "FF 07", 255, 7)]
    [InlineData("INT8", "80 07", -128, 7)]
    [InlineData("UINT16", "FF FF 02 01", 65535, 258)]
    [InlineData("INT16", "00 80 02 01", -32768, 258)]
    [InlineData("FP16", "00 C0 00 38", -2, 0.5)]
    [InlineData("UINT32", "FF FF FF FF 01 00 00 00", 4294967295, 1)]
    [InlineData("INT32", "00 00 00 80 01 00 00 00", -2147483648, 1)]
    [InlineData("FP32", "00 00 00 C0 00 00 00 3F", -2, 0.5)]
    [InlineData("UINT64", "00 00 00 00 01 00 00 00 02 00 00 00 00 00 00 00", 4294967296, 2)]
    [InlineData("INT64", "FE FF FF FF FF FF FF FF 02 00 00 00 00 00 00 00", -2, 2)]
    [InlineData("FP64", "00 00 00 00 00 00 00 C0 00 00 00 00 00 00 E0 3F", -2, 0.5)]
    public void Numbers_OfEveryType_AreTheSameFromJsonAndBytes(string type, string hex, double first, double second)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        string head = $"\"name\": \"x\", \"datatype\": \"{type}\", \"shape\": [2, 1]";
        var binary = Read($"[{{{head}, \"parameters\": {{\"binary_data_size\": {bytes.Length}}}}}]", bytes)["x"];
        Assert.Equal([first, second], binary.Numbers);
        Assert.Equal([2L, 1], binary.Shape);
        string values = string.Create(CultureInfo.InvariantCulture, $"[[{first}], [{second}]]");
        Assert.Equal(bytes, Read($"[{{{head}, \"data\": {values}}}]")["x"].Data.ToArray()); // nested as the shape is
        Assert.Equal(bytes, Read($"[{{{head}, \"data\": {values.Replace("[", "").Replace("]", "").Insert(0, "[")}]}}]")["x"].Data.ToArray()); // or flat
    }

    [Fact]
    public void Read_ValuesBeyondTheType_AreTheNearestOfIt()
    {
        double[] Of(string type) =>
            Read($"[{{\"name\": \"x\", \"datatype\": \"{type}\", \"shape\": [2], \"data\": [-1e30, 1e30]}}]")["x"].Numbers;
        Assert.Equal([0, 255], Of("UINT8"));
        Assert.Equal([-128, 127], Of("INT8"));
        Assert.Equal([0, 65535], Of("UINT16"));
        Assert.Equal([-2147483648, 2147483647], Of("INT32"));
        Assert.Equal([long.MinValue, long.MaxValue], Of("INT64"));
    }

    /// <summary>What stands behind the JSON belongs to the tensors in their order, and true and false are numbers.</summary>
    [Fact]
    public void Read_SeveralTensors_TakeTheirBytesInOrder()
    {
        var tensors = Read("""
            [{"name": "a", "datatype": "UINT8", "shape": [2], "parameters": {"binary_data_size": 2}},
             {"name": "flags", "datatype": "BOOL", "shape": [2], "data": [true, false]},
             {"name": "b", "datatype": "UINT8", "shape": [1], "parameters": {"binary_data_size": 1}}]
            """, 1, 2, 3);
        Assert.Equal([1.0, 2], tensors["a"].Numbers);
        Assert.Equal([1.0, 0], tensors["flags"].Numbers);
        Assert.Equal([3.0], tensors["b"].Numbers);
    }

    [Fact]
    public void Strings_FromJsonAndBytes_AreTheSame()
    {
        var tensors = Read("""
            [{"name": "json", "datatype": "BYTES", "shape": [2], "data": ["é", "ab"]},
             {"name": "raw", "datatype": "BYTES", "shape": [2], "parameters": {"binary_data_size": 12}}]
            """, 2, 0, 0, 0, 0xC3, 0xA9, 2, 0, 0, 0, 97, 98);
        Assert.Equal(["é", "ab"], tensors["json"].Strings.Select(Encoding.UTF8.GetString));
        Assert.Equal(["é", "ab"], tensors["raw"].Strings.Select(Encoding.UTF8.GetString));
        var cut = Read("""[{"name": "x", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": 6}}]""", 3, 0, 0, 0, 97, 98)["x"];
        Assert.Contains("longer than the tensor", Assert.Throws<ApiException>(() => cut.Strings).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("its shape [3] and type FP32 need others", """{"name": "x", "datatype": "FP32", "shape": [3], "data": [1, 2]}""")]
    [InlineData("says that it has 9 bytes; 0 are left", """{"name": "x", "datatype": "UINT8", "shape": [9], "parameters": {"binary_data_size": 9}}""")]
    [InlineData("says that it has -1 bytes", """{"name": "x", "datatype": "UINT8", "shape": [9], "parameters": {"binary_data_size": -1}}""")]
    [InlineData("'BF16' is not known here", """{"name": "x", "datatype": "BF16", "shape": [1], "data": [1]}""")]
    [InlineData("a list of sizes is expected", """{"name": "x", "datatype": "UINT8", "shape": [0.5], "data": [1]}""")]
    [InlineData("a list of sizes is expected", """{"name": "x", "datatype": "UINT8", "shape": [1,1,1,1,1,1,1,1,1], "data": [1]}""")]
    [InlineData("'x' is there twice",
        """{"name": "x", "datatype": "INT8", "shape": [0], "data": []}, {"name": "x", "datatype": "INT8", "shape": [0], "data": []}""")]
    [InlineData("a list of values is expected", """{"name": "x", "datatype": "UINT8", "shape": [1]}""")]
    public void Read_WhatDoesNotFit_IsTheClientsFault(string said, string inputs)
    {
        var refused = Assert.Throws<ApiException>(() => Read($"[{inputs}]"));
        Assert.Equal(400, refused.Status);
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }
}
