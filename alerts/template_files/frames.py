"""The frame of evacuation cards: what stands around a card's facts, in chat and on the wall. Pure.

::

    title = "🗺 {village} 转移卡"
    picture = "{village} 转移路线图"
    below = "{moving} · 路线 {length}"
    wall = "{village} 人员转移明白卡"
    no_return = "未接到返回通知，任何人不得返回"
    foot = "第 {version} 版，{day}。"

    [[line]]
    heading = "组织"
    text = "{organiser}"
    on = ["wall"]           # left out: chat and wall

What stands between `` · `` and names only what a card does not say is left out; a line without any
of its facts is left out in chat, and on the wall it is left to be written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from alerts.template_files.faults import BadTemplate, TemplateFault
from alerts.template_files.toml_file import TomlTable, named_as_typed, quoted, read_toml

EVACUATION = "evacuation"
"""The one frame there is, by its file's name."""

MOST_LINES = 12
LONGEST_HEADING = 10
LONGEST_LINE = 80
LONGEST_TITLE = 40
LONGEST_FOOT = 160
"""Lines and characters (ours): a caption has 1,024, the wall one page."""


class Slot(Enum):
    """What a card says of itself, by the name between braces."""

    VILLAGE = "village"
    ORGANISER = "organiser"  # with the number, for whoever may see it
    MOVING = "moving"  # households and persons, and how many households have somebody frail
    HOUSEHOLDS = "households"
    PERSONS = "persons"
    SIGNAL = "signal"
    WHEN = "when"
    ROUTE = "route"  # in words, with its length
    LENGTH = "length"
    SHELTER = "shelter"  # with how many it takes
    KEY_HOLDER = "key_holder"
    VERSION = "version"
    DAY = "day"  # of this version


CHINESE: Mapping[Slot, str] = {
    Slot.VILLAGE: "村名",
    Slot.ORGANISER: "组织人",
    Slot.MOVING: "应转",
    Slot.HOUSEHOLDS: "户数",
    Slot.PERSONS: "人数",
    Slot.SIGNAL: "信号",
    Slot.WHEN: "何时",
    Slot.ROUTE: "路线",
    Slot.LENGTH: "路程",
    Slot.SHELTER: "安置点",
    Slot.KEY_HOLDER: "钥匙",
    Slot.VERSION: "版次",
    Slot.DAY: "日期",
}
_SLOTS: Mapping[str, Slot] = {
    **{slot.value: slot for slot in Slot},
    **{name: slot for slot, name in CHINESE.items()},
}
NEEDED: Sequence[tuple[Slot, ...]] = (
    (Slot.ORGANISER,),
    (Slot.MOVING, Slot.HOUSEHOLDS),
    (Slot.SIGNAL, Slot.WHEN),
    (Slot.ROUTE,),
    (Slot.SHELTER,),
)
"""What no card may lack, one of each (DOMAIN: who organises, who moves, when, where to; that nobody
returns without word is a field of its own)."""


class Surface(Enum):
    """Where a line stands."""

    CHAT = "chat"
    WALL = "wall"


SURFACES: Mapping[str, Surface] = {
    **{surface.value: surface for surface in Surface},
    "聊天": Surface.CHAT,
    "墙上": Surface.WALL,
}
BOTH = frozenset(Surface)
Values = Mapping[Slot, str]


@dataclass(frozen=True, slots=True)
class FrameLine:
    """A heading, and what stands beside it."""

    heading: str
    text: str
    on: frozenset[Surface] = BOTH


@dataclass(frozen=True, slots=True)
class CardFrame:
    """A frame. ``picture`` and ``below``: title of the map, and what stands under it; ``wall``:
    title of the page for the wall, ``foot`` its last lines. Slots are by their English names.
    """

    title: str
    picture: str
    below: str
    wall: str
    lines: tuple[FrameLine, ...]
    no_return: str
    foot: str

    def heading(self, slot: Slot) -> str:
        """The heading beside which a fact stands."""
        named = (line.heading for line in self.lines if slot in _slots(line.text))
        return next(named, CHINESE[slot])


