"""Where a row of a list belongs: codes and names, in one column or several. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from contacts.divisions.codes import Tier, contains
from contacts.divisions.gazetteer import Division, Found, Gazetteer, Resolution
from contacts.organisations import names_no_division
from contacts.roster.reading.headings import Field
from contacts.roster.reading.table import Line, Table

_NAMES = (Field.PROVINCE, Field.CITY, Field.COUNTY, Field.TOWN, Field.VILLAGE)
_CARRIED = (Field.PROVINCE, Field.CITY, Field.COUNTY, Field.TOWN)
_TITLE_STARTS = 12
"""Characters of a title within which the place's name begins: 附件1：龙井市….."""

_OFFICE = re.compile(
    r"(人民)?(政府|党委|人大|武装部|机关)(办公室|办)?|[\u4e00-\u9fff、]{2,8}(局|委|办|办公室|站|所|中心|指挥部|委员会)"
)
_BELOW_VILLAGE = re.compile(
    r"(?<=[村区会])第?([\d一二三四五六七八九十]{1,3}(村民)?小?[组社队屯]|[\u4e00-\u9fff]{1,5}[屯组])$"
)
"""河北村3组: what a path says below the village."""
_LONGEST_ENDING = 4  # 宝兴村, 宝兴村民委员会


@dataclass(frozen=True, slots=True)
class Located:
    """The division of a row, or what of it could not be understood.

    ``near``: paths of divisions that may have been meant, several when the name is not clear.
    """

    code: str = ""
    written: str = ""
    near: tuple[str, ...] = ()
    outside: bool = False


