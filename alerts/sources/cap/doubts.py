"""What is said beside a draft: what was read otherwise than it stands, and what is missing. Pure.

The words are Chinese, and are translated where they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alerts.sources.cap.model import Doubt
from data.geo.shapes import ShapeNote

_DOUBTS: Mapping[Doubt, str] = {
    Doubt.OTHER_ENCODING: "编码与声明的不同，已按实际编码读。",
    Doubt.NO_ZONE: "时间没有写时区，按当地时间读。",
    Doubt.NO_SENDER: "没有写发布单位代号。",
    Doubt.BAD_TIME: "有一个时间读不懂，没有采用。",
    Doubt.BAD_RING: "有一个多边形或圆读不懂，没有采用。",
    Doubt.BAD_HOLE: "多边形里要挖去的部分没法挖，按整个多边形取，请核对。",
    Doubt.METRES: "圆的半径只可能是米，按米读。",
    Doubt.SIGNED: "带数字签名：已留存，没有验证。",
    Doubt.LOOSE_REFERENCES: "引用只写了编号，按编号对应。",
    Doubt.MENDED: "有 XML 不允许的字符，已去掉或改正，请核对文字。",
    Doubt.VERSION: "没有按 CAP 1.1 或 1.2 标明版本。",
}
"""Those that a person can do something with; languages are no doubt of theirs."""

_SHAPE_NOTES: Mapping[ShapeNote, str] = {
    ShapeNote.CLOSED: "多边形没有闭合，已闭合。",
    ShapeNote.MENDED: "多边形自相交，按围住的范围取。",
    ShapeNote.SWAPPED: "经纬度写反了，已换过来。",
}

NO_EXPIRY = "来源没有写到期时间，按本级预警的默认时效算。"
NO_LEVEL = "来源没有写等级，暂按黄色，请核对。"
NO_AREA_SENDER = "来源没有写范围，按发布单位所在地取，请核对。"
NO_AREA_FEED = "来源没有写范围，按这个来源的区划取，请核对。"
BY_NAME = "范围只有地名，按地名对应，请核对。"
TOO_MANY = "范围里的村太多，按所在乡镇或县取，请核对。"
BEYOND = "范围有一部分在本辖区以外，没有包括。"
CODES_AND_SHAPE = "区划代码与多边形对不上，按代码取，请核对。"
OTHER_SCHEMES = "范围里别的编码（如 SAME、UGC）没有采用。"
FUTURE = "发出时间在将来，请核对来源的时钟。"
NEVER_SEEN = "是对另一条预警的更新，本系统没有收到过那一条，按新的处理。"
OF_ANOTHER = "引用的是别的单位发的预警，按新的处理。"
LOOPS = "引用了自己或绕成一圈，没有采用引用。"
NOT_CHINESE = "来源没有中文，请核对译文。"


def doubt_notes(doubts: Iterable[Doubt]) -> list[str]:
    """The lines of doubts that somebody who decides should read."""
    return [_DOUBTS[doubt] for doubt in sorted(doubts, key=lambda d: d.value) if doubt in _DOUBTS]


def shape_notes(notes: Iterable[ShapeNote]) -> list[str]:
    """The lines of how a polygon was read."""
    found = sorted(notes, key=lambda note: note.value)
    return [_SHAPE_NOTES[note] for note in found if note in _SHAPE_NOTES]


def cut(words: str, most: int) -> str:
    """``words``, no longer than the text of a warning may be."""
    return words if len(words) <= most else words[: most - 1] + "…"