_BRACES = re.compile(r"\{([^{}]*)\}")
_PARTED = " · "


def said(pattern: str, values: Values) -> str:
    """A text with its slots filled; what names nothing but facts that a card lacks is left out."""
    parts = []
    for part in pattern.split(_PARTED):
        slots = _slots(part)
        if not slots or any(values[slot] for slot in slots):
            parts.append(_BRACES.sub(lambda name: values[Slot(name[1])], part).strip())
    return _PARTED.join(parts)


def lacks_all(pattern: str, values: Values) -> bool:
    """Whether it names facts, and none of them is known."""
    slots = _slots(pattern)
    return bool(slots) and not any(values[slot] for slot in slots)


def read_frame(content: bytes | str, file: str) -> CardFrame:
    """The frame that this file says.

    :raises BadTemplate: with the file and the line.
    """
    read = read_toml(content, file, "line")
    return _frame(read.top, read.tables, read.tables[0].line if read.tables else 1)


_TOP = ("title", "picture", "below", "wall", "no_return", "foot")


def _frame(top: TomlTable, tables: Sequence[TomlTable], begins: int) -> CardFrame:
    top.only(_TOP)
    if len(tables) > MOST_LINES:
        raise tables[MOST_LINES].refusal(TemplateFault.TOO_MANY, most=MOST_LINES)
    frame = CardFrame(
        title=_titled(top, "title"),
        picture=_titled(top, "picture"),
        below=_pattern(top, "below", LONGEST_LINE, needed=False),
        wall=_titled(top, "wall"),
        lines=tuple(map(_line, tables)),
        no_return=_plain(top, "no_return", LONGEST_TITLE),
        foot=_pattern(top, "foot", LONGEST_FOOT, needed=False),
    )
    for surface in Surface:
        there = {slot for line in frame.lines if surface in line.on for slot in _slots(line.text)}
        for wanted in NEEDED:
            if there.isdisjoint(wanted):
                names = "、".join(_named(slot) for slot in wanted)
                where = next(name for name in ("聊天", "墙上") if SURFACES[name] is surface)
                fault = TemplateFault.MISSING_PLACEHOLDER
                raise BadTemplate(fault, top.file, begins, value=names, where=where)
    return frame


def _line(table: TomlTable) -> FrameLine:
    table.only(("heading", "text", "on"))
    on = BOTH
    if "on" in table.fields:
        on = frozenset(table.words("on", SURFACES, TemplateFault.UNKNOWN_SURFACE))
    heading = _plain(table, "heading", LONGEST_HEADING)
    return FrameLine(heading, _pattern(table, "text", LONGEST_LINE), on)


def _titled(table: TomlTable, field: str) -> str:
    title = _pattern(table, field, LONGEST_TITLE)
    if Slot.VILLAGE not in _slots(title):
        value = _named(Slot.VILLAGE)
        raise table.refusal(TemplateFault.MISSING_PLACEHOLDER, field, value=value, where="标题")
    return title


def _pattern(table: TomlTable, field: str, most: int, *, needed: bool = True) -> str:
    """A text with slots, by their English names."""
    text = " ".join(table.text(field, most, needed=needed).split())
    text = text.replace("｛", "{").replace("｝", "}")

    def known(found: re.Match[str]) -> str:
        slot = _SLOTS.get(found[1].strip())
        if slot is None:
            raise _unknown(table, field, found[0])
        return f"{{{slot.value}}}"

    text = _BRACES.sub(known, text)
    if rest := re.search("[{}]", _BRACES.sub("", text)):
        raise _unknown(table, field, rest[0])
    return text


def _plain(table: TomlTable, field: str, most: int) -> str:
    """A text in which nothing is filled."""
    text = _pattern(table, field, most)
    if slots := _slots(text):
        raise _unknown(table, field, _named(slots[0]), known="不填内容的文字")
    return text


