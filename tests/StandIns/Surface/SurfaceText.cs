using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace SemanticSam.Tests.StandIns.Surface;

/// <summary>Types, parameters and default values as the listings write them.</summary>
internal static class SurfaceText
{
    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(int)] = "int",
        [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(float)] = "float", [typeof(double)] = "double", [typeof(char)] = "char",
        [typeof(string)] = "string", [typeof(object)] = "object", [typeof(void)] = "void",
    };

    public static string Of(Type type)
    {
        if (s_keywords.TryGetValue(type, out string? keyword)) return keyword;
        if (type.IsGenericParameter) return type.Name;
        if (type.IsArray) return Of(type.GetElementType()!) + "[]"; // the listings do not tell ranks apart
        if (Nullable.GetUnderlyingType(type) is { } inner) return Of(inner) + "?";
        if (!type.IsGenericType) return type.IsNested ? Of(type.DeclaringType!) + "." + type.Name : type.Name;
        string arguments = string.Join(", ", type.GetGenericArguments().Select(Of));
        if (type.FullName?.StartsWith("System.ValueTuple`") ?? type.Name.StartsWith("ValueTuple`")) return $"({arguments})";
        // A generic nested type is written with its direct outer type only.
        string outer = type.IsNested ? Bare(type.DeclaringType!.Name) + "." : "";
        return $"{outer}{Bare(type.Name)}<{arguments}>";
    }

    private static string Bare(string name) => name.Split('`')[0];

    public static string Parameters(MethodBase method) => "(" + string.Join(", ", method.GetParameters().Select(Of)) + ")";

    public static string Of(ParameterInfo p)
    {
        string way = p.IsDefined(typeof(ParamArrayAttribute)) || p.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "";
        Type type = p.ParameterType;
        if (type.IsByRef)
        {
            way = p.IsOut ? "out " : p.IsIn ? "in " : "ref ";
            type = type.GetElementType()!;
        }
        return $"{way}{Of(type)} {p.Name}{(p.HasDefaultValue ? " = " + Default(p) : "")}";
    }

    private static string Default(ParameterInfo p)
    {
        Type type = Nullable.GetUnderlyingType(p.ParameterType) ?? p.ParameterType;
        return p.RawDefaultValue switch
        {
            null => p.ParameterType.IsValueType && type == p.ParameterType ? "default" : "null",
            bool b => b ? "true" : "false",
            string s => $"\"{s}\"",
            object v when type.IsEnum => $"{Of(type)}.{Enum.GetName(type, v)}",
            IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
            object o => o.ToString()!,
        };
    }
}
