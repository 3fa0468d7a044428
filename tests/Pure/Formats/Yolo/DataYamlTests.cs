using System.Text;
using CsCheck;
using SemanticSam.Formats;
using SemanticSam.Formats.Yolo;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats.Yolo;

public sealed class DataYamlTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private SortedDictionary<int, string> Names(string yaml) => DataYaml.Read(_folder.Write("data.yaml", Encoding.UTF8.GetBytes(yaml)), null, new(null)).Names;

    [Theory]
    [InlineData("names: [a, 'b c', \"d: e\"]")]
    [InlineData("nc: 3\nnames:\n- a\n- b c\n- 'd: e'\n")]
    [InlineData("names:\n  - a\n  - 'b c' # two words\n  - \"d: e\"\ntrain: {x: [1, {y: 2}]}")]
    [InlineData("\uFEFF# comment\n---\npath: ../set\nnames: {0: a, \"1\": 'b c',\n  2: 'd: e'}\n")]
    [InlineData("\"names\":\n  2: \"d: e\"\n  0: a\n  1: b c\n...\n")]
    [InlineData("x: &x [1]\ny: *x\nnames: &n [a, b c, 'd: e']\nz: *n\n")]
    [InlineData("nc: 3\nnames: [{0: a}, {1: b c}, {2: 'd: e'}]\n")]
    [InlineData("download: |\n  names: [x]\n  # not a comment\nnames:\r\n  0: a\r\n  1: b c\r\n  2: >-\r\n    d:\r\n    e\r\n")]
    public void Names_InAnyStyle_AreTheSame(string yaml) => Assert.Equal(["a", "b c", "d: e"], Names(yaml).Values);

    [Theory]
    [InlineData("names:\n")]
    [InlineData("names: []\nnc: 0\n")]
    [InlineData("names: {}")]
    public void Names_None_IsEmpty(string yaml) => Assert.Empty(Names(yaml));

    [Theory]
    [InlineData("names: [a, b", "line 1: not valid YAML")]
    [InlineData("a: 1\nnames:\n  0: x\n  - y\n", "line 4: not valid YAML")]
    [InlineData("a: 1\n\nnames:\n  0: x\n  one: y\n", "line 5: 'one' is not an index, 0 to 1000000; 'INDEX: NAME' is expected")]
    [InlineData("names:\n  -1: x\n", "line 2: '-1' is not an index")]
    [InlineData("names:\n  9999999999: x\n", "line 2: '9999999999' is not an index")]
    [InlineData("names:\n  0: x\n  0: y\n", "line 3: index 0 occurs twice")]
    [InlineData("names: [a]\nnames: [b]\n", "line 2: key 'names' occurs twice")]
    [InlineData("names: a\n", "line 1: 'names' has to be a list of names, or a map from index to name")]
    [InlineData("names:\n  - a\n  - [b]\n", "line 3: a name is expected, here is a list")]
    [InlineData("names:\n  - a\n  - &x b\n  - *x\n", "line 4: a name is expected, here is an alias (*), which is not followed")]
    [InlineData("nc: 3\n", "data.yaml: key 'names' is missing")]
    [InlineData("- names\n", "keys with values are expected")]
    [InlineData("", "keys with values are expected")]
    public void Names_Damaged_SaysWhatAndInWhichLine(string yaml, string message) =>
        Assert.Contains(message, Assert.Throws<AnnotationFileException>(() => Names(yaml)).Message);

    [Theory]
    [InlineData("names: cat\n", "cat")]
    [InlineData("names: \"cat\"\nnc: 1\n", "cat")]
    [InlineData("names: traffic light\n", "traffic light")]
    [InlineData("names: 7\n", "7")]
    [InlineData("names: cat, dog\n", "cat dog")]
    [InlineData("nc: 1\nnames: data/coco.names\n", "")] // a file that is not there
    [InlineData("nc: 1\nnames: classes.txt\n", "")]
    public void Names_AsAText_AreOneOrMore(string yaml, string expected)
    {
        var problems = new List<FormatProblem>();
        var names = DataYaml.Read(_folder.Write("data.yaml", Encoding.UTF8.GetBytes(yaml)), null, new(problems.Add)).Names;
        Assert.Equal(expected, string.Join(' ', names.Values));
        Assert.Equal(FormatOutcome.Repaired, Assert.Single(problems).Outcome);
    }

    /// <summary>Ten aliases in each of nine lines would stand for a thousand million names.</summary>
    [Fact]
    public void Names_ThatMultiply_AreRefusedWithoutMemory()
    {
        var yaml = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 10; i++) yaml.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<AnnotationFileException>(() => Names(yaml + "names: *a9\n"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Names_NestedWithoutEnd_IsRefused()
    {
        Assert.Contains("nested more than 32 deep", Assert.Throws<AnnotationFileException>(() => Names("x: " + new string('[', 100_000))).Message);
        Assert.Contains("too many for a file of names", Assert.Throws<AnnotationFileException>(() => Names(new string(' ', (16 << 20) + 1))).Message);
    }

    [Fact]
    public void Quoted_AnyText_ComesBack()
    {
        Gen.OneOf(Gen.Char['\0', '\uD7FF'], Gen.Char['\uE000', '\uFFFF'], Gen.Char['\0', '~'],
        Gen.OneOf(Gen.Const('\u2028'), Gen.Const('\u0085'), Gen.Const('\uFEFF'))).Array[0, 12]
            .Select(c => new string(c)).Sample(name => Names($"names:\n  0: {ClassNames.Quoted(name)}\n  7: b\n")[0] == name, iter: 1000, threads: 1);
    }
}
