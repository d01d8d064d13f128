"""A change of a running warning in one line: ``/update 12 升级 红 延长 6小时``. Pure.

As lenient as ``/warn``: the words stand in any order, with commas or without, in simplified or
traditional characters; the text of a correction stays as it was written. What is not
understood is named to whoever wrote it, and becomes part of the warning's text only where the line
says so (更正 …), or where it can hardly be anything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import Enum

from alerts.model import Hazard, Level
from bot.compose.release_line import ReleaseLine, read_areas
from bot.compose.written_spans import moment_at_start, span_at_start
from bot.views.vocabulary import hazard_at_start, level_at_start
from contacts.divisions.gazetteer import Gazetteer
from data.simplified import simplified


class Ending(Enum):
    """The two ways in which somebody ends a warning: two words, two acts."""

    LIFT = "lift"  # 解除: it is over
    CANCEL = "cancel"  # 取消: it should not have been issued


class Direction(Enum):
    """Which way the line says that the level goes."""

    UP = "up"
    DOWN = "down"


class Where(Enum):
    """What is to become of the divisions that a line names."""

    ADD = "add"  # 扩大
    DROP = "drop"  # 去掉
    KEEP = "keep"  # 只留
    NARROW = "narrow"  # 缩小 X: that X goes, or that only X stays? It is asked


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What a line says; what it leaves open is ``None`` or empty.

    ``of_areas`` and ``of_hazard``, before anything else, say which warning is meant where no
    number does. ``areas`` are codes of divisions, by what is to become of them. ``unclear`` are
    names that are not exactly one place, by what is to become of it; ``strange`` are words that
    were not understood. ``incomplete``: words that ask for something that does not follow (升级,
    and no level).
    """

    alert_id: int | None = None
    of_areas: tuple[str, ...] = ()
    of_hazard: Hazard | None = None
    ending: Ending | None = None
    level: Level | None = None
    direction: Direction | None = None
    longer: timedelta | None = None
    until: datetime | None = None
    areas: tuple[tuple[Where, tuple[str, ...]], ...] = ()
    text: str = ""
    unclear: tuple[tuple[Where, str], ...] = ()
    strange: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()

    @property
    def says_anything(self) -> bool:
        """Whether it asks for any change, however incomplete."""
        return bool(
            self.ending
            or self.level
            or self.longer
            or self.until
            or self.areas
            or self.text
            or self.unclear
            or self.incomplete
        )


_BETWEEN = re.compile(r"[\s\u3000,，、;；:：.。|/·]+")
_NUMBER = re.compile(
    r"(?:第|编号|no\.?|#|№)?\s*(\d{1,5})(?:\s*号)?(?![\d:：点时分小天日月.\-/个])", re.I
)
_UP = re.compile(
    r"(?:升级|提级|升|提高|调高|上调|加强|upgrade|raise)(?:预警)?(?:等级|级别)?"
    r"(?:为|成|到|至| to)?",
    re.I,
)
_DOWN = re.compile(
    r"(?:降级|降低|降|调低|下调|downgrade|lower)(?:预警)?(?:等级|级别)?(?:为|成|到|至| to)?", re.I
)
_LEVEL = re.compile(r"(?:等级|级别|改级|level)(?:改|调整?|变更?)?(?:为|成|到)?", re.I)
_TO = re.compile(r"(?:改为|改成|调整为|变更为)", re.I)
_EXTEND = re.compile(
    r"(?:有效期)?(?:延长|延期|续期|延时|顺延|延|extend)(?:有效期|预警)?"
    r"(?P<until>到|至| until| to)?(?: by)?",
    re.I,
)
_UNTIL = re.compile(r"(?:有效(?:期)?(?:改)?(?:至|到)|until)", re.I)
_TO_TIME = re.compile("[至到]")
_ADD = re.compile(r"(?:扩大|扩展|增加|新增|加上|加|扩|add)(?:区域|范围)?(?:到|至)?", re.I)
_DROP = re.compile(
    r"(?:缩小[，, ]*)?"
    r"(?:去掉|去除|移除|移出|减去|减少|剔除|除去|删去|删除|remove|drop|without)(?:区域)?",
    re.I,
)
_KEEP = re.compile(
    r"(?:(?:缩小|缩减)(?:区域|范围)?(?:到|至|为)|"
    r"(?:缩小[，, ]*)?(?:只留|仅留|只保留|仅保留|保留|只剩|keep|only)(?:下)?)",
    re.I,
)
_NARROW = re.compile(r"(?:缩小|缩减|收缩|narrow)(?:区域|范围)?", re.I)
_TEXT = re.compile(
    r"(?:更正|改正|勘误|正文|内容|改内容|文字|correct|text)(?:内容|正文|为|成|如下)*", re.I
)
_LIFT = re.compile(r"(?:解除|lift)(?:预警)?", re.I)
_CANCEL = re.compile(r"(?:取消|撤销|cancel)(?:预警)?", re.I)
_ORDER = re.compile(r"立即|马上|尽快|务必|请|迅速|严禁|禁止|注意|做好|组织|加密|加强巡查")
_TOKEN = re.compile(r"[^\s\u3000,，、;；:：。|/·]+")
_LONGEST_STRANGE = 6


