namespace SkiaSharp;

public class SKPath : SKObject
{
    private readonly List<SKPoint> _points = [];
    private readonly List<Verb> _verbs = [];

    internal enum Verb { Move, Line, Cubic, Close }

    public SKPathFillType FillType { get; set; }
    public bool IsEmpty => _verbs.Count == 0;
    public int PointCount => _points.Count;

    public void MoveTo(float x, float y) => Add(Verb.Move, new(x, y));
    public void MoveTo(SKPoint point) => Add(Verb.Move, point);
    public void LineTo(float x, float y) => LineTo(new SKPoint(x, y));

    public void LineTo(SKPoint point)
    {
        if (_verbs.Count == 0) MoveTo(0, 0);
        Add(Verb.Line, point);
    }

    public void CubicTo(float x0, float y0, float x1, float y1, float x2, float y2)
    {
        if (_verbs.Count == 0) MoveTo(0, 0);
        _verbs.Add(Verb.Cubic);
        _points.AddRange([new(x0, y0), new(x1, y1), new(x2, y2)]);
    }

    public void Close()
    {
        if (_verbs.Count > 0 && _verbs[^1] != Verb.Close) _verbs.Add(Verb.Close);
    }

    public void AddPoly(SKPoint[] points, bool close = true)
    {
        ArgumentNullException.ThrowIfNull(points);
        AddPoly(points.AsSpan(), close);
    }

    public void AddPoly(ReadOnlySpan<SKPoint> points, bool close = true)
    {
        if (points.IsEmpty) return;
        MoveTo(points[0]);
        foreach (SKPoint point in points[1..]) LineTo(point);
        if (close) Close();
    }

    public void Reset()
    {
        _points.Clear();
        _verbs.Clear();
        FillType = SKPathFillType.Winding;
    }

    internal void Trace(IntPtr cr)
    {
        Cairo.cairo_new_path(cr);
        int at = 0;
        foreach (Verb verb in _verbs)
        {
            switch (verb)
            {
                case Verb.Move:
                    Cairo.cairo_move_to(cr, _points[at].X, _points[at].Y);
                    break;
                case Verb.Line:
                    Cairo.cairo_line_to(cr, _points[at].X, _points[at].Y);
                    break;
                case Verb.Cubic:
                    Cairo.cairo_curve_to(cr, _points[at].X, _points[at].Y, _points[at + 1].X, _points[at + 1].Y, _points[at + 2].X, _points[at + 2].Y);
                    break;
                default:
                    Cairo.cairo_close_path(cr);
                    break;
            }
            at += verb switch { Verb.Cubic => 3, Verb.Close => 0, _ => 1 };
        }
    }

    private void Add(Verb verb, SKPoint point)
    {
        _verbs.Add(verb);
        _points.Add(point);
    }
}
