using System.Reflection;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class MaskThresholdsTests
{
    private static PropertyInfo[] Thresholds => [.. typeof(MaskThresholds).GetProperties(BindingFlags.Public | BindingFlags.Instance)];

    /// <summary>For every property, so that one that is added cannot be forgotten in the merge.</summary>
    [Fact]
    public void Over_EveryThreshold_TakesTheUpperOneAndFillsWhatIsOpen()
    {
        var lower = MaskThresholds.SemanticSam;
        Assert.NotEmpty(Thresholds);
        foreach (var property in Thresholds)
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType)!;
            object other = type.IsEnum ? OverlapMeasure.Masks : Convert.ChangeType(1, type);
            var upper = new MaskThresholds();
            property.SetValue(upper, other);
            var merged = upper.Over(lower);
            Assert.Equal(other, property.GetValue(merged));
            foreach (var rest in Thresholds.Where(p => p.Name != property.Name)) Assert.Equal(rest.GetValue(lower), rest.GetValue(merged));
        }
        Assert.Equal(lower, new MaskThresholds().Over(lower));
    }

    [Fact]
    public void Families_Thresholds_AreComplete()
    {
        foreach (var family in new[] { MaskThresholds.Sam, MaskThresholds.SemanticSam })
            Assert.All(Thresholds, property => Assert.NotNull(property.GetValue(family)));
    }
}
