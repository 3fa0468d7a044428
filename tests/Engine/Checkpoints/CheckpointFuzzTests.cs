using System.Text;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Tests.Engine.Checkpoints.PyTorch;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;

namespace SemanticSam.Tests.Engine.Checkpoints;

/// <summary>
/// Checkpoints of every kind, changed at random: whatever they are, opening them and reading all values ends soon, in little memory, with values or a
/// <see cref="CheckpointException"/>. SEMSAM_FUZZ says how many inputs a kind (1,000,000 by default, hours).
/// </summary>
public sealed class CheckpointFuzzTests(ITestOutputHelper log) : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Kinds() => ["zip", "legacy", "torchscript", "pickle", "safetensors", "index"];

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void Open_SomeChangedFiles_EndsWell(string kind) => Fuzz(kind, 100);

    [SkippableTheory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Kinds))]
    public void Open_AMillionChangedFiles_EndsWell(string kind) =>
        Fuzz(kind, FuzzRun.Inputs);

    private void Fuzz(string kind, int inputs)
    {
        byte[][] seeds = Seeds(kind);
        string path = _folder.File(kind == "index" ? "x.safetensors.index.json" : "x");
        new FuzzRun(log, kind).Run(inputs, Make, _ => Open(), e => e is CheckpointException);

        byte[] Make(int number)
        {
            byte[] file = Changed(seeds, new Random(number));
            File.WriteAllBytes(path, file);
            return file;
        }

        void Open()
        {
            try
            {
                using var checkpoint = Checkpoint.Open(path);
                foreach (var tensor in checkpoint.Tensors) tensor.ToBytes();
            }
            catch (CheckpointException e)
            {
                Assert.InRange(e.Message.Length, path.Length, 1600);
                throw;
            }
        }
    }

    private byte[][] Seeds(string kind)
    {
        if (kind is "zip" or "legacy" or "torchscript")
        {
            string folder = Path.GetDirectoryName(Fixtures.Path("checkpoints/expected.json"))!;
            string[] files = [.. Directory.GetFiles(folder, $"{kind}_*"), .. Directory.GetFiles(folder, "malicious_*")];
            return [.. files.Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        }
        if (kind == "pickle")
        {
            // Stored as it is in the archive, so that changes meet its opcodes.
            var pickle = new PickleBuilder().Op('}').Op('(').Text("a").Tensor("0", 6, 0, [2, 3], [3, 1]).Text("b").Tensor("0", 6, 2, [2], [1]).Op('u');
            return [new ZipBuilder().Add("x/data.pkl", pickle.Bytes).Add("x/data/0", new byte[24]).Build(),
                new ZipBuilder(zip64: true).Add("x/data.pkl", pickle.Bytes).Add("x/data/0", new byte[24]).Build()];
        }
        const string header = "{\"__metadata__\":{\"who\":\"x\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
            + "\"b\":{\"shape\":[],\"data_offsets\":[8,10],\"dtype\":\"BF16\"},\"c\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[10,13]}}";
        byte[] file = [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[13]];
        if (kind == "safetensors") return [file];
        _folder.Write("one.safetensors", file);
        return [Encoding.UTF8.GetBytes("{\"metadata\": {\"total_size\": 13}, \"weight_map\": {\"a\": \"one.safetensors\", \"b\": \"one.safetensors\"}}")];
    }

    /// <summary>Numbers at the limits, words of the formats, and opcodes that make much of little.</summary>
    private static readonly byte[][] Words =
    [
        [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0x80], [0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0, 0, 0, 0, 0x80], "99999999999"u8.ToArray(), "-1"u8.ToArray(),
        "[[[["u8.ToArray(), "{}"u8.ToArray(), "null"u8.ToArray(), "\"a\""u8.ToArray(), "F64"u8.ToArray(), "../x"u8.ToArray(), "x/data/0"u8.ToArray(),
        "cos\nsystem\n"u8.ToArray(), "t"u8.ToArray(), "u"u8.ToArray(), "R"u8.ToArray(), "h\0"u8.ToArray(), "q\0"u8.ToArray(), "]"u8.ToArray(), "("u8.ToArray(),
    ];

    private static byte[] Changed(byte[][] seeds, Random random)
    {
        byte[] file = [.. seeds[random.Next(seeds.Length)]];
        for (int changes = random.Next(1, 5); changes > 0 && file.Length > 4; changes--)
        {
            int at = random.Next(file.Length), length = Math.Min(random.Next(1, 40), file.Length - at);
            byte[] word = Words[random.Next(Words.Length)];
            switch (random.Next(9))
            {
                case 0: file[at] ^= (byte)(1 << random.Next(8)); break;
                case 1 or 2: file[at] = (byte)random.Next(256); break;
                case 3: file = [.. file[..at], .. word, .. file[at..]]; break;
                case 4: word.AsSpan(0, Math.Min(word.Length, file.Length - at)).CopyTo(file.AsSpan(at)); break;
                case 5: file = [.. file[..at], .. file[(at + length)..]]; break;
                case 6: file = [.. file[..(at + length)], .. file[at..]]; break;
                case 7:
                    byte[] other = seeds[random.Next(seeds.Length)];
                    int from = random.Next(other.Length);
                    file = [.. file[..at], .. other[from..Math.Min(other.Length, from + length)], .. file[at..]];
                    break;
                default: file = file[..^Math.Min(random.Next(1, 200), file.Length - 1)]; break;
            }
        }
        return file;
    }
}
