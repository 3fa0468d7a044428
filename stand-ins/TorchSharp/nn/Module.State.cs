#nullable disable
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>Parameters and persistent buffers by dotted name. A tensor that is reachable by several
            /// names appears under each of them.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor> destination = null, string prefix = null)
            {
                destination ??= [];
                foreach ((string name, Parameter parameter) in named_parameters()) destination.TryAdd(Join(prefix, name), parameter);
                foreach ((string name, Tensor buffer) in named_buffers(include_nonpersistent: false)) destination.TryAdd(Join(prefix, name), buffer);
                foreach ((string name, Module module) in named_children()) module.state_dict(destination, Join(prefix, name));
                return destination;
            }

            private static string Join(string prefix, string name) => string.IsNullOrEmpty(prefix) ? name : $"{prefix}.{name}";

            /// <summary>Copies tensors by name into this module's parameters and buffers.</summary>
            /// <returns>Names that this module has and the source lacks, and names the other way round.</returns>
            /// <exception cref="InvalidOperationException">strict, and the names differ; or a shape differs.</exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string> skip = null)
            {
                skip ??= [];
                Dictionary<string, Tensor> destination = state_dict();
                List<string> missing = destination.Keys.Where(k => !source.ContainsKey(k) && !skip.Contains(k)).ToList();
                List<string> unexpected = source.Keys.Where(k => !destination.ContainsKey(k) && !skip.Contains(k)).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                    throw new InvalidOperationException(
                        $"The loaded state_dict is not identical to the target dictionary. Missing: {List(missing)}; unexpected: {List(unexpected)}.");

                using (no_grad())
                {
                    foreach ((string key, Tensor value) in source)
                    {
                        if (skip.Contains(key) || !destination.TryGetValue(key, out Tensor target)) continue;
                        if (!target.shape.SequenceEqual(value.shape))
                            throw new InvalidOperationException(
                                $"'{key}' has shape [{string.Join(", ", value.shape)}] in the loaded state_dict, expected [{string.Join(", ", target.shape)}].");
                        target.copy_(value);
                    }
                }
                return (missing, unexpected);
            }

            private static string List(List<string> names) =>
                names.Count == 0 ? "none" : string.Join(", ", names.Take(20)) + (names.Count > 20 ? $" and {names.Count - 20} more" : "");

            public Module save(string location, IList<string> skip = null)
            {
                using FileStream stream = File.Create(location);
                return save(stream, skip);
            }

            public Module save(Stream stream, IList<string> skip = null)
            {
                using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
                return save(writer, skip);
            }

            public Module save(BinaryWriter writer, IList<string> skip = null)
            {
                save_state_dict(writer, state_dict(), skip);
                return this;
            }

            /// <summary>The package's own binary format: a count, then a name and a tensor each.</summary>
            public static void save_state_dict(BinaryWriter writer, Dictionary<string, Tensor> sd, IList<string> skip = null)
            {
                List<KeyValuePair<string, Tensor>> entries = sd.Where(e => skip is null || !skip.Contains(e.Key)).ToList();
                writer.Write7BitEncodedInt64(entries.Count);
                foreach ((string key, Tensor tensor) in entries)
                {
                    writer.Write(key);
                    TensorStream.Save(tensor, writer);
                }
            }

            public virtual Module load(string location, bool strict = true, IList<string> skip = null, Dictionary<string, bool> loadedParameters = null)
            {
                using FileStream stream = File.OpenRead(location);
                return load(stream, strict, skip, loadedParameters);
            }

            public Module load(Stream stream, bool strict = true, IList<string> skip = null, Dictionary<string, bool> loadedParameters = null)
            {
                using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
                return load(reader, strict, skip, loadedParameters);
            }

            public virtual Module load(BinaryReader reader, bool strict = true, IList<string> skip = null, Dictionary<string, bool> loadedParameters = null)
            {
                Dictionary<string, Tensor> own = state_dict();
                long count = reader.Read7BitEncodedInt64();
                if (strict && count != own.Count)
                    throw new ArgumentException($"Mismatched state_dict sizes: expected {own.Count}, but found {count} entries.");
                foreach (string key in own.Keys) loadedParameters?.TryAdd(key, false);
                for (long i = 0; i < count; i++)
                {
                    string key = reader.ReadString();
                    bool found = own.TryGetValue(key, out Tensor target);
                    if (!found && strict)
                        throw new ArgumentException($"Mismatched module state names: the target module does not have a parameter or buffer named '{key}'");
                    bool wanted = found && !(skip?.Contains(key) ?? false);
                    TensorStream.Load(wanted ? target : null, reader, key);
                    if (wanted && loadedParameters is not null) loadedParameters[key] = true;
                }
                return this;
            }

            public static Module Create<T>(string path) where T : Module, new() => new T().load(path);
        }
    }
}
