using SemanticSam.Tests.StandIns.Surface.Samples;

namespace SemanticSam.Tests.StandIns.Surface.Samples
{
    /// <summary>A made-up stand-in: everything named Wrong differs from the made-up listing below.</summary>
    public abstract class Sample : IDisposable
    {
        public enum Colour { Red = 1, Green = 2, WrongNumber = 4, WrongName = 5 }

        public Sample(int size = 3) => Size = size;

        protected Sample(string wrong) => Size = wrong.Length;

        public int Size { get; }

        public string? WrongSetter { get; set; }

        public static readonly double Ratio = 0.5;

        public double WrongField;

        public (long, string) Pair(IList<long?> all, params int[] rest) => (all.Count, rest.Length.ToString());

        public T Generic<T>(T value, out int count, Colour colour = Colour.Green, float x = 1e-5f) where T : notnull
        {
            count = 0;
            return value;
        }

        public int WrongDefault(int a = 1) => a;

        public int WrongParameterName(int b) => b;

        public int WrongType(long a) => (int)a;

        public void WrongNew() { }

        public virtual void WrongVirtual() { }

        public virtual void Fine() { }

        public virtual void WrongNotAbstract() { }

        protected virtual void Dispose(bool disposing) { }

        internal void Hidden() { }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }
    }

    public sealed class Derived : Sample
    {
        public override void Fine() { }

        public override string ToString() => "";
    }

    public class WrongUnknown;

    public class WrongBase : Exception;

    public static class Extensions
    {
        public static int Twice(this int value) => 2 * value;

        public static int WrongNoExtension(int value) => value;
    }
}

namespace SemanticSam.Tests.StandIns.Surface
{
    /// <summary>The checker must be able to fail: every wrong member is found, and nothing else.</summary>
    public sealed class SurfaceComparerTests
    {
        private const string Listing = """
            abstract class SemanticSam.Tests.StandIns.Surface.Samples::Sample (IDisposable)
              new(int size = 3)
              int Size { get; }
              string WrongSetter { get; }
              static double Ratio
              (long, string) Pair(IList<long?> all, params int[] rest)
              T Generic<T>(T value, out int count, Sample.Colour colour = Sample.Colour.Green, float x = 1E-05)
              int WrongDefault(int a = 2)
              int WrongParameterName(int a)
              int WrongType(int a)
              void WrongVirtual()
              virtual void Fine()
              abstract void WrongNotAbstract()
              void Dispose()
              protected virtual void Dispose(bool disposing)
              void NotInTheStandIn()

            enum SemanticSam.Tests.StandIns.Surface.Samples::Sample.Colour
              Red=1, Green=2, WrongNumber=3

            class SemanticSam.Tests.StandIns.Surface.Samples::Derived : Between (IDisposable)
              new()

            class SemanticSam.Tests.StandIns.Surface.Samples::Between : Sample (IDisposable)
              new()

            class SemanticSam.Tests.StandIns.Surface.Samples::WrongBase
              new()

            static class SemanticSam.Tests.StandIns.Surface.Samples::Extensions
              static int Twice(int value) [extension]
              static int WrongNoExtension(int value) [extension]
            """;

        private static string[] Problems(params Type[] types) =>
            new SurfaceComparer(ListingParser.Parse(Listing.Split('\n'))).Problems(types.Select(SurfaceReader.Read)).ToArray();

        [Fact]
        public void Problems_OfAClass_AreExactlyTheWrongMembers()
        {
            string[] problems = Problems(typeof(Sample));

            string[] expected =
            [
                "no protected new(string wrong)", "WrongSetter has no set", "no double WrongField", "no int WrongDefault(int a = 1)", "no int WrongParameterName(int b)",
                "no int WrongType(long a)", "no void WrongNew()", "void WrongVirtual() is not virtual", "void WrongNotAbstract() is abstract",
            ];
            foreach (string e in expected) Assert.Single(problems, p => p.Contains(e));
            Assert.Equal(expected.Length, problems.Length);
        }

        [Fact]
        public void Problems_OfAnEnum_AreWrongNamesAndNumbers()
        {
            string[] problems = Problems(typeof(Sample.Colour));

            Assert.Equal(2, problems.Length);
            Assert.Contains(problems, p => p.EndsWith("WrongNumber is 3, not 4"));
            Assert.Contains(problems, p => p.EndsWith("no value WrongName"));
        }

        [Fact]
        public void Problems_OfOverridesAndSkippedBases_AreNone() => Assert.Empty(Problems(typeof(Derived)));

        [Fact]
        public void Problems_OfUnknownTypesBasesAndExtensions_AreFound()
        {
            Assert.Contains("no such type", Assert.Single(Problems(typeof(WrongUnknown))));
            Assert.Contains("does not derive from Exception", Assert.Single(Problems(typeof(WrongBase))));
            Assert.Contains("no static int WrongNoExtension(int value)", Assert.Single(Problems(typeof(Extensions))));
        }

        [Fact]
        public void SkiaProblems_OfAMadeUpListing_AreTheWrongMembers()
        {
            string[] listing =
            [
                "enum SKSide { Left=0, Right=1 }   enum SKOther { A=0 }",
                "=== 1. POINTS (mutable structs, all IEquatable with ==, !=) ===",
                "public partial struct SkiaSample",
                "   SkiaSample (int x, float scale = 12f);   int X { get; set; }   bool IsA, IsB { get; }   // remark; with: punctuation (here)",
                "   float Top (negative), Bottom   // { get; }",
                "   [Obsolete] void Old ();   static SkiaSample Make (SkiaSample? other = null)   /* note; */ ;",
                "   static readonly SkiaSample Empty;   static implicit operator SkiaSample (uint value)",
            ];
            var comparer = new SkiaComparer(new SkiaListing(listing));

            string[] problems = comparer.Problems([typeof(SkiaSample), typeof(SKSide)]).ToArray();

            string[] expected = ["no new(int y)", "no bool IsB { set }", "no void Wrong()", "no static SkiaSample Make(int count)", "Right is not 2"];
            foreach (string e in expected) Assert.Single(problems, p => p.Contains(e));
            Assert.Equal(expected.Length, problems.Length);
        }
    }

    public enum SKSide { Left = 0, Right = 2 }

#pragma warning disable CS0660, CS0661 // only the operators are of interest
    public struct SkiaSample : IEquatable<SkiaSample>
    {
        public static readonly SkiaSample Empty;

        public SkiaSample(int x, float scale = 12f) => X = x * (int)scale;

        public SkiaSample(int y) => X = y;

        public int X { get; set; }

        public readonly bool IsA => X > 0;

        public bool IsB { get; set; }

        public readonly float Top => -1;

        public readonly void Old() { }

        public readonly void Wrong() { }

        public static SkiaSample Make(SkiaSample? other = null) => other ?? Empty;

        public static SkiaSample Make(int count) => new(count);

        public readonly bool Equals(SkiaSample obj) => obj.X == X;

        public static bool operator ==(SkiaSample left, SkiaSample right) => left.Equals(right);

        public static bool operator !=(SkiaSample left, SkiaSample right) => !left.Equals(right);

        public static implicit operator SkiaSample(uint value) => new((int)value);
    }
#pragma warning restore
}
