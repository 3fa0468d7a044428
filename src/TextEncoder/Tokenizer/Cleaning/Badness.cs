using System.Text.RegularExpressions;

namespace SemanticSam.TextEncoder.Tokenizer.Cleaning;

/// <summary>
/// Recognizes neighbors that hardly occur but in mis-decoded UTF-8, such as an accented small letter before a currency sign
/// (the categories and rules of ftfy 6).
/// </summary>
internal static class Badness
{
    private const string C1 = "\u0080-\u009F";
    private const string Common = "\u00A0\u00AD·´–—―…’";
    private const string Bad = "¦¤¨¬¯¸ƒˆˇ˘˛˜†‡‰⌐◊\uFFFDªº";
    private const string Law = "¶§";
    private const string Currency = "¢£¥₧€";
    private const string Start = "¡«¿©\u0384\u0385‘‚“„•‹\uF8FF";
    private const string End = "®»˝”›™";
    private const string Numeric = "²³¹±¼½¾×\u00B5÷⁄∂\u2206\u220F\u2211√∞∩∫≈≠≡≤≥№";
    private const string Faces = "Ò-ÖÙ-Üò-öø-üŐŌŪŲ°"; // letters that make kaomoji
    private const string Upper = "\u00C0-\u00D1ØÜÝĂĀĄĆČĎĐĘĚĒĖĞĢİĪĶĹĽŁĻŃŇŅŒŘŚŞŠŢŤŮŰŸŹŻŽҐ";
    private const string Lower = "ß\u00E0-\u00F1ăąāćčďđęěēėğģįīķĺľłļœŕśşšťüźżžґ\uFB01\uFB02";
    private const string UpperCommon = "Þ\u0391-\u03A9ΆΈΉΊΌΎΏΪΫ\u0401-\u042F"; // Greek and Cyrillic capitals
    private const string LowerCommon = "\u03B1-\u03C9άέήίΰ\u0430-\u045F";
    private const string Box = "│┌┐┘├┤┬┼\u2550-\u256C▀▄█▌▐░▒▓";
    private const string Word = @"[\p{L}\p{N}_]";
    private const string Space = @"[\s\u001C-\u001F]";
    private const string Arabic = "[ØÙ][" + Common + Currency + Bad + Numeric + Start + "ŸŠ®°\u00B5»]";

    private static readonly Regex Rules = new(string.Join('|',
        $"[{C1}]",
        $"[{Bad}{Lower}{Upper}{Box}{Start}{End}{Currency}{Numeric}{Law}][{Bad}]",
        $"[a-zA-Z][{LowerCommon}{UpperCommon}][{Bad}]",
        $"[{Bad}][{Lower}{Upper}{Box}{Start}{End}{Currency}{Numeric}{Law}]",
        $"[{Lower}{LowerCommon}{Box}{End}{Currency}{Numeric}][{Upper}]",
        $"[{Box}{End}{Currency}{Numeric}][{Lower}]",
        $"[{Lower}{Box}{End}][{Currency}]",
        $"{Space}[{Upper}][{Currency}]",
        $"[{Upper}{Box}][{Numeric}{Law}]",
        $"[{Lower}{Upper}{Box}{Currency}{End}][{Start}][{Numeric}]",
        $"[{Lower}{Upper}{Currency}{Numeric}{Box}{Law}][{End}][{Start}]",
        $"[{Currency}{Numeric}{Box}][{Start}]",
        $"[a-z][{Upper}][{Start}{Currency}]",
        $"[{Box}][{Faces}]",
        $"[{Lower}{Upper}{Currency}{Numeric}{Start}{End}{Law}][{Box}]",
        $"[{Box}][{End}]",
        $"[{Lower}{Upper}][{Start}{End}]{Word}",
        "[Œœ][^A-Za-z]",
        $"[{Upper}]°",
        $"[ÂÃÎÐ][€œŠš¢£Ÿž\u00A0\u00AD®©°·»{Start}{End}–—´]", // Windows-1252
        "×[²³]",
        Arabic + Arabic,
        "à[²\u00B5¹¼½¾]", // South Asian scripts
        "√[±∂†≠®™´≤≥¥\u00B5ø]", // MacRoman
        "≈[°¢]",
        "‚Ä[ìîïòôúùû†°¢π]",
        "‚[âó][àä°ê]",
        "\u0432\u0402", // Windows-1251
        $"[\u0412\u0413\u0420\u0421][{C1}{Bad}{Start}{End}{Currency}°\u00B5][\u0412\u0413\u0420\u0421]",
        "\u0413\u045E\u0412\u0402\u0412.[A-Za-z ]",
        "Ã[\u00A0¡]",
        $"[a-z]{Space}?[ÃÂ] ",
        "^[ÃÂ] ",
        $"[a-z.,?!{End}]Â[ {Start}{End}]",
        "\u03B2€[™\u00A0\u0386\u00AD®°]", // Windows-1253
        $"[\u0392\u0393\u039E\u039F][{C1}{Bad}{Start}{End}{Currency}°][\u0392\u0393\u039E\u039F]",
        "ā€"), // Windows-1257
        RegexOptions.CultureInvariant);

    public static bool IsBad(string text) => Rules.IsMatch(text);
}