def _unknown(table: TomlTable, field: str, value: str, known: str = "") -> BadTemplate:
    known = known or "".join(map(_named, Slot))
    return table.refusal(TemplateFault.UNKNOWN_PLACEHOLDER, field, value=value, known=known)


def _slots(pattern: str) -> list[Slot]:
    return [Slot(name) for name in _BRACES.findall(pattern)]


def _named(slot: Slot) -> str:
    return f"{{{CHINESE[slot]}}}"


def write_frame(frame: CardFrame) -> str:
    """The file that says so."""
    parts = ["".join(f"{field} = {quoted(getattr(frame, field))}\n" for field in _TOP)]
    for line in frame.lines:
        words = f"[[line]]\nheading = {quoted(line.heading)}\ntext = {quoted(line.text)}\n"
        if line.on != BOTH:
            words += "on = [" + ", ".join(f'"{one.value}"' for one in line.on) + "]\n"
        parts.append(words)
    return "\n".join(parts)


# -- as it is typed in a chat ------------------------------------------------------------------

_TITLES, _LINES, _END = "【标题】", "【内容】", "【结尾】"
_TYPED: Mapping[str, Mapping[str, str]] = {
    _TITLES: {"聊天": "title", "图上": "picture", "图上小字": "below", "墙上": "wall"},
    _END: {"不得返回": "no_return", "页脚": "foot"},
}
_FIELDS = {name: field for fields in _TYPED.values() for name, field in fields.items()}
_ONLY: Mapping[str, Surface] = {"（只聊天）": Surface.CHAT, "（只上墙）": Surface.WALL}


def frame_lines(frame: CardFrame) -> str:
    """A frame as lines to be copied, changed and sent back."""

    def chinese(pattern: str) -> str:
        return _BRACES.sub(lambda name: _named(Slot(name[1])), pattern)

    def fields(section: str) -> list[str]:
        return [f"{name}：{chinese(getattr(frame, at))}" for name, at in _TYPED[section].items()]

    lines = [_TITLES, *fields(_TITLES), _LINES]
    for line in frame.lines:
        only = next((words for words, one in _ONLY.items() if line.on == {one}), "")
        lines.append(f"{line.heading}{only}：{chinese(line.text)}")
    return "\n".join([*lines, _END, *fields(_END)])


def read_frame_lines(text: str, file: str) -> CardFrame:
    """The frame that such lines say.

    :raises BadTemplate: with the line of the text.
    """
    fields: dict[str, object] = {}
    at: dict[str, int] = {}
    tables: list[TomlTable] = []
    section, begins = "", 1
    for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
        if line in (_TITLES, _LINES, _END):
            section = line
            begins = number if line == _LINES else begins
            continue
        if not line:
            continue
        said_as, colon, value = line.replace("：", ":", 1).partition(":")
        name = said_as.strip()
        if not colon or not section:
            raise BadTemplate(TemplateFault.NOT_A_FIELD, file, number, value=line[:20])
        if section == _LINES:
            tables.append(_typed_line(name, value.strip(), file, number))
            continue
        field = _TYPED[section].get(name)
        if field is None:
            raise BadTemplate(TemplateFault.UNKNOWN_FIELD, file, number, field=name[:20])
        if field in at:
            raise BadTemplate(TemplateFault.FIELD_TWICE, file, number, field=name)
        fields[field], at[field] = value.strip(), number
    with named_as_typed({**_FIELDS, "名称": "heading", "内容": "text"}):
        return _frame(TomlTable(fields, file, 1, at), tables, begins)


def _typed_line(name: str, value: str, file: str, number: int) -> TomlTable:
    fields: dict[str, object] = {"text": value}
    for words, surface in _ONLY.items():
        if name.endswith(words):
            name, fields["on"] = name.removesuffix(words).strip(), [surface.value]
    fields["heading"] = name
    return TomlTable(fields, file, number, {})
