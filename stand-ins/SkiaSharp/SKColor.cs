namespace SkiaSharp;

public readonly struct SKColor(uint value) : IEquatable<SKColor>
{
    private readonly uint _value = value;

    public static readonly SKColor Empty;

    public SKColor(byte red, byte green, byte blue, byte alpha) : this(((uint)alpha << 24) | ((uint)red << 16) | ((uint)green << 8) | blue) { }

    public SKColor(byte red, byte green, byte blue) : this(red, green, blue, 255) { }

    public byte Alpha => (byte)(_value >> 24);
    public byte Red => (byte)(_value >> 16);
    public byte Green => (byte)(_value >> 8);
    public byte Blue => (byte)_value;

    public SKColor WithAlpha(byte alpha) => new(Red, Green, Blue, alpha);

    public bool Equals(SKColor obj) => _value == obj._value;
    public override bool Equals(object obj) => obj is SKColor other && Equals(other);
    public override int GetHashCode() => _value.GetHashCode();
    public override string ToString() => $"#{_value:x8}";

    public static implicit operator SKColor(uint color) => new(color);
    public static explicit operator uint(SKColor color) => color._value;
    public static bool operator ==(SKColor left, SKColor right) => left.Equals(right);
    public static bool operator !=(SKColor left, SKColor right) => !left.Equals(right);
}

public struct SKColors
{
    public static SKColor Transparent = new(0x00FFFFFF);
    public static SKColor Black = new(0xFF000000);
    public static SKColor White = new(0xFFFFFFFF);
    public static SKColor Red = new(0xFFFF0000);
    public static SKColor Lime = new(0xFF00FF00);
    public static SKColor Blue = new(0xFF0000FF);
}