def parse_change_line(
    line: str,
    gazetteer: Gazetteer,
    *,
    within: str,
    now: datetime,
    zone: tzinfo,
    numbered: bool = True,
) -> ChangeLine:
    """Read the words after ``/update``: which warning, then what of it changes.

    :param within: the commander's division, preferred where a name is not unique.
    :param numbered: whether the line may begin with the number of a warning.
    """
    reader = _Reader(line, gazetteer, within, now, zone)
    if numbered:
        reader.take_number()
    while reader.rest and reader.take():
        pass
    return reader.line()


@dataclass(slots=True)
class _Reader:
    """Takes one word after another from the beginning of what is left of the line."""

    rest: str
    gazetteer: Gazetteer
    within: str
    now: datetime
    zone: tzinfo
    alert_id: int | None = None
    of_areas: tuple[str, ...] = ()
    of_hazard: Hazard | None = None
    ending: Ending | None = None
    level: Level | None = None
    direction: Direction | None = None
    longer: timedelta | None = None
    until: datetime | None = None
    areas: list[tuple[Where, tuple[str, ...]]] = field(default_factory=list)
    text: str = ""
    unclear: list[tuple[Where, str]] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)

    _line: str = field(init=False)
    _line_simplified: str = field(init=False)

    def __post_init__(self) -> None:
        self._line, self._line_simplified = self.rest, simplified(self.rest)
        self._go_on(0)

    @property
    def _plain(self) -> str:
        """What is left in simplified characters: as many, each in its place."""
        if self._line.endswith(self.rest):  # of every word anew, a long line would take seconds
            return self._line_simplified[len(self._line) - len(self.rest) :]
        return simplified(self.rest)

    def line(self) -> ChangeLine:
        """What was read."""
        return ChangeLine(
            self.alert_id,
            self.of_areas,
            self.of_hazard,
            self.ending,
            self.level,
            self.direction,
            self.longer,
            self.until,
            tuple(self.areas),
            self.text,
            tuple(self.unclear),
            tuple(self.strange),
            tuple(self.incomplete),
        )

    def take_number(self) -> None:
        """The number of a warning, where the line begins with one; or its area and hazard.

        解除 and 取消 may stand before it: what follows then is never the text of a correction.
        """
        for pattern, ending in ((_LIFT, Ending.LIFT), (_CANCEL, Ending.CANCEL)):
            if found := pattern.match(self._plain):
                self._end(found, ending)
                break
        found = _NUMBER.match(self._plain)
        if found is not None:
            self.alert_id = int(found[1])
            self._go_on(found.end())
        while self._take_area_of() or self._take_hazard_of():
            pass

    def _take_area_of(self) -> bool:
        if self.of_areas or not self._place_here:
            return False
        read = self._areas_here()
        self.of_areas, self.rest = read.areas, read.text
        if read.unclear is not None:
            self.strange.append(read.unclear[0])
        return self._go_on(0)

    def _take_hazard_of(self) -> bool:
        said = hazard_at_start(self.rest)
        if self.of_hazard is not None or said is None:
            return False
        self.of_hazard = said[0]
        return self._go_on(said[1])

    def take(self) -> bool:
        """Take a word and what belongs to it; ``False`` at the end."""
        if not self._place_here:
            for pattern, act in self._acts():
                found = pattern.match(self._plain)
                if found is not None and act(found):
                    return True
            if self._take_level_alone() or self._take_span_alone():
                return True
        return self._take_other()

    def _acts(self) -> Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], bool]]]:
        return (
            (_LIFT, lambda found: self._end(found, Ending.LIFT)),
            (_CANCEL, lambda found: self._end(found, Ending.CANCEL)),
            (_TEXT, self._take_text),
            (_KEEP, lambda found: self._place(found, Where.KEEP)),
            (_DROP, lambda found: self._place(found, Where.DROP)),
            (_NARROW, lambda found: self._place(found, Where.NARROW)),
            (_UP, lambda found: self._turn(found, Direction.UP)),
            (_DOWN, lambda found: self._turn(found, Direction.DOWN)),
            (_LEVEL, lambda found: self._turn(found, None)),
            (_TO, lambda found: self._turn(found, None)),
            (_EXTEND, self._take_longer),
            (_UNTIL, self._take_until),
            (_TO_TIME, self._take_time_alone),
            (_ADD, lambda found: self._place(found, Where.ADD)),
        )

    def _go_on(self, length: int) -> bool:
        rest = self.rest[length:]
        between = _BETWEEN.match(rest)
        self.rest = rest[between.end() :] if between else rest
        return True

    def _end(self, found: re.Match[str], ending: Ending) -> bool:
        """解除 or 取消; both in one line are a line that was not understood."""
        if self.ending not in (None, ending):
            self.strange.append(found[0])
        else:
            self.ending = ending
        return self._go_on(found.end())

    def _take_text(self, found: re.Match[str]) -> bool:
        self._go_on(found.end())
        if not self.rest:
            self.incomplete.append(found[0])
        self.text = f"{self.text} {self.rest}".strip()
        self.rest = ""
        return True

    def _turn(self, found: re.Match[str], direction: Direction | None) -> bool:
        before = self.rest
        self._go_on(found.end())
        said = level_at_start(self.rest)
        if said is None:
            if direction is None:  # 改为 and no level: something else
                self.rest = before
                return False
            self.direction = direction
            if self.level is None:
                self.incomplete.append(found[0])
            return True
        self.direction = direction or self.direction
        self._level(said)
        return True

    def _level(self, said: tuple[Level, int]) -> None:
        level, length = said
        if self.level not in (None, level):
            self.strange.append(self.rest[:length])
        else:
            self.level = level
            self.incomplete = [word for word in self.incomplete if not _UP.match(word)]
            self.incomplete = [word for word in self.incomplete if not _DOWN.match(word)]
        self._go_on(length)

    def _take_level_alone(self) -> bool:
        said = level_at_start(self.rest)
        if said is None:
            return False
        self._level(said)
        return True

    def _take_span_alone(self) -> bool:
        """6小时, with nothing that says what of: so much longer."""
        longer = span_at_start(self._plain)
        if longer is None or self.longer is not None:
            return False
        self.longer = longer.longer
        return self._go_on(longer.length)

    @property
    def _place_here(self) -> bool:
        """Whether a place begins here: 红石镇, which is no 红, and 延边州, which is no 延."""
        word = self._word
        return bool(self.gazetteer.name_at_start(word, within=self.within)) or (
            len(word) > 1 and self.gazetteer.bears(word, within=self.within)
        )

    @property
    def _word(self) -> str:
        found = _TOKEN.match(self.rest)
        return found[0] if found else self.rest

    def _take_longer(self, found: re.Match[str]) -> bool:
        if found["until"]:
            return self._take_until(found)
        self._go_on(found.end())
        longer = span_at_start(self._plain)
        if longer is None and (bare := re.match(r"(\d{1,2})(?![\d:：点时日号月\-/])", self.rest)):
            self.longer = timedelta(hours=int(bare[1]))
            return self._go_on(bare.end())
        if longer is None:
            return self._moment(found[0])
        self.longer = longer.longer
        return self._go_on(longer.length)

    def _take_until(self, found: re.Match[str]) -> bool:
        self._go_on(found.end())
        return self._moment(found[0])

    def _take_time_alone(self, found: re.Match[str]) -> bool:
        """至30日8时; 到村部集合 is the text."""
        at = moment_at_start(self._plain[found.end() :].lstrip(), self.now, self.zone)
        return at is not None and self._take_until(found)

    def _moment(self, word: str) -> bool:
        at = moment_at_start(self._plain, self.now, self.zone)
        if at is None:
            self.incomplete.append(word)
            return True
        self.until = at.until
        return self._go_on(at.length)

    def _place(self, found: re.Match[str], where: Where) -> bool:
        self._go_on(found.end())
        if not self.rest or (not self._place_here and self._act_here):
            self.incomplete.append(found[0])
            return True
        read = self._areas_here()
        if not read.areas and read.unclear is None:
            self.incomplete.append(found[0])
            return True
        if read.areas:
            self.areas.append((where, read.areas))
        if read.unclear is not None:
            names = (read.unclear[0], *read.also_unclear)
            self.unclear += [(where, name) for name in names]
        self.rest = read.text
        return self._go_on(0)

    @property
    def _act_here(self) -> bool:
        return any(pattern.match(self._plain) for pattern, _act in self._acts())

    def _areas_here(self) -> ReleaseLine:
        return read_areas(self.rest, self.gazetteer, within=self.within)

    def _take_other(self) -> bool:
        """The text, where it can hardly be anything else; or a word that was not understood."""
        word = self._word
        if not word:
            return False
        if self._begins_text(word):
            self.text = f"{self.text} {self.rest}".strip()
            self.rest = ""
        else:
            self.strange.append(word)
            self._go_on(len(word))
        return True

    def _begins_text(self, word: str) -> bool:
        return len(word) > _LONGEST_STRANGE or _ORDER.match(simplified(word)) is not None
