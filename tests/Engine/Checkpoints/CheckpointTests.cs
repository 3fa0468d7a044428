using System.Text.Json;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Checkpoints;

/// <summary>Every file of golden/checkpoints: its values, or a refusal.</summary>
public sealed class CheckpointTests
{
    private const string Folder = "checkpoints";
    private const int MutatedRuns = 150;

    public static TheoryData<string> AllFiles() => Fixtures.Cases(Names);

    private static List<string> Names()
    {
        using var expected = Fixtures.Json($"{Folder}/expected.json");
        return [.. expected.RootElement.EnumerateObject().Select(p => p.Name)];
    }

    private static JsonElement Expected(string file)
    {
        using var expected = Fixtures.Json($"{Folder}/expected.json");
        return expected.RootElement.GetProperty(file).Clone();
    }

    [SkippableFact]
    public void AllFiles_OfTheFolder_AreDescribed()
    {
        var described = Names();
        Assert.NotEmpty(described);
        foreach (string path in Directory.GetFiles(Fixtures.Path(Folder)))
            if (Path.GetFileName(path) is not ("README.md" or "expected.json")) Assert.Contains(Path.GetFileName(path), described);
    }

    /// <summary>torch.save without the zip format in other protocols: 1 writes numbers in digits, from 4 on what is written stands in frames.</summary>
    [SkippableTheory]
    [InlineData("4")]
    [InlineData("1")]
    public void LegacyFile_OfAnotherProtocol_IsRead(string protocol)
    {
        byte[] file = File.ReadAllBytes(Fixtures.Path($"{Folder}/legacy_state_dict.pth"));
        const int head = 14; // PROTO 2, LONG1 of 10 bytes
        byte[] magic = [.. file[2..head], file[head]];
        using var folder = new TempFolder();
        byte[] other = protocol == "4" ? [0x80, 4, 0x95, .. BitConverter.GetBytes((long)magic.Length), .. magic, .. file[(head + 1)..]]
            : [.. "L119547037146038801333356L\n."u8, .. Replaced(file[(head + 1)..], "little_endian"u8.ToArray())];
        string path = folder.Write("legacy.pth", other);
        using var opened = Checkpoint.Open(path);
        using var as2 = Checkpoint.Open(Fixtures.Path($"{Folder}/legacy_state_dict.pth"));
        Assert.Equal(CheckpointFormat.PyTorchLegacy, opened.Format);
        Assert.Equal(Values(as2), Values(opened));

        static IEnumerable<(string, string)> Values(ICheckpoint of) => of.Tensors.Select(t => (t.Name, Convert.ToHexString(t.ToBytes())));

        // NEWTRUE behind a key becomes INT.
        static byte[] Replaced(byte[] rest, byte[] key)
        {
            int at = rest.AsSpan().IndexOf(key) + key.Length;
            at += rest.AsSpan(at).IndexOf((byte)0x88);
            return [.. rest[..at], .. "I01\n"u8, .. rest[(at + 1)..]];
        }
    }

    [SkippableTheory]
    [MemberData(nameof(AllFiles))]
    public void Open_GoldenFile_GivesItsValuesOrIsRefused(string file)
    {
        var expected = Expected(file);
        string path = Fixtures.Path($"{Folder}/{file}");
        var accept = expected.GetProperty("accept");
        if (accept.ValueKind == JsonValueKind.False)
        {
            var error = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path));
            Assert.StartsWith(path, error.Message);
            Assert.True(error.What.Length > 20, error.What);
            return;
        }
        using var opened = Checkpoint.Open(path);
        Assert.Equal(expected.GetProperty("format").GetString() switch
        {
            "zip" => CheckpointFormat.PyTorchZip,
            "legacy" => CheckpointFormat.PyTorchLegacy,
            _ => CheckpointFormat.TorchScript,
        }, opened.Format);
        var tensors = expected.GetProperty("tensors").EnumerateObject().ToList();
        Assert.Equal(tensors.Select(t => t.Name).Order(StringComparer.Ordinal), opened.Tensors.Select(t => t.Name).Order(StringComparer.Ordinal));
        foreach (var tensor in tensors)
        {
            Assert.True(opened.TryGet(tensor.Name, out var actual));
            Assert.Equal(tensor.Value.GetProperty("dtype").GetString(), PythonName(actual.DType));
            Assert.Equal(tensor.Value.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64()), actual.Shape.ToArray());
            Assert.Equal(tensor.Value.GetProperty("hex").GetString(), Convert.ToHexStringLower(actual.ToBytes()));
            if (tensor.Value.TryGetProperty("requires_grad", out var requiresGrad)) Assert.Equal(requiresGrad.GetBoolean(), actual.RequiresGrad);
        }
        if (!expected.TryGetProperty("plain", out var plain)) return;
        foreach (var value in plain.EnumerateObject()) Assert.Equal(PythonText(value.Value), opened.Metadata[value.Name]);
    }

    private static string PythonText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        JsonValueKind.Null => "None",
        _ => value.ToString(),
    };

    private static string PythonName(CheckpointDType dtype) => dtype.ToString().ToLowerInvariant();

    /// <summary>Bytes set, a piece cut out, or the end cut off, at random places: a value or a CheckpointException, nothing else, in bounded memory.</summary>
    [SkippableTheory]
    [MemberData(nameof(AllFiles))]
    public void Open_MutatedGoldenFile_OpensOrGivesCheckpointException(string file)
    {
        byte[] good = Fixtures.Bytes($"{Folder}/{file}");
        if (good.Length == 0) return;
        using var folder = new TempFolder();
        string path = folder.File("mutated");
        var random = new Random(DeterministicSeed(file));
        long before = GC.GetTotalAllocatedBytes();
        for (int run = 0; run < MutatedRuns; run++)
        {
            File.WriteAllBytes(path, Mutated(good, random));
            try
            {
                using var checkpoint = Checkpoint.Open(path);
                foreach (var tensor in checkpoint.Tensors) tensor.ToBytes();
            }
            catch (CheckpointException)
            {
            }
        }
        long each = (GC.GetTotalAllocatedBytes() - before) / MutatedRuns;
        Assert.True(each < 32 << 20, $"{each} bytes a file of {good.Length} bytes.");
    }

    private static int DeterministicSeed(string file) => file.Aggregate(17, (seed, c) => unchecked(seed * 31 + c));

    private static byte[] Mutated(byte[] good, Random random)
    {
        var bytes = new List<byte>(good);
        for (int changes = random.Next(1, 6); changes > 0; changes--)
        {
            int at = random.Next(bytes.Count), count = random.Next(1, 40);
            switch (random.Next(10))
            {
                case < 7: bytes[at] = (byte)random.Next(256); break;
                case 7: bytes.RemoveRange(at, Math.Min(count, bytes.Count - at - 1)); break;
                case 8: bytes.InsertRange(at, Enumerable.Repeat((byte)random.Next(256), count)); break;
                default: bytes.RemoveRange(at + 1, random.Next(bytes.Count - at)); break;
            }
        }
        return [.. bytes];
    }
}
