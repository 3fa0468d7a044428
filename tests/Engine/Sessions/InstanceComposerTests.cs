using SemanticSam.Engine.Sessions;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Engine.Sessions;

public sealed class InstanceComposerTests
{
    private const double Cell = 16;

    private static Rle Box(int left, int top, int right, int bottom) => Rle.FromBox(100, 100, new BoxI(left, top, right, bottom));

    private static NameMask Of(Rle mask, float score = 0.9f) => new(mask, score, 0.8f, 0.9f);

    [Fact]
    public void Compose_NoInstances_GivesConnectedPieces()
    {
        var union = Box(0, 0, 30, 30).Union(Box(60, 60, 90, 90));
        var pieces = InstanceComposer.Compose(Of(union), [], Cell);
        Assert.Equal(2, pieces.Count);
        Assert.Equal(union, Rle.Merge(pieces.Select(p => p.Mask)));
    }

    [Fact]
    public void Compose_TwoInstancesInOnePiece_SplitIt()
    {
        var union = Box(10, 10, 50, 40);
        var pieces = InstanceComposer.Compose(Of(union), [Of(Box(10, 10, 30, 40)), Of(Box(30, 10, 50, 40), 0.8f)], Cell);
        Assert.Equal(2, pieces.Count);
        Assert.Equal(0, pieces[0].Mask.IntersectionArea(pieces[1].Mask));
        Assert.Equal(union, Rle.Merge(pieces.Select(p => p.Mask)));
    }

    [Fact]
    public void Compose_InstanceOutsideTheUnion_IsDropped()
    {
        var pieces = InstanceComposer.Compose(Of(Box(0, 0, 20, 20)), [Of(Box(50, 50, 90, 90))], Cell);
        Assert.Equal(Box(0, 0, 20, 20), Assert.Single(pieces).Mask);
    }

    [Fact]
    public void Compose_DuplicateInstance_IsDropped()
    {
        var pieces = InstanceComposer.Compose(Of(Box(0, 0, 20, 20)), [Of(Box(0, 0, 20, 20)), Of(Box(0, 0, 20, 19), 0.8f)], Cell);
        Assert.Single(pieces);
    }

    [Fact]
    public void Compose_UnionOfPiecesBelowACell_IsOneInstance()
    {
        var crumbs = Box(0, 0, 3, 4).Union(Box(40, 40, 43, 45)).Union(Box(80, 0, 82, 3)); // 12, 15 and 6 pixels
        Assert.Equal(crumbs, Assert.Single(InstanceComposer.Compose(Of(crumbs), [], Cell)).Mask);
    }

    [Fact]
    public void Compose_PieceOfACellAmongSmaller_TakesThemIn()
    {
        var union = Box(0, 0, 4, 4).Union(Box(40, 40, 43, 45)); // 16 and 15 pixels
        Assert.Equal(union, Assert.Single(InstanceComposer.Compose(Of(union), [], Cell)).Mask);
    }

    [Fact]
    public void Compose_SmallPiecesOfACellEach_AreInstances() =>
        Assert.Equal(2, InstanceComposer.Compose(Of(Box(0, 0, 4, 4).Union(Box(40, 40, 44, 44))), [], Cell).Count);

    [Fact]
    public void Compose_RemainderBesideInstances_IsNoSurerThanTheWeakest()
    {
        var union = Of(Box(0, 0, 20, 20).Union(Box(40, 40, 60, 60)).Union(Box(70, 70, 90, 90)), 0.9f);
        var pieces = InstanceComposer.Compose(union, [Of(Box(0, 0, 20, 20), 0.6f), Of(Box(40, 40, 60, 60), 0.4f)], Cell);
        Assert.Equal([0.6f, 0.4f, 0.4f], pieces.Select(p => p.Score));
        Assert.Equal(Box(70, 70, 90, 90), pieces[2].Mask);
        Assert.All(InstanceComposer.Compose(union, [], Cell), p => Assert.Equal(0.9f, p.Score)); // nothing better is known
    }

    [Fact]
    public void Compose_EmptyUnion_GivesNothing() => Assert.Empty(InstanceComposer.Compose(Of(Rle.Empty(10, 10)), [], Cell));
}
