using System.Security.Cryptography;
using System.Text.Json;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.RsPrompter;
using SemanticSam.Engine.Sessions.Sam;
using SemanticSam.Foundation;
using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Granularity.Sam;
using TorchSharp;

namespace SemanticSam.Engine.Zoo;

/// <summary>Where the model that is tuned comes from: a file, a folder, or this library. A tuned folder keeps a copy in one file.</summary>
internal abstract class BaseSource
{
    /// <summary>What a tuned folder calls the copy, without its ending.</summary>
    protected const string CopyName = "base";

    /// <summary>In the metadata of a copy of the embedded model's network: its sizes, and its thresholds and calibration.</summary>
    protected const string ConfigKey = "config", SettingsKey = "settings";

    /// <summary>A checkpoint of SAM or MobileSAM, weights of the embedded model's network, or a folder of its family.</summary>
    public static BaseSource Of(string path) => Directory.Exists(path) ? new FromPackage(PackageFiles.FromFolder(path)) : new FromFile(path);

    /// <summary>The embedded model.</summary>
    public static BaseSource Embedded() => new FromPackage(PackageFiles.Embedded());

    /// <summary>Opens the model.</summary>
    /// <param name="imageSize">Side of the image; null for the model's own.</param>
    /// <param name="device">Where it computes.</param>
    /// <exception cref="CheckpointException">It is damaged, or of another family.</exception>
    public abstract PrompterBase Open(int? imageSize, torch.Device device);

    /// <summary>Copies what is needed into a tuned folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="anew">Also where there is a copy already, which may be of another model.</param>
    /// <returns>Name of the file.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public abstract string CopyTo(string folder, bool anew);

    private sealed class FromFile(string path) : BaseSource
    {
        public override PrompterBase Open(int? imageSize, torch.Device device)
        {
            if (!File.Exists(path)) throw new CheckpointException(path, "the file of the base model is missing.");
            using var checkpoint = Checkpoint.Open(path);
            var weights = StateDict.From(checkpoint);
            string sha256 = FileHash.Sha256(path);
            if (weights.ContainsKey(NanoBase.Mark)) return NanoBase.Open(weights, Config(checkpoint), Settings(checkpoint), sha256, imageSize, device);
            if (ModelRecognizer.Recognize(weights) is not { Family: ModelFamily.Sam or ModelFamily.MobileSam } found)
                throw new CheckpointException(path, "a base model is a checkpoint of SAM or MobileSAM, or the embedded model's network.");
            var sam = SamCheckpoint.Open(found, weights, imageSize);
            sam.to(device);
            var clicks = new SamSegmenter(sam, sha256, device);
            return new PrompterBase(sam.Config.Name, sha256, new SamFrozenEncoder(sam), sam,
                new(clicks, (view, size, input) =>
                    new SamEncodedImage(clicks, sam, new SamFeatures(view.States.Embedding.alias().DetachFromDisposeScope(), size, input), device)), sam);
        }

        public override string CopyTo(string folder, bool anew)
        {
            string name = CopyName + Path.GetExtension(path), copy = Path.Combine(folder, name);
            if (File.Exists(copy) && (!anew || Path.GetFullPath(copy) == Path.GetFullPath(path))) return name;
            using var source = RegularFile.OpenRead(path);
            AtomicFile.Write(copy, source.Length, source.CopyTo);
            return name;
        }

        private NanoPackageConfig Config(ICheckpoint checkpoint) => Parse(checkpoint, ConfigKey, NanoPackageConfig.FromJson);

        private InferenceSettings Settings(ICheckpoint checkpoint) => Parse(checkpoint, SettingsKey, InferenceSettings.FromJson);

        /// <summary>Weights as a training writes them say nothing of it, and are of the usual sizes.</summary>
        private T Parse<T>(ICheckpoint checkpoint, string key, Func<string, T> parse) where T : new()
        {
            try
            {
                return checkpoint.Metadata.TryGetValue(key, out string? json) ? parse(json) : new();
            }
            catch (JsonException e)
            {
                throw new CheckpointException(path, $"the entry '{key}' of its metadata cannot be read: {JsonMessage.Of(e)}.");
            }
        }
    }

    private sealed class FromPackage(PackageFiles files) : BaseSource
    {
        public override PrompterBase Open(int? imageSize, torch.Device device)
        {
            if (!files.ReadJson(ModelPackage.ConfigFile, NanoPackage.Is))
                throw new CheckpointException(files.Source,
                    "only models of the embedded family can be tuned as folders; else name a checkpoint of SAM or MobileSAM.");
            byte[] bytes = files.ReadBytes(ModelPackage.WeightsFile);
            using var checkpoint = SafetensorsFile.Open(bytes, files.NameOf(ModelPackage.WeightsFile));
            return NanoBase.Open(StateDict.From(checkpoint), files.ReadJson(ModelPackage.ConfigFile, NanoPackageConfig.FromJson),
                files.ReadJson(ModelPackage.InferenceFile, InferenceSettings.FromJson), Convert.ToHexStringLower(SHA256.HashData(bytes)), imageSize, device);
        }

        public override string CopyTo(string folder, bool anew)
        {
            const string Name = CopyName + ".safetensors";
            string copy = Path.Combine(folder, Name);
            if (File.Exists(copy) && !anew) return Name;
            using var checkpoint = SafetensorsFile.Open(files.ReadBytes(ModelPackage.WeightsFile), files.NameOf(ModelPackage.WeightsFile));
            SafetensorsWriter.Write(copy, checkpoint.Tensors, new SafetensorsWriterOptions
            {
                Metadata = new Dictionary<string, string>
                {
                    ["format"] = "pt",
                    [ConfigKey] = files.ReadJson(ModelPackage.ConfigFile, NanoPackageConfig.FromJson).ToJson(),
                    [SettingsKey] = files.ReadJson(ModelPackage.InferenceFile, InferenceSettings.FromJson).ToJson(),
                },
            });
            return Name;
        }
    }
}
