"""A whole release in one line: ``/warn 红 暴雨 敦化市 立即转移低洼地群众``. Pure.

It is written in a hurry: with commas, over several lines, without any space. What looks like a
level, a hazard or a place but is none is named to whoever wrote it; it never becomes part of the
text unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from alerts.figures_in_words import number_of
from alerts.model import Hazard, Level
from bot.views.vocabulary import hazard_at_start, level_at_start
from bot.views.warnings.release_line import StrangeKind, StrangeWord
from contacts.divisions.codes import contains
from contacts.divisions.gazetteer import Gazetteer, Resolution
from contacts.places import KnownPlaces, Place, PlaceKind
from contacts.roster.columns import KIND_WORDS
from data.simplified import simplified

_EXERCISE = re.compile(r"(?:【演练】|演练|(?:exercise|drill)(?![a-z0-9]))", re.IGNORECASE)
_BETWEEN = " \t\r\n\u3000,，、;；:：.。|/·"
_SEPARATORS = re.compile(f"[{re.escape(_BETWEEN)}]+")
_TOKEN = re.compile(f"[^{re.escape(_BETWEEN)}]+")
_JOINING = "和与及"
_COLOUR = re.compile(
    r"[紫白黑绿青灰粉棕金](?:色|色预警)?|[五六七八九零0]级|purple|green|white|black"
)
_WEATHER = re.compile(
    r"[\u4e00-\u9fff]{0,4}(?:风|雨|雪|雹|雾|霾|霜|冻|旱|涝|洪|汛|火|震|雷|电|沙尘|沙尘暴|高温|低温|寒潮"
    r"|结冰|海啸|疫|灾|灾害|事故|险情)(?:预警)?"
)
_PLACE = re.compile(r"[\u4e00-\u9fff]{2,9}(?:省|市|州|县|旗|镇|乡|村|街道|社区|区)")
_PLACE_AND_TEXT = re.compile(r"[\u4e00-\u9fff]{2,6}?(?:市|州|县|旗|镇|乡|街道)")
_NO_NAME = re.compile(
    r"[全各本我该贵每有受其沿临近]|低洼|危险|河边|江边|山区|库区|城区|景区|所有|周边|下游|上游"
)
_PLACE_OF_KIND = re.compile(
    r"[\u4e00-\u9fff]{2,6}(?:水库|堤防|大坝|小学|中学|学校|幼儿园|养老院|敬老院|福利院|景区)"
)
_DONE_TO_PLACES = re.compile(
    "立即|马上|尽快|务必|请|加强|加密|巡查|检查|排查|看护|转移|撤离|撤出|疏散|组织|关闭|关停|停"
    "|禁止|严禁|通知|远离|病险|重点|中小型?|大型|小型|附近|一座|多座|两座|山洪|防"
)
"""How a text begins that speaks of reservoirs and schools, and names none."""

_COUNTED = re.compile(
    "(?:等|这|以上|共|的)*(?P<said>(?P<count>[0-9]{1,4}|[一二两三四五六七八九十]{1,3})个"
    "(?:行政村|自然村|村|乡镇|乡|镇|社区|街道|地方|区域|地))[:：]?(?!的)"
)
"""这五个村, 等3个乡镇: how many places are named beside it."""

_PART_OF_PLACE = "区境内各全城的"
_CODE = re.compile("[0-9]{6}|[0-9]{9}|[0-9]{12}")
_LONGEST_STRANGE = 6
_ALL_OF_KIND = re.compile(
    "(?:只叫|仅)?(?:所有|全部|全体|各)?(?P<kind>.+?)(?:的?(?:责任人|负责人))?"
)
_NO_PLACES = KnownPlaces()


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """What a line says; what it leaves open is ``None`` or empty.

    ``areas`` are codes of divisions; ``places`` codes and kinds of places in them, which it is for
    alone. ``unclear`` is the first name that is not exactly one place, with what was found for it;
    ``also_unclear`` are the names of others.
    """

    level: Level | None = None
    hazard: Hazard | None = None
    areas: tuple[str, ...] = ()
    text: str = ""
    exercise: bool = False
    unclear: tuple[str, Resolution] | None = None
    also_unclear: tuple[str, ...] = ()
    strange: tuple[StrangeWord, ...] = ()
    places: tuple[str, ...] = ()


def parse_release_line(
    line: str, gazetteer: Gazetteer, *, within: str, places: KnownPlaces = _NO_PLACES
) -> ReleaseLine:
    """Read the words after ``/warn``: colour, hazard, 演练, areas and places, then the text.

    :param within: the commander's division, preferred where a name is not unique.
    :param places: the reservoirs, schools and other places there.
    """
    reader = LineReader(line, gazetteer, within, places)
    while reader.rest and not reader.text_begins and reader.take():
        pass
    return reader.line()


def read_areas(line: str, gazetteer: Gazetteer, *, within: str) -> ReleaseLine:
    """Read the divisions that a line begins with; what follows them is its ``text``.

    :param within: as in ``parse_release_line``.
    """
    reader = LineReader(line, gazetteer, within, _NO_PLACES, Level.RED, Hazard.RAINSTORM)
    while reader.rest and not reader.text_begins and reader.take_area():
        pass
    return reader.line()


@dataclass(slots=True)
class LineReader:
    """Takes one word after another from the beginning of what is left of the line."""

    rest: str
    gazetteer: Gazetteer
    within: str
    known: KnownPlaces
    level: Level | None = None
    hazard: Hazard | None = None
    exercise: bool = False
    areas: list[str] = field(default_factory=list)
    kinds: list[PlaceKind] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    unclear: list[tuple[str, Resolution]] = field(default_factory=list)
    strange: list[StrangeWord] = field(default_factory=list)
    counted: tuple[str, int] | None = None  # 五个村: the words, and how many they say
    text_begins: bool = False
    written: str = ""  # the line as it was: traditional characters of the text are kept
    between: str = " "  # what stood before the word; empty when it is glued to the last

    def __post_init__(self) -> None:
        self.written = self.rest
        self.rest = simplified(self.rest)  # of the same length
        self._go_on(0)

    def line(self) -> ReleaseLine:
        """What was read; what is left is the text."""
        named = len(dict.fromkeys(self.areas)) + len(self.unclear)
        if self.counted is not None and self.counted[1] != named:
            self.strange.append(StrangeWord(self.counted[0], StrangeKind.COUNT))
        return ReleaseLine(
            self.level,
            self.hazard,
            tuple(dict.fromkeys(self.areas)),
            self.written[len(self.written) - len(self.rest) :].strip(),
            self.exercise,
            self.unclear[0] if self.unclear else None,
            tuple(name for name, _ in self.unclear[1:]),
            tuple(self.strange),
            self._for_alone(),
        )

    def _for_alone(self) -> tuple[str, ...]:
        """The places and kinds that it is for; none where a whole area is named beside a place."""
        of_places = {place.division_code for place in self.places}
        if self.places and not self.kinds and not of_places.issuperset(self.areas):
            return ()
        codes = [place.code for place in self.places]
        return tuple(dict.fromkeys([*(kind.value for kind in self.kinds), *codes]))

    def take(self) -> bool:
        """Take a word; ``False`` when the text begins."""
        return (
            self._take_exercise()
            or self._take_count()
            or self._take_called()
            or self._take_level()
            or self._take_hazard()
            or self._take_place()
            or self._take_strange()
        )

    def take_area(self) -> bool:
        """Take a division; ``False`` when something else begins."""
        return self._take_place()

    @property
    def _placed(self) -> bool:
        return bool(self.areas or self.unclear)

    @property
    def _word(self) -> str:
        found = _TOKEN.match(self.rest)
        return found[0] if found else ""

    def _find(self, name: str) -> Resolution:
        return self.gazetteer.find(name, within=self.within, careful=True)

    def _go_on(self, length: int) -> bool:
        """Behind so many characters, and the separators that follow."""
        rest = self.rest[length:]
        found = _SEPARATORS.match(rest)
        self.between = found[0] if found else ""
        self.rest = rest[len(self.between) :]
        return True

    def _take_exercise(self) -> bool:
        found = _EXERCISE.match(self.rest)
        if found is None or self.exercise:
            return False
        if self._placed and self.rest.strip(_BETWEEN) != found[0]:  # 演练结束，马上转移: a text
            return False
        self.exercise = True
        return self._go_on(len(found[0]))

    def _take_count(self) -> bool:
        """这五个村, before the names or behind them: they are counted, and no part of the text."""
        found = _COUNTED.match(self.rest) if self.hazard is not None else None
        if found is None or self.counted is not None or self._names_place(len(found[0])):
            return False
        if len(self.areas) + len(self.unclear) == 1:  # 敦化市 三个乡镇: the text speaks of them
            return False
        self.counted = found["said"], number_of(found["count"]) or 0
        return self._go_on(len(found[0]))

    def _take_level(self) -> bool:
        found = level_at_start(self.rest)
        if found is None or self._names_place(found[1]):
            return False
        level, length = found
        if self.level is None:
            self.level = level
        elif self._placed or self.level is level:
            return False
        else:
            self.strange.append(StrangeWord(self.rest[:length], StrangeKind.SECOND))
        return self._go_on(length)

    def _take_hazard(self) -> bool:
        found = hazard_at_start(self.rest)
        if found is None or self._names_place(found[1]):
            return False
        hazard, length = found
        if self.hazard is None:
            self.hazard = hazard
        elif self._placed:
            return False
        elif self.hazard is not hazard:
            self.strange.append(StrangeWord(self.rest[:length], StrangeKind.SECOND))
        return self._go_on(length)

    def _names_place(self, length: int) -> bool:
        """Whether more than these first characters is a place: 红石镇, which is no 红."""
        word = self._word
        if len(word) <= length:
            return False
        name = self.gazetteer.name_at_start(word, within=self.within)
        return len(name) > length or self.gazetteer.bears(word, within=self.within)

    def _take_called(self) -> bool:
        """A reservoir, a school by its name, or all of a kind: 所有水库."""
        word = self._word
        if not word or self.hazard is None or self.gazetteer.bears(word, within=self.within):
            return False
        return self._take_named(word) or self._take_kind(word)

    def _take_named(self, word: str) -> bool:
        found, name = self.known.find(word), word
        if not found and not self._placed:  # with an area before it, it may be the text's
            name = self.known.name_at_start(word)
            found = self.known.find(name) if name else []
        if not found:
            return False
        inside = [place for place in found if _lies_in(place, self.areas)] or found
        if len(inside) > 1:
            self.unclear.append((name, self._find(name)))
        else:
            self._call(inside[0])
        return self._go_on(len(name))

    def _call(self, place: Place) -> None:
        """Call a place alone: 敦化市 红旗水库 is one place, and the area is that of the place."""
        self.places.append(place)
        if self.kinds and _lies_in(place, self.areas):
            return
        of_places = {other.division_code for other in self.places}
        whole = [code for code in self.areas if code not in of_places]
        around = next((code for code in whole if contains(code, place.division_code)), None)
        if around is not None:
            self.areas.remove(around)
        self.areas.append(place.division_code)

    def _take_kind(self, word: str) -> bool:
        kind = KIND_WORDS.get(word)
        # 水库 between two spaces is a kind; with a comma behind it, it may be the text's.
        listed = self.between.isspace() and self.rest[len(word) : len(word) + 1].isspace()
        if kind is None or not listed:
            said = _ALL_OF_KIND.fullmatch(word)
            kind = KIND_WORDS.get(said["kind"]) if said and said["kind"] != word else None
        if kind is None:
            return False
        if not any(_lies_in(place, self.areas) for place in self.known.of_kind(kind)):
            return False
        self.kinds.append(kind)
        return self._go_on(len(word))

    def _take_place(self) -> bool:
        word = self._word
        if not word:
            return False
        found = self._whole(word)
        if found is not None:
            self._add(word, found)
            return self._go_on(len(word))
        name = self._glued_name(word)
        if name:
            self._add(name, self._find(name))
            if word[len(name) : len(name) + 1] in tuple(_PART_OF_PLACE):  # 敦化市区低洼地
                self.text_begins = True
                return True
            return self._go_on(len(name))
        if self.areas and word[0] in _JOINING and self._glued_name(word[1:]):  # 敦化市和图们市
            return self._go_on(1)
        return self._take_unknown_place(word)

    def _glued_name(self, word: str) -> str:
        """The place that a word begins with, unless it is the text that speaks of it."""
        first = not self._placed
        name = self.gazetteer.name_at_start(word, within=self.within, bare=first)
        if not name or first or not self.between:
            return name
        place = self._find(name).division
        known = place is None or any(contains(area, place.code) for area in self.areas)
        return "" if known else name

    def _whole(self, word: str) -> Resolution | None:
        """What a whole word between two separators is as a place; ``None`` when it is none."""
        if not self.gazetteer.bears(word, within=self.within):
            return None
        found = self._find(word)
        if not self._placed or self._listed or _PLACE.fullmatch(word):
            return found
        # 平安 may be a village, and the beginning of the text: only one of the commander's own.
        own = found.candidates and contains(self.within, found.candidates[0].division.code)
        return found if own else None

    @property
    def _listed(self) -> bool:
        return self._placed and "、" in self.between

    def _add(self, name: str, found: Resolution) -> None:
        """Take the place; after a space it may lie in the last: 敦化市 大石头镇 is one place."""
        last = self.areas[-1] if self.areas and not self.between.strip(" \t\r\n\u3000/") else ""
        inside = self.gazetteer.find(name, within=last, careful=True) if last else found
        first = inside.candidates[0].division.code if inside.candidates else ""
        if last and first != last and contains(last, first) and inside.total:
            name, found = self.gazetteer.name(self.areas.pop()) + name, inside
        if found.division is not None:
            self.areas.append(found.division.code)
        else:
            self.unclear.append((name, found))

    def _take_unknown_place(self, word: str) -> bool:
        """What looks like a place and is none: 敦画市."""
        if self._reads_on(word):
            return False
        named = self._unknown_after_others(word) if self._placed else self._unknown_first(word)
        if not named:
            return False
        self.unclear.append((named, self._find(named)))
        return self._go_on(len(named))

    def _unknown_after_others(self, word: str) -> str:
        area = _PLACE.fullmatch(word) and word[-1] != "区"
        looks_so = (area or self._bears_own_name(word)) and not _NO_NAME.match(word)
        return word if looks_so or (self._listed and len(word) <= _LONGEST_STRANGE) else ""

    def _bears_own_name(self, word: str) -> bool:
        """Whether it is 红旗水库 between two spaces: one place of a kind, by its own name."""
        alone = self.between.isspace() and self.rest[len(word) : len(word) + 1].isspace()
        named = _PLACE_OF_KIND.fullmatch(word) is not None
        return alone and named and _DONE_TO_PLACES.match(word) is None

    def _unknown_first(self, word: str) -> str:
        if _CODE.fullmatch(word) or (_PLACE.fullmatch(word) and not _NO_NAME.match(word)):
            return word
        glued = None if _NO_NAME.match(word) else _PLACE_AND_TEXT.match(word)
        if glued is not None:
            return glued[0]
        expected = self.level and self.hazard and len(word) <= _LONGEST_STRANGE
        return word if expected else ""

    def _reads_on(self, word: str) -> bool:
        """Whether the word is meant as a level or a hazard."""
        return self._strange_kind(word) in (StrangeKind.LEVEL, StrangeKind.HAZARD)

    def _strange_kind(self, word: str) -> StrangeKind | None:
        if _COLOUR.fullmatch(word.casefold()) and (self.level is None or not self._placed):
            return StrangeKind.LEVEL
        if _WEATHER.fullmatch(word) and (self.hazard is None or not self._placed):
            return StrangeKind.HAZARD
        missing = self.level is None or self.hazard is None
        if missing and not self._placed and len(word) <= _LONGEST_STRANGE:
            return StrangeKind.UNKNOWN
        return None

    def _take_strange(self) -> bool:
        word = self._word
        kind = self._strange_kind(word) if word else None
        if kind is None:
            return False
        self.strange.append(StrangeWord(word, kind))
        return self._go_on(len(word))


def _lies_in(place: Place, areas: Iterable[str]) -> bool:
    return any(contains(area, place.division_code) for area in areas)
