"""What stands in the cells of cards and households: who is frail, hazards, numbers. Pure."""

from __future__ import annotations

import re
import unicodedata

from alerts.loop.evacuation.model import Frail
from alerts.model import Hazard
from contacts.phones import normalise
from contacts.roster.reading.place_cells import count_in
from data.errors import InvalidInput

_RAIN = frozenset({Hazard.RAINSTORM, Hazard.TYPHOON})
"""What brings flash floods and landslides: a card for these is one for the rain, too (ours)."""

_HAZARDS: tuple[tuple[str, frozenset[Hazard]], ...] = (
    ("山洪", _RAIN | {Hazard.FLASH_FLOOD}),
    ("泥石流|滑坡|崩塌|地质|塌陷|裂缝|落石", _RAIN | {Hazard.GEOLOGICAL}),
    ("暴雨", _RAIN),
    ("台风", _RAIN),
    ("内涝|积水", frozenset({Hazard.WATERLOGGING, Hazard.RAINSTORM})),
    ("水库|溃坝|堰塞", frozenset({Hazard.RESERVOIR})),
    ("洪水|江河|河道|洪涝|漫堤|决口", frozenset({Hazard.RIVER_FLOOD, Hazard.RAINSTORM})),
    ("森林|山火|火灾|草原火", frozenset({Hazard.FOREST_FIRE})),
)

# In the order of what keeps somebody from going most.
_FRAIL: tuple[tuple[str, Frail], ...] = (
    ("卧床|瘫|植物人|失能|半失能|bedridden", Frail.BEDRIDDEN),
    ("残|盲|聋|哑|轮椅|肢体|精神|智障|智力|disabled", Frail.DISABLED),
    ("病|透析|癌|术后|ill", Frail.ILL),
    ("孕|产妇|pregnant", Frail.PREGNANT),
    ("儿童|婴|幼|留守孩|小孩|child", Frail.CHILD),
    ("独居|空巢|孤寡|五保|孤|alone", Frail.ALONE),
    ("老|岁|高龄|elderly", Frail.ELDERLY),
)
_NOBODY = re.compile(r"^(无|否|没有|/|-+|—+|0|正常|健康|良好|一般|no|none|一般户|普通户?)$")
_SOMEBODY = re.compile(r"^(是|有|√|✓|1|yes|other|其他)$")
_NUMBER = re.compile(r"(?:\+?86[- ]?)?1[3-9][\d\- ]{9,13}\d|0\d{2,3}[- ]?\d{7,8}|\d{7,}")
_BOTH = re.compile(r"(\d{1,7})\s*户?\s*[/／、，,;； ]?\s*(\d{1,7})\s*[人口]?")
_ALL = re.compile(r"^(全村|全屯|全组|全部|整村|全社区|各组|所有组?|/|-|—|无)$")


def hazards_in(text: str) -> frozenset[Hazard]:
    """The hazards that somebody wrote down, and the rain that brings them; none for none known."""
    found: frozenset[Hazard] = frozenset()
    for words, hazards in _HAZARDS:
        if re.search(words, text):
            found |= hazards
    return found


def frail_in(text: str) -> tuple[Frail | None, str]:
    """Why somebody cannot go alone, and what is written of them: 王桂兰（82岁、卧床）.

    Who is written down without a reason is ``OTHER``.
    """
    words = unicodedata.normalize("NFKC", text).strip()
    if not words or _NOBODY.match(words.lower()):
        return None, ""
    kind = next((kind for known, kind in _FRAIL if re.search(known, words.lower())), Frail.OTHER)
    alone = _SOMEBODY.match(words.lower()) or _KIND.match(words.lower())
    return kind, "" if alone else text.strip()


_KIND = re.compile(
    "^("
    + "|".join(kind.value for kind in Frail)
    + "|卧床(病人)?|瘫痪|失能(老人)?|残疾(人)?|病人|重病|慢性?病"
    "|孕妇|儿童|留守儿童|独居(老人)?|空巢(老人)?|孤寡老人|五保户?|老人|老年人|高龄(老人)?)$"
)
"""What somebody is, and not who."""


def name_and_number(text: str) -> tuple[str, str]:
    """A cell that holds a name, a number or both: 张三 13900000001, 张三（139-0000-0001）."""
    written = unicodedata.normalize("NFKC", text).strip()
    found = _NUMBER.search(written)
    if found is None:
        return text.strip(), ""
    name = (written[: found.start()] + written[found.end() :]).strip(" ()[]:,;/\n\t、")
    return re.sub(r"\s*(电话|手机|联系电话|tel)[:：]?\s*$", "", name).strip(" ()"), found.group()


def phone_in(text: str) -> str | None:
    """The stored form of a cell's first number; empty for none, ``None`` if it is no number."""
    for part in re.split(r"[/、,，;；\n]|\s{2,}", unicodedata.normalize("NFKC", text).strip()):
        if not part.strip():
            continue
        try:
            return normalise(part.strip())
        except InvalidInput:
            continue
    return "" if not text.strip() or not re.search(r"\d", text) else None


def counts_in(text: str) -> tuple[int | None, int | None]:
    """Households and persons that stand in one cell: 12户35人, 12/35."""
    found = _BOTH.search(unicodedata.normalize("NFKC", text))
    return (int(found[1]), int(found[2])) if found else (count_in(text), None)


def group_in(text: str) -> str:
    """The settlement or group of a cell; empty where it says that it is the whole village."""
    written = "".join(text.split())
    return "" if _ALL.match(written) else written
