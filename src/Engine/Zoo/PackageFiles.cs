using System.Reflection;
using System.Text;
using System.Text.Json;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Foundation;

namespace SemanticSam.Engine.Zoo;

/// <summary>The files of a model: those of a folder, or those embedded in this assembly.</summary>
/// <param name="source">What they are called in messages: the folder, or "the embedded model".</param>
/// <param name="open">Opens one of them by name; null where there is none.</param>
internal sealed class PackageFiles(string source, Func<string, Stream?> open)
{
    /// <summary>The default model, embedded as resources.</summary>
    public static PackageFiles Embedded() => new("the embedded model", name => Assembly.GetExecutingAssembly().GetManifestResourceStream("nano/" + name));

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static PackageFiles FromFolder(string folder)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"'{folder}' is not a folder.");
        return new(folder, name =>
        {
            string path = Path.Combine(folder, name);
            if (!File.Exists(path)) return null;
            if (FileKinds.Of(path) == FileKind.Unknown) throw new CheckpointException(folder, $"the file {name} is a link that leads nowhere.");
            return RegularFile.OpenRead(path);
        });
    }

    /// <summary>What they are called in messages.</summary>
    public string Source => source;

    /// <summary>What one of them is called in messages.</summary>
    public string NameOf(string name) => $"{source}/{name}";

    /// <summary>One of the files.</summary>
    /// <exception cref="CheckpointException">It is missing.</exception>
    public Stream Open(string name) => open(name) ?? throw new CheckpointException(source, $"the file {name} is missing.");

    /// <summary>One of the files; null where there is none.</summary>
    public Stream? TryOpen(string name) => open(name);

    /// <summary>The bytes of one of the files.</summary>
    /// <exception cref="CheckpointException">It is missing.</exception>
    public byte[] ReadBytes(string name)
    {
        using var stream = Open(name);
        long most = name.EndsWith(".safetensors", StringComparison.Ordinal) ? Array.MaxLength : RegularFile.LargestText;
        if (stream.Length > most) throw new CheckpointException(NameOf(name), $"it has {stream.Length} bytes; at most {most} are allowed.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>One of the files, as JSON.</summary>
    /// <exception cref="CheckpointException">It is missing, or not what is expected.</exception>
    public T ReadJson<T>(string name, Func<string, T> parse)
    {
        try
        {
            return ModelFault.Guard(NameOf(name), () => parse(Encoding.UTF8.GetString(ReadBytes(name))));
        }
        catch (JsonException e)
        {
            throw new CheckpointException(NameOf(name), $"{JsonMessage.Of(e)}.");
        }
    }
}
