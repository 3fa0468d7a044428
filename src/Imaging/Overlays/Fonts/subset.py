"""Writes the fonts that overlays embed: DejaVu Sans, regular and bold, cut down to the letters of European languages.

Labels then look alike on every system, and are there at all on Linux without fontconfig. What these fonts lack (Chinese, Japanese,
Korean, emoji, ...) is looked for among the fonts of the system (SystemFonts.cs).

    apt-get install fonts-dejavu-core python3-fonttools
    /usr/bin/python3 subset.py

Version 2.37 of the fonts gave the files beside this script; LICENSE is the fonts' own record of their license.
"""
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

SOURCE = Path("/usr/share/fonts/truetype/dejavu")
RANGES = [
    (0x0020, 0x007E),  # Latin
    (0x00A0, 0x017F),  # Latin-1 and Latin Extended-A
    (0x0192, 0x0192), (0x01A0, 0x01A1), (0x01AF, 0x01B0), (0x01CD, 0x01DC), (0x0218, 0x021B),  # more of Latin: Vietnamese, Pinyin, Romanian
    (0x1EA0, 0x1EF9),  # Vietnamese
    (0x02BC, 0x02BC), (0x02C6, 0x02DD),  # modifier letters
    (0x0300, 0x0304), (0x0306, 0x030C), (0x0323, 0x0323), (0x0327, 0x0328),  # combining accents
    (0x0370, 0x03FF),  # Greek
    (0x0400, 0x045F), (0x0490, 0x04FF),  # Cyrillic
    (0x2010, 0x2027), (0x2030, 0x203A), (0x2044, 0x2044),  # punctuation
    (0x20AC, 0x20AC), (0x20BD, 0x20BD), (0x2116, 0x2116), (0x2122, 0x2122), (0x2190, 0x2199),  # euro, rouble, number, trade mark, arrows
    (0x2212, 0x2212), (0x2260, 0x2260), (0x2264, 0x2265), (0xFFFD, 0xFFFD),
]
KEPT_NAMES = [0, 1, 2, 3, 4, 5, 6, 13, 14]  # copyright, family, style, version, license

options = subset.Options()
options.hinting = False  # labels are drawn antialiased
options.layout_features = []
options.name_IDs = KEPT_NAMES
options.notdef_outline = True
options.drop_tables += ["GDEF", "GPOS", "GSUB", "MATH", "kern", "FFTM", "gasp"]

for source, target in [("DejaVuSans.ttf", "regular.ttf"), ("DejaVuSans-Bold.ttf", "bold.ttf")]:
    font = TTFont(SOURCE / source, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    cutter.subset(font)
    font.save(target)
    Path("LICENSE").write_text(font["name"].getDebugName(13).replace("\r\n", "\n") + "\n")
    print(target, Path(target).stat().st_size, "bytes,", len(font.getBestCmap()), "characters")
