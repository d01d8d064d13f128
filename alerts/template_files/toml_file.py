"""A TOML file whose mistakes are told with their line: ``tomllib`` says none of a value. Pure.

Only what templates need: fields at the top, and tables that repeat (``[[task]]``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from alerts.template_files.faults import BadTemplate, TemplateFault
from alerts.template_files.file_text import text_of

LARGEST = 64_000
"""Bytes of a template's file."""

MOST_DOTS = 500
"""In a field's name (ours): ``tomllib`` takes the square of them, seconds for one of 64 kB."""

T = TypeVar("T")
_HEADER = re.compile(r"\s*\[\[\s*([\w-]+)\s*\]\]")
_FIELD = re.compile(r"\s*([\w-]+)\s*=")
_LONG_QUOTES = ('"""', "'''")
_WHERE = re.compile(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)")


@dataclass(frozen=True, slots=True)
class TomlTable:
    """The fields at the top of a file, or of one of its tables; ``line``: where it begins."""

    fields: Mapping[str, Any]
    file: str
    line: int
    lines: Mapping[str, int]

    def refusal(self, fault: TemplateFault, field: str = "", **facts: Any) -> BadTemplate:
        """What is wrong with a field, or with the whole."""
        if field:
            facts = {"field": field, **facts}
        return BadTemplate(fault, self.file, self.lines.get(field, self.line), **facts)

    def only(self, known: Collection[str]) -> None:
        """Refuse any other field.

        :raises BadTemplate: UNKNOWN_FIELD.
        """
        for field in self.fields:
            if field not in known:
                raise self.refusal(TemplateFault.UNKNOWN_FIELD, field)

    def text(self, field: str, most: int, *, needed: bool = True) -> str:
        """A text of at most ``most`` characters.

        :raises BadTemplate: MISSING_FIELD, NO_TEXT, WRONG_TYPE or TEXT_TOO_LONG.
        """
        value = self._value(field, str, "文字", needed=needed)
        if value is None:
            return ""
        text = str(value).strip()
        if needed and not text:
            raise self.refusal(TemplateFault.NO_TEXT, field)
        if len(text) > most:
            raise self.refusal(TemplateFault.TEXT_TOO_LONG, field, length=len(text), most=most)
        return text

    def number(self, field: str) -> int:
        """A whole number.

        :raises BadTemplate: MISSING_FIELD or WRONG_TYPE.
        """
        value = self._value(field, int, "整数")
        if isinstance(value, bool):
            raise self.refusal(TemplateFault.WRONG_TYPE, field, wanted="整数")
        return int(value)

    def flag(self, field: str, default: bool) -> bool:
        """``true`` or ``false``.

        :raises BadTemplate: WRONG_TYPE.
        """
        value = self._value(field, bool, "true 或 false", needed=False)
        return default if value is None else bool(value)

    def word(self, field: str, words: Mapping[str, T], fault: TemplateFault) -> T:
        """What a word means.

        :raises BadTemplate: MISSING_FIELD, WRONG_TYPE, or ``fault``: it means nothing.
        """
        return self._meaning(field, str(self._value(field, str, "文字")), words, fault)

    def words(self, field: str, words: Mapping[str, T], fault: TemplateFault) -> tuple[T, ...]:
        """What the words of a list mean, at least one.

        :raises BadTemplate: as ``word``.
        """
        value = self._value(field, list, "列表")
        if not value:
            raise self.refusal(TemplateFault.MISSING_FIELD, field)
        return tuple(self._meaning(field, str(one), words, fault) for one in value)

    def _meaning(self, field: str, text: str, words: Mapping[str, T], fault: TemplateFault) -> T:
        try:
            return words[text.strip()]
        except KeyError:
            raise self.refusal(fault, field, value=text) from None

    def _value(self, field: str, kind: type, wanted: str, *, needed: bool = True) -> Any:
        value = self.fields.get(field)
        if value is None:
            if needed:
                raise self.refusal(TemplateFault.MISSING_FIELD, field)
            return None
        if not isinstance(value, kind):
            raise self.refusal(TemplateFault.WRONG_TYPE, field, wanted=wanted)
        return value


