using System.Reflection;
using System.Runtime.CompilerServices;

namespace SemanticSam.Tests.StandIns.Surface;

/// <summary>The public surface of types that are really there, by reflection.</summary>
internal static class SurfaceReader
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<SurfaceType> Read(Assembly assembly) => assembly.GetTypes().Where(IsVisible).Select(Read);

    /// <summary>Public, or nested protected, up to the outermost type.</summary>
    private static bool IsVisible(Type type) =>
        type.IsNested ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!) : type.IsPublic;

    public static SurfaceType Read(Type type)
    {
        bool isStatic = type.IsAbstract && type.IsSealed;
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct"
            : type.IsSubclassOf(typeof(Delegate)) ? "delegate" : "class";
        Type? parent = kind is "class" or "delegate" && type.BaseType != typeof(object) ? type.BaseType : null;
        var surface = new SurfaceType($"{type.Namespace}::{SurfaceText.Of(type)}", kind, isStatic, type.IsAbstract && !isStatic && kind == "class",
            parent is null ? null : SurfaceText.Of(parent), typeof(IDisposable).IsAssignableFrom(type));

        if (type.IsEnum)
        {
            foreach (object value in Enum.GetValues(type)) surface.Values[value.ToString()!] = Convert.ToInt64(value);
            return surface;
        }
        foreach (ConstructorInfo c in type.GetConstructors(Declared).Where(c => !c.IsStatic && IsVisible(c, type)))
            surface.Members[$"{Protected(c)}new{SurfaceText.Parameters(c)}"] = Overriding.None;
        foreach (FieldInfo f in type.GetFields(Declared).Where(f => f.IsPublic || ((f.IsFamily || f.IsFamilyOrAssembly) && !type.IsSealed)))
            surface.Members[$"{(f.IsPublic ? "" : "protected ")}{(f.IsStatic ? "static " : "")}{SurfaceText.Of(f.FieldType)} {f.Name}"] = Overriding.None;
        foreach (PropertyInfo p in type.GetProperties(Declared)) AddProperty(surface, p, type);
        foreach (MethodInfo m in type.GetMethods(Declared).Where(m => IsVisible(m, type) && (!m.IsSpecialName || m.Name.StartsWith("op_")))) AddMethod(surface, m);
        return surface;
    }

    private static bool IsVisible(MethodBase method, Type type) =>
        method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !type.IsSealed);

    private static string Protected(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static void AddProperty(SurfaceType surface, PropertyInfo p, Type type)
    {
        MethodInfo[] visible = p.GetAccessors(nonPublic: true).Where(a => IsVisible(a, type)).ToArray();
        if (visible.Length == 0) return;
        string index = p.GetIndexParameters().Length == 0 ? p.Name
            : "this[" + string.Join(", ", p.GetIndexParameters().Select(SurfaceText.Of)) + "]";
        string isProtected = visible.Any(a => a.IsPublic) ? "" : "protected ";
        string text = $"{isProtected}{(visible[0].IsStatic ? "static " : "")}{SurfaceText.Of(p.PropertyType)} {index}";
        surface.Properties[text] = visible.Select(a => a == p.GetMethod ? "get" : "set").ToHashSet();
        if (visible.All(IsOverride)) surface.Overrides.Add(text);
    }

    private static void AddMethod(SurfaceType surface, MethodInfo m)
    {
        string generic = m.IsGenericMethodDefinition ? "<" + string.Join(", ", m.GetGenericArguments().Select(SurfaceText.Of)) + ">" : "";
        string extension = m.IsDefined(typeof(ExtensionAttribute)) ? " [extension]" : "";
        string text = $"{Protected(m)}{(m.IsStatic ? "static " : "")}{SurfaceText.Of(m.ReturnType)} {m.Name}{generic}{SurfaceText.Parameters(m)}{extension}";
        surface.Members[text] = m.IsAbstract ? Overriding.Abstract : m.IsVirtual && !m.IsFinal ? Overriding.Virtual : Overriding.None;
        if (IsOverride(m)) surface.Overrides.Add(text);
    }

    private static bool IsOverride(MethodInfo m) => m.GetBaseDefinition() != m && (m.Attributes & MethodAttributes.NewSlot) == 0;
}
