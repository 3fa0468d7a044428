using System.Reflection;
using System.Text.RegularExpressions;

namespace SemanticSam.Tests.StandIns.Surface;

/// <summary>The members of a type as <see cref="SkiaListing"/> writes them.</summary>
internal static partial class SkiaText
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Parameters without nullable marks and with numbers written plainly.</summary>
    public static string Normal(string parameters) =>
        FloatSuffix().Replace(parameters, "$1").Replace("? ", " ").Replace("params ", "");

    [GeneratedRegex(@"(\d)f\b")]
    private static partial Regex FloatSuffix();

    public static IEnumerable<string> Members(Type type)
    {
        foreach (ConstructorInfo c in type.GetConstructors(Declared).Where(c => !c.IsStatic && IsVisible(c, type))) yield return "new" + Parameters(c);
        foreach (FieldInfo f in type.GetFields(Declared).Where(f => f.IsPublic || (f.IsFamily && !type.IsSealed)))
            yield return $"{(f.IsStatic ? "static " : "")}{Of(f.FieldType)} {f.Name}";
        foreach (PropertyInfo p in type.GetProperties(Declared))
        {
            string index = p.GetIndexParameters().Length == 0 ? p.Name : "this[" + string.Join(", ", p.GetIndexParameters().Select(p => Keywords(SurfaceText.Of(p)))) + "]";
            foreach (MethodInfo accessor in p.GetAccessors(nonPublic: true).Where(a => IsVisible(a, type)))
            {
                string kind = (accessor.IsPublic ? "" : "protected ") + (accessor == p.GetMethod ? "get" : "set");
                yield return $"{(accessor.IsStatic ? "static " : "")}{Of(p.PropertyType).TrimEnd('?')} {index} {{ {kind} }}";
            }
        }
        foreach (MethodInfo m in type.GetMethods(Declared).Where(m => IsVisible(m, type)))
        {
            if (IsOverride(m)) continue;
            string returns = Of(m.ReturnType);
            string isStatic = m.IsStatic ? "static " : "";
            if (m.Name is "op_Implicit" or "op_Explicit") yield return $"static {m.Name[3..].ToLowerInvariant()} operator {returns}{Parameters(m)}";
            else if (m.Name is "op_Equality" or "op_Inequality") yield return $"static bool operator {(m.Name == "op_Equality" ? "==" : "!=")}{Parameters(m)}";
            else if (!m.IsSpecialName || m.Name.StartsWith("op_")) yield return $"{isStatic}{returns} {m.Name}{Parameters(m)}";
        }
    }

    private static string Of(Type type) => Keywords(SurfaceText.Of(type));

    private static string Keywords(string text) => text.Replace("UInt32", "uint").Replace("UInt16", "ushort");

    private static string Parameters(MethodBase method)
    {
        string text = Normal(Keywords(SurfaceText.Parameters(method)));
        return method.IsDefined(typeof(System.Runtime.CompilerServices.ExtensionAttribute)) ? "(this " + text[1..] : text;
    }

    private static bool IsVisible(MethodBase m, Type type) => m.IsPublic || ((m.IsFamily || m.IsFamilyOrAssembly) && !type.IsSealed);

    private static bool IsOverride(MethodInfo m) => m.GetBaseDefinition() != m && (m.Attributes & MethodAttributes.NewSlot) == 0;
}