class Locator:
    """Finds the divisions of one table's rows; each written name is looked up once."""

    def __init__(self, gazetteer: Gazetteer, table: Table, area: str, context: str) -> None:
        """Make one.

        :param area: the code within which every row must lie; empty for anywhere.
        :param context: the code of the division that the list is of, as its title says.
        """
        self._gazetteer = gazetteer
        self._area = area
        self._columns = {field: table.columns(field) for field in (*_NAMES, Field.DIVISION)}
        self._named = any(self._columns[field] for field in _NAMES)
        self._of_units = not self._columns[Field.DIVISION] and not self._named
        if self._of_units:  # 敦化市水利局 says where, too
            self._columns[Field.DIVISION] = table.columns(Field.ORGANISATION)
        columns = self._columns[Field.DIVISION]
        self._code = columns[0] if len(columns) == 1 and not self._named else None
        self._codes: dict[str, Located] = {}
        self._carried: dict[Field, str] = {}
        self._known: dict[tuple[str, ...], Located] = {}
        self._sheet = self._town(table.name, area or context) if table.name else ""
        self._context = area or context

    @property
    def has_columns(self) -> bool:
        """Whether the list says where its rows belong."""
        return self._named or (bool(self._columns[Field.DIVISION]) and not self._of_units)

    @property
    def context_name(self) -> str:
        """The division that the list seems to be of; empty when nothing says."""
        return self._gazetteer.path(self._context) if self._context else ""

    def locate(self, line: Line) -> Located:
        """The division of one row."""
        cells = line.row.cells
        if self._code is not None and self._code < len(cells):
            known_code = self._codes.get(cells[self._code])
            if known_code is not None:
                return known_code
        code = next((text for text in self._texts(cells, Field.DIVISION)), "")
        digits = code.lstrip("'")
        if code and not _is_name(digits):
            known_division = self._gazetteer.get(digits)
            if known_division is None and len(digits) > 5:  # 222403, 222403101
                known_division = self._gazetteer.find(digits).division
            found = Located(known_division.code) if known_division else Located(written=code)
            return self._codes.setdefault(code, self._inside(found))
        names = self._names(cells)
        key = (line.section, code, *names)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._inside(self._find(line.section, code, names))
        return known

    def _find(self, section: str, path: str, names: tuple[str, ...]) -> Located:
        written = [name for name in (*names, path) if name]
        # 老头沟镇 | 老头沟镇宝兴村: the town is said twice.
        pieces = [
            name
            for at, name in enumerate(written)
            if not any(later.startswith(name) for later in written[at + 1 :])
        ]
        town = self._town(section, self._context) or self._sheet
        context = self._context
        # A row that names its own county or town says more than the sheet it stands in.
        if town and not any(names[:-1]):
            context = town
        if not pieces:
            sure = town or (self._area and not self.has_columns)
            return Located(context) if sure else Located()
        text = "".join(pieces)
        if names_no_division(text):  # 水利局, 市气象局: that of the list's own division
            return Located(context) if context or self._of_units else Located(written=text)
        found = self._gazetteer.find(text, within=context or None, careful=True)
        if found.division is None:
            code = self._otherwise(found, text, path, names, context)
            if code:
                return Located(code)
        if found.division is not None:
            division = found.division
            of_village = division.tier is Tier.VILLAGE or bool(names[-1])
            alone = len(pieces) == 1 and of_village
            if alone and not self._is_sure(division, text, context):
                return Located(written=text, near=(found.candidates[0].path,))
            return Located(division.code)
        return Located(written=text, near=tuple(place.path for place in found.candidates[:3]))

    def _otherwise(
        self, found: Resolution, text: str, path: str, names: tuple[str, ...], context: str
    ) -> str:
        """The division that a row means whose words together name none; empty when it is not clear.

        :param found: what came of looking for all of them together, ``text``.
        """
        if path and any(names):
            # 威虎岭村 | 13-15林班: the columns of names say it, the other one says more; or
            # 笠峰村 | 月晴镇: the other one says what is above.
            for less in ("".join(names), path + "".join(names)):
                division = self._gazetteer.find(less, within=context or None, careful=True).division
                if division is not None and self._is_sure(division, less, context):
                    return division.code
        if below := _BELOW_VILLAGE.search(text):
            village = text[: below.start()]
            division = self._gazetteer.find(village, within=context or None, careful=True).division
            if division is not None and self._is_sure(division, village, context):
                return division.code
        seat = self._seat(text, context)
        return seat or (_one_village(found, context) if names[-1] else "")

    def _is_sure(self, division: Division, text: str, context: str) -> bool:
        """Whether a text says enough: more than a village's bare name, or one of the context."""
        if context and contains(context, division.code):
            return True
        above = self._gazetteer.parent(division.code)
        if above is not None and text.startswith(self._gazetteer.name(above.code)):
            return True  # 月晴镇笠峰村 says its township
        return len(text) >= len(self._gazetteer.name(division.code)) + _LONGEST_ENDING

    def _seat(self, text: str, context: str) -> str:
        """The division whose office a text names: 黄泥河镇人民政府, 敦化市水利局; else empty."""
        for cut in range(len(text) - 1, 1, -1):
            head, office = text[:cut], text[cut:]
            if not _OFFICE.fullmatch(office):
                continue
            found = self._gazetteer.find(head, within=context or None, careful=True).division
            if (
                found is not None
                and found.tier is not Tier.VILLAGE
                and found.name.endswith(head[-1])
            ):
                return found.code
        return ""

    def _inside(self, found: Located) -> Located:
        if found.code and self._area and not contains(self._area, found.code):
            return Located(written=self._gazetteer.path(found.code), outside=True)
        return found

    def _names(self, cells: Sequence[str]) -> tuple[str, ...]:
        """What the columns of names hold; an empty county or town is that of the row above."""
        found = []
        for field in _NAMES:
            text = "".join(self._texts(cells, field))
            if field in _CARRIED:
                text = text or self._carried.get(field, "")
                self._carry(field, text)
            found.append(text)
        return tuple(found)

    def _carry(self, field: Field, text: str) -> None:
        if text and self._carried.get(field) != text:
            for below in _CARRIED[_CARRIED.index(field) :]:
                self._carried.pop(below, None)
        if text:
            self._carried[field] = text

    def _texts(self, cells: Sequence[str], field: Field) -> list[str]:
        return [
            "".join(cells[at].split())
            for at in self._columns[field]
            if at < len(cells) and cells[at]
        ]

    def _town(self, text: str, within: str) -> str:
        """The division that a sheet or a section is named after; empty when it is none."""
        if not text:
            return ""
        found = self._gazetteer.find(text, within=within or None, careful=True).division
        if found is None or (within and not contains(within, found.code)):
            return ""
        return found.code


def _one_village(found: Resolution, context: str) -> str:
    """The only village of the context that a name in a column of villages may mean; else empty."""
    if not context or found.total != len(found.candidates):
        return ""
    villages = [
        place.division.code
        for place in found.candidates
        if place.division.tier is Tier.VILLAGE and contains(context, place.division.code)
    ]
    return villages[0] if len(villages) == 1 else ""


def division_in(gazetteer: Gazetteer, texts: Sequence[str]) -> str:
    """The code of the division that titles begin with: 龙井市2026年…; empty when none does."""
    for text in texts:
        written = "".join(text.split())
        for start in range(min(_TITLE_STARTS, len(written))):
            name = gazetteer.name_at_start(written[start : start + 24])
            found = gazetteer.find(name, careful=True) if name else None
            if found is not None and found.outcome is Found.EXACT and found.division is not None:
                return found.division.code
    return ""


def _is_name(text: str) -> bool:
    return bool(text) and text[:1] != "=" and any("\u3400" <= letter <= "\u9fff" for letter in text)
