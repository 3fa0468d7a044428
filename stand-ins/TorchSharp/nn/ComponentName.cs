using System.Reflection;

namespace TorchSharp;

/// <summary>Gives a field of a module another registered name than its own.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class ComponentNameAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

public static class FieldInfoExtensionMethods
{
    /// <summary>The name under which a module registers what this field holds.</summary>
    public static string ComponentName(this FieldInfo field) =>
        field.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? field.Name;
}
