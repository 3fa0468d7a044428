using System.Globalization;
using System.Text;

namespace TorchSharp;

public static partial class torch
{
    public static TensorStringStyle TensorStringStyle { get; set; } = TensorStringStyle.Metadata;

    public partial class Tensor
    {
        /// <summary>Shape, element type and device; with a single element its value too.</summary>
        public override string ToString() => ToString(TensorStringStyle);

        public string ToString(TensorStringStyle style, string? fltFormat = null, int? width = null, CultureInfo? cultureInfo = null, string? newLine = null)
        {
            if (IsInvalid) return "[disposed]";
            string meta = this.metastr();
            if (style is TensorStringStyle.Metadata or TensorStringStyle.Default || !dtype.IsReadable() || is_meta) return meta;
            var text = new StringBuilder();
            if (style == TensorStringStyle.Julia) text.Append(meta).Append(newLine ?? "\n");
            Append(text, this, fltFormat ?? "g5", cultureInfo ?? CultureInfo.InvariantCulture, newLine ?? "\n", 0);
            return text.ToString();
        }

        // Long axes show their first and last three entries.
        private static void Append(StringBuilder text, Tensor t, string format, CultureInfo culture, string newLine, int depth)
        {
            const int Edge = 3;
            if (t.ndim == 0)
            {
                text.Append(t.is_floating_point() ? t.ToDouble().ToString(format, culture) : t.ToScalar().Int64.ToString(culture));
                return;
            }
            text.Append('[');
            long n = t.size(0);
            for (long i = 0; i < n; i++)
            {
                if (i > 0) text.Append(t.ndim > 1 ? newLine + new string(' ', depth + 1) : ", ");
                if (n > 2 * Edge + 1 && i == Edge)
                {
                    text.Append("...");
                    i = n - Edge - 1;
                    continue;
                }
                using Tensor row = t[i];
                Append(text, row, format, culture, newLine, depth + 1);
            }
            text.Append(']');
        }
    }
}

public static partial class TensorExtensionMethods
{
    public static string metastr(this torch.Tensor tensor) =>
        $"[{string.Join("x", tensor.shape)}], type = {tensor.dtype}, device = {tensor.device}" +
        (tensor.NumberOfElements == 1 && tensor.ndim == 0 && tensor.dtype.IsReadable() && !tensor.is_meta
            ? $", value = {tensor.ToDouble().ToString("g5", CultureInfo.InvariantCulture)}" : "");

    public static string str(this torch.Tensor tensor, string? fltFormat = null, int? width = null, string? newLine = null, CultureInfo? cultureInfo = null, TensorStringStyle style = TensorStringStyle.Default) =>
        tensor.ToString(style == TensorStringStyle.Default ? torch.TensorStringStyle : style, fltFormat, width, cultureInfo, newLine);

    public static string npstr(this torch.Tensor tensor, string? fltFormat = "g5", int? width = 100, string? newLine = null, CultureInfo? cultureInfo = null) =>
        tensor.ToString(TensorStringStyle.Numpy, fltFormat, width, cultureInfo, newLine);

    public static string jlstr(this torch.Tensor tensor, string? fltFormat = null, int? width = null, string? newLine = null, CultureInfo? cultureInfo = null) =>
        tensor.ToString(TensorStringStyle.Julia, fltFormat, width, cultureInfo, newLine);

    internal static bool IsReadable(this torch.ScalarType type) =>
        torch.is_integral(type) || torch.is_floating_point(type);
}
