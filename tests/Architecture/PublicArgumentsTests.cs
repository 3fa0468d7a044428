using System.Reflection;
using System.Runtime.ExceptionServices;
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;
using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Engine.Batch;
using SemanticSam.Tests.Support;
using SemanticSam.Training;
using SemanticSam.Training.Data;
using SemanticSam.Training.Evaluation;

namespace SemanticSam.Tests.Architecture;

/// <summary>
/// Null where the signature allows none, for every parameter of every public method and constructor: an ArgumentNullException that names it, and not
/// whatever breaks first. Records hold what they are given, and exceptions say what they are told; both are exempt.
/// </summary>
public sealed class PublicArgumentsTests(SmallModel shared) : IClassFixture<SmallModel>, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<IDisposable> _made = [];

    public void Dispose()
    {
        foreach (var made in _made) made.Dispose();
        _folder.Dispose();
    }

    private static string Val => Fixtures.OwnPath("wholepart/annotations_val.json");

    /// <summary>Something of a type that is not null; null where this test knows nothing of it.</summary>
    private object? Some(Type type)
    {
        if (type == typeof(string)) return _folder.File("x");
        if (type == typeof(RgbImage)) return new RgbImage(8, 8);
        if (type == typeof(Rle)) return Rle.Full(8, 8);
        if (type == typeof(MaskResult)) return new MaskResult { Mask = Rle.Full(8, 8) };
        if (type == typeof(PartTree)) return PartTree.Build([Rle.Full(8, 8)]);
        if (type == typeof(MaskThresholds)) return new MaskThresholds();
        if (type == typeof(Prompt)) return Prompt.At(1, 1);
        if (type == typeof(SegmentationModel)) return shared.Model;
        if (type == typeof(ImageSession)) return Kept(shared.Model.Open(new RgbImage(32, 32)));
        if (type == typeof(BatchOptions)) return new BatchOptions { Description = [] };
        if (type == typeof(BatchRunner)) return new BatchRunner([_folder.File("x.png")], new() { Description = [] });
        if (type == typeof(AnnotationReader)) return Kept(AnnotationReader.Open(Val));
        if (type == typeof(AnnotationWriter)) return Kept(AnnotationWriter.Create(_folder.File("labelme"), AnnotationFormat.LabelMe));
        if (type == typeof(AnnotatedImage)) return new AnnotatedImage { FileName = "a.jpg", Width = 8, Height = 8 };
        if (type == typeof(WholePartDataset)) return WholePartDataset.Load(Val, Fixtures.OwnPath("wholepart/images/val"));
        if (type == typeof(EvaluationOptions)) return new EvaluationOptions();
        if (type == typeof(byte[])) return new byte[3 * 8 * 8];
        if (type.IsArray) return Array.CreateInstance(type.GetElementType()!, 0);
        if (type.IsGenericType && type.GetGenericTypeDefinition() is var generic
            && (generic == typeof(IReadOnlyList<>) || generic == typeof(IEnumerable<>) || generic == typeof(IReadOnlyCollection<>)))
            return Array.CreateInstance(type.GetGenericArguments()[0], 0);
        return type.IsValueType ? Activator.CreateInstance(type) : null;
    }

    private T Kept<T>(T made) where T : IDisposable
    {
        _made.Add(made);
        return made;
    }

    private static IEnumerable<MethodBase> Members(Type type)
    {
        const BindingFlags hidden = BindingFlags.Instance | BindingFlags.NonPublic;
        bool record = type.GetMethod("<Clone>$") is not null || type.GetMethod("PrintMembers", hidden) is not null;
        const BindingFlags own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        IEnumerable<MethodBase> methods = type.GetMethods(own).Where(m => !m.IsSpecialName && !m.IsAbstract
            && m.GetBaseDefinition().DeclaringType != typeof(object) && m.Name is not ("Equals" or "Deconstruct" or "PrintMembers" or "<Clone>$"));
        return record || type.IsAbstract ? methods : methods.Concat(type.GetConstructors(own));
    }

    [Fact]
    public async Task Null_WhereNoneIsAllowed_IsAnArgumentNullException()
    {
        var nullability = new NullabilityInfoContext();
        var wrong = new List<string>();
        int asked = 0;
        foreach (Type type in Projects.Libraries.SelectMany(a => a.GetExportedTypes())
            .Where(t => !typeof(Exception).IsAssignableFrom(t) && !typeof(Delegate).IsAssignableFrom(t)))
            foreach (MethodBase member in Members(type))
            {
                var parameters = member.GetParameters();
                if (parameters.Any(p => p.ParameterType.IsByRefLike)) continue; // reflection cannot call these
                foreach (var parameter in parameters)
                {
                    if (parameter.ParameterType.IsValueType || nullability.Create(parameter).WriteState != NullabilityState.NotNull) continue;
                    object? target = member.IsStatic || member.IsConstructor ? null : Some(type);
                    if (target is null && !member.IsStatic && !member.IsConstructor) continue; // nobody outside can make one alone
                    object?[] arguments = [.. parameters.Select(p => p == parameter ? null
                        : nullability.Create(p).WriteState == NullabilityState.Nullable ? null
                        : p.HasDefaultValue && p.DefaultValue is not null ? p.DefaultValue : Some(p.ParameterType))];
                    bool others = parameters.All(p => p == parameter || arguments[p.Position] is not null
                        || nullability.Create(p).WriteState == NullabilityState.Nullable);
                    asked++;
                    if (await Call(member, target, arguments) is not ArgumentNullException thrown) wrong.Add($"{type.Name}.{member.Name}({parameter.Name})");
                    else if (others && thrown.ParamName != parameter.Name) wrong.Add($"{type.Name}.{member.Name}({parameter.Name}): {thrown.ParamName}");
                }
            }
        Assert.True(wrong.Count == 0, string.Join(", ", wrong));
        Assert.True(asked > 40, $"{asked}");
    }

    private static async Task<Exception?> Call(MethodBase member, object? target, object?[] arguments)
    {
        try
        {
            object? result = member is ConstructorInfo constructor ? constructor.Invoke(arguments) : member.Invoke(target, arguments);
            if (result is Task task) await task;
            return null;
        }
        catch (TargetInvocationException e)
        {
            return e.InnerException;
        }
        catch (Exception e)
        {
            return ExceptionDispatchInfo.Capture(e).SourceException;
        }
    }

    /// <summary>What sessions and models do is told by their own tests.</summary>
    [Fact]
    public void ReadersAndWriters_AfterDispose_RefuseEverything()
    {
        var image = new AnnotatedImage { FileName = "a.jpg", Width = 8, Height = 8 };
        foreach (var format in AnnotationFormats.Writable)
        {
            var writer = AnnotationWriter.Create(_folder.File($"{format}"), format, new() { Images = _folder.Path, Problem = _ => { } });
            writer.Write(image);
            writer.Dispose();
            writer.Dispose();
            Assert.Throws<ObjectDisposedException>(() => writer.Write(image));
            Assert.Throws<ObjectDisposedException>(writer.Complete);
        }
        var reader = AnnotationReader.Open(Val);
        var begun = reader.Read().GetEnumerator();
        Assert.True(begun.MoveNext());
        reader.Dispose();
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => begun.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => reader.Read());
        using var to = AnnotationWriter.Create(_folder.File("to"), AnnotationFormat.LabelMe);
        Assert.Throws<ObjectDisposedException>(() => reader.CopyTo(to));
    }
}
