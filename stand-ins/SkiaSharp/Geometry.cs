namespace SkiaSharp;

public partial struct SKPoint(float x, float y) : IEquatable<SKPoint>
{
    public static readonly SKPoint Empty;

    public float X { get; set; } = x;
    public float Y { get; set; } = y;

    public readonly bool Equals(SKPoint obj) => X == obj.X && Y == obj.Y;
    public override readonly bool Equals(object obj) => obj is SKPoint other && Equals(other);
    public override readonly int GetHashCode() => HashCode.Combine(X, Y);
    public static bool operator ==(SKPoint left, SKPoint right) => left.Equals(right);
    public static bool operator !=(SKPoint left, SKPoint right) => !left.Equals(right);
}

public partial struct SKSizeI(int width, int height) : IEquatable<SKSizeI>
{
    public static readonly SKSizeI Empty;

    public int Width { get; set; } = width;
    public int Height { get; set; } = height;

    public readonly bool Equals(SKSizeI obj) => Width == obj.Width && Height == obj.Height;
    public override readonly bool Equals(object obj) => obj is SKSizeI other && Equals(other);
    public override readonly int GetHashCode() => HashCode.Combine(Width, Height);
    public static bool operator ==(SKSizeI left, SKSizeI right) => left.Equals(right);
    public static bool operator !=(SKSizeI left, SKSizeI right) => !left.Equals(right);
}

public partial struct SKRect(float left, float top, float right, float bottom) : IEquatable<SKRect>
{
    public static readonly SKRect Empty;

    public float Left { get; set; } = left;
    public float Top { get; set; } = top;
    public float Right { get; set; } = right;
    public float Bottom { get; set; } = bottom;

    public readonly float Width => Right - Left;
    public readonly float Height => Bottom - Top;
    public readonly float MidX => Left + Width / 2;
    public readonly float MidY => Top + Height / 2;

    public static SKRect Create(float x, float y, float width, float height) => new(x, y, x + width, y + height);

    public readonly bool IntersectsWith(SKRect rect) => Left < rect.Right && Right > rect.Left && Top < rect.Bottom && Bottom > rect.Top;

    public readonly bool Equals(SKRect obj) => Left == obj.Left && Top == obj.Top && Right == obj.Right && Bottom == obj.Bottom;
    public override readonly bool Equals(object obj) => obj is SKRect other && Equals(other);
    public override readonly int GetHashCode() => HashCode.Combine(Left, Top, Right, Bottom);
    public static bool operator ==(SKRect left, SKRect right) => left.Equals(right);
    public static bool operator !=(SKRect left, SKRect right) => !left.Equals(right);
}

public partial struct SKRectI(int left, int top, int right, int bottom) : IEquatable<SKRectI>
{
    public static readonly SKRectI Empty;

    public int Left { get; set; } = left;
    public int Top { get; set; } = top;
    public int Right { get; set; } = right;
    public int Bottom { get; set; } = bottom;

    public readonly int Width => Right - Left;
    public readonly int Height => Bottom - Top;

    public readonly bool Equals(SKRectI obj) => Left == obj.Left && Top == obj.Top && Right == obj.Right && Bottom == obj.Bottom;
    public override readonly bool Equals(object obj) => obj is SKRectI other && Equals(other);
    public override readonly int GetHashCode() => HashCode.Combine(Left, Top, Right, Bottom);
    public static bool operator ==(SKRectI left, SKRectI right) => left.Equals(right);
    public static bool operator !=(SKRectI left, SKRectI right) => !left.Equals(right);
}
