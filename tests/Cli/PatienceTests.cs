using SemanticSam.Cli;

namespace SemanticSam.Tests.Cli;

public sealed class PatienceTests
{
    [Theory]
    [InlineData("train")]
    [InlineData("tune")]
    public void PatienceOf_WhatHasAStateToWrite_OutlastsAStep(string verb) => Assert.True(CommandLineTool.PatienceOf(verb) >= TimeSpan.FromMinutes(1));

    [Fact]
    public void PatienceOf_OtherVerbs_IsShort() => Assert.True(CommandLineTool.PatienceOf("segment") <= TimeSpan.FromSeconds(5));
}
