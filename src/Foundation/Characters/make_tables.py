#!/usr/bin/env python3
"""Writes character_tables.txt.gz from Python's Unicode and HTML tables (run with Python 3.11: Unicode 14, as the reference values).

Sections, one entry a line, code points in hexadecimal:
  [decomposition]  code left [right] [*]   canonical decomposition by one step; * = the pair composes to the code
  [class]          first last class        combining classes that are not 0
  [width]          code text...            half-width and full-width forms that NFKC changes
  [entity]         name text...            HTML 5 character references; a name ends in ; where one is required
  [capitals]       name text...            the capital spellings that ftfy also reads
  [cased]          first last              characters that Python counts as cased
  [ignorable]      first last              characters that Python ignores around a final sigma
"""
import gzip
import html
import html.entities
import sys
import unicodedata as u

assert u.unidata_version == "14.0.0", u.unidata_version
out = []


def cps(text):
    return " ".join(f"{ord(c):x}" for c in text)


def ranges(values):
    """[(first, last, value)] of runs of equal values that are not 0."""
    runs = []
    for code in range(0x110000):
        v = values(code)
        if not v:
            continue
        if runs and runs[-1][1] == code - 1 and runs[-1][2] == v:
            runs[-1][1] = code
        else:
            runs.append([code, code, v])
    return runs


def cased(code):
    """Observed: a capital sigma after 'code' alone becomes final exactly when code is cased and not ignored."""
    return 0 if 0xD800 <= code < 0xE000 else int((chr(code) + "Σ").lower()[-1] == "ς")


def ignorable(code):
    """Observed: an ignored character between a letter and a sigma changes nothing."""
    if 0xD800 <= code < 0xE000 or cased(code):
        return 0
    return int(("a" + chr(code) + "Σ").lower()[-1] == "ς")


out.append("[decomposition]")
for code in range(0x110000):
    d = u.decomposition(chr(code))
    if d and not d.startswith("<"):
        parts = "".join(chr(int(x, 16)) for x in d.split())
        star = " *" if len(parts) == 2 and u.normalize("NFC", parts) == chr(code) else ""
        out.append(f"{code:x} {cps(parts)}{star}")
out.append("[class]")
for first, last, value in ranges(lambda c: u.combining(chr(c))):
    out.append(f"{first:x} {last:x} {value:x}")
out.append("[width]")
for code in [0x3000, *range(0xFF01, 0xFFF0)]:
    to = " " if code == 0x3000 else u.normalize("NFKC", chr(code))
    if to != chr(code):
        out.append(f"{code:x} {cps(to)}")
out.append("[entity]")
for name, text in sorted(html.entities.html5.items()):
    out.append(f"{name} {cps(text)}")
out.append("[capitals]")
for name, text in sorted(html.entities.html5.items()):
    if name.endswith(";") and name == name.lower() and html.unescape("&" + name.upper()) == "&" + name.upper():
        out.append(f"{name.upper()} {cps(text.upper())}")
out.append("[cased]")
out += [f"{a:x} {b:x}" for a, b, _ in ranges(cased)]
out.append("[ignorable]")
out += [f"{a:x} {b:x}" for a, b, _ in ranges(ignorable)]
data = ("\n".join(out) + "\n").encode("ascii")
with open("character_tables.txt.gz", "wb") as f:
    f.write(gzip.compress(data, 9, mtime=0))
print(len(data), "bytes of text", file=sys.stderr)