@dataclass(frozen=True, slots=True)
class TomlFile:
    """The fields at the top, and the tables that repeat under one name."""

    top: TomlTable
    tables: tuple[TomlTable, ...]


def read_toml(content: bytes | str, file: str, table: str) -> TomlFile:
    """Read a file whose repeating tables are called ``table``.

    :raises BadTemplate: it is too large, no text, no TOML, or holds other tables.
    """
    text = text_of(content, file, LARGEST)
    for number, line in enumerate(text.split("\n"), start=1):
        if line.partition("=")[0].count(".") > MOST_DOTS:
            detail = "Too many dots in a name"
            raise BadTemplate(TemplateFault.NOT_TOML, file, number, detail=detail)
    try:
        read = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number or a nesting without end, too
        raise _no_toml(str(error), file, text) from None
    top_lines, headers = _lines(text, table)
    rows = read.pop(table, [])
    top = TomlTable(read, file, 1, top_lines)
    for field, value in read.items():
        if isinstance(value, dict) or (value and isinstance(value, list) and value[0] is dict):
            raise top.refusal(TemplateFault.UNKNOWN_FIELD, field)
    if not isinstance(rows, list) or len(rows) != len(headers):
        raise top.refusal(TemplateFault.WRONG_TYPE, table, wanted=f"[[{table}]]")
    return TomlFile(
        top,
        tuple(
            TomlTable(row, file, line, lines)
            for row, (line, lines) in zip(rows, headers, strict=True)
        ),
    )


@contextmanager
def named_as_typed(known: Mapping[str, str]) -> Iterator[None]:
    """A refusal names a field as it is typed in a chat; ``known``: typed name to field."""
    try:
        yield
    except BadTemplate as error:
        said = {name: chinese for chinese, name in known.items()}
        facts = {key: value for key, value in error.facts.items() if key not in ("file", "line")}
        if "field" in facts:
            facts["field"] = said.get(facts["field"], facts["field"])
        raise BadTemplate(error.fault, error.file, error.line, **facts) from None


def _no_toml(said: str, file: str, text: str) -> BadTemplate:
    where = _WHERE.search(said)
    line = int(where[1]) if where and where[1] else text.count("\n") + 1
    detail = _WHERE.sub("", said)
    return BadTemplate(TemplateFault.NOT_TOML, file, line, detail=detail)


def _lines(text: str, table: str) -> tuple[dict[str, int], list[tuple[int, dict[str, int]]]]:
    """Where each field stands: those at the top, and by table."""
    top: dict[str, int] = {}
    headers: list[tuple[int, dict[str, int]]] = []
    inside = ""  # the quotes of a text over several lines
    for number, line in enumerate(text.splitlines(), start=1):
        if not inside:
            if (header := _HEADER.match(line)) and header[1] == table:
                headers.append((number, {}))
            elif field := _FIELD.match(line):
                (headers[-1][1] if headers else top).setdefault(field[1], number)
        inside = _inside_after(line, inside)
    return top, headers


def _inside_after(line: str, inside: str) -> str:
    """In which quotes of several lines the next line begins; empty: in none."""
    left = line.replace('\\"', "")
    while True:
        wanted = (inside,) if inside else _LONG_QUOTES
        found = [(left.find(quotes), quotes) for quotes in wanted if quotes in left]
        if not found:
            return inside
        at, quotes = min(found)
        left, inside = left[at + len(quotes) :], "" if inside else quotes


def quoted(text: str) -> str:
    """``text`` as a TOML string; over several lines where it has several."""
    safe = text.replace("\\", "\\\\").replace('"', '\\"')
    if "\n" not in safe:
        return f'"{safe}"'
    return f'"""\n{safe}"""'
