"""Makes the font that ships from Noto Sans CJK; run by hand, with fonttools.

    python -m data.fonts.make NotoSansCJK-Medium.ttc

writes NotoSansSC-Medium.ttf beside this file: every character of the Chinese font of that
collection, in its mainland shape, with TrueType outlines, which are what ReportLab can embed, and
without what pictures and PDFs never ask for (other countries' shapes, vertical writing, hints). It
takes two minutes. fonttools is not a dependency of the product: install it for this.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from data.fonts import NAMES_FONT

_SIMPLIFIED_CHINESE = 2  # the place of "Noto Sans CJK SC" in the collection
_KEPT = {"GlyphOrder", "head", "hhea", "maxp", "OS/2", "name", "cmap", "post", "hmtx"}
_COUNTS = (
    "maxTwilightPoints maxStorage maxFunctionDefs maxInstructionDefs maxStackElements "
    "maxSizeOfInstructions maxComponentElements maxComponentDepth maxPoints maxContours "
    "maxCompositePoints maxCompositeContours"
)


def main(source: Path, target: Path = NAMES_FONT) -> None:
    """Write the font.

    :raises fontTools.ttLib.TTLibError: when the source is no such collection.
    """
    from fontTools.ttLib import TTFont, newTable

    font: Any = TTFont(source, fontNumber=_SIMPLIFIED_CHINESE)
    wanted = sorted(set(font.getBestCmap().values()), key=font.getGlyphID)
    order = list(dict.fromkeys([".notdef", *wanted]))
    outlines = _outlines(font, order)
    widths = {name: font["hmtx"][name][0] for name in order}
    for table in [table for table in font.keys() if table not in _KEPT]:  # noqa: SIM118
        del font[table]
    font.setGlyphOrder(order)
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, outlines
    font["hmtx"].metrics = {name: (widths[name], outlines[name].xMin) for name in order}
    sizes = font["maxp"]
    sizes.tableVersion, sizes.numGlyphs, sizes.maxZones = 0x10000, len(order), 1
    for count in _COUNTS.split():
        setattr(sizes, count, 0)
    font["post"].formatType = 3.0
    font["cmap"].tables = [
        table for table in font["cmap"].tables if table.platformID == 3 and table.format in (4, 12)
    ]
    font.sfntVersion = "\x00\x01\x00\x00"
    font.save(target)


def _outlines(font: Any, order: list[str]) -> dict[str, Any]:
    """The glyphs with quadratic curves, at most one thousandth of an em from the cubic ones."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    drawn, outlines = font.getGlyphSet(), {}
    for name in order:
        pen = TTGlyphPen(None)
        drawn[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        outlines[name] = pen.glyph(dropImpliedOnCurves=True)
        outlines[name].recalcBounds(None)
    return outlines


if __name__ == "__main__":
    main(Path(sys.argv[1]))
