"""What a request's body or query says, checked field by field; what is not known is refused. Pure.

A warning is released to thousands: a misspelt ``exersise`` must not pass as nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from alerts.model import RELEASED_BY_NAME, Draft, Hazard, Level
from alerts.publishing.model import RequestProblem
from bot.views.vocabulary import parse_hazard, parse_level
from contacts.divisions.gazetteer import Gazetteer
from data.errors import InvalidInput
from data.geo.shapes import Shape, shape_of_geojson

MOST_LIST = 5000
"""Entries of a list in a body (ours)."""

_KEY_LENGTHS = range(8, 81)


@dataclass(frozen=True, slots=True)
class ReleaseAsked:
    """A warning as a body asks for it; ``signal`` ``None``: the nearest service's."""

    draft: Draft
    signal: str | None
    same_too: bool
    shape: Shape | None = None


class Body:
    """A JSON object whose fields are taken one by one; ``done`` refuses what nobody took."""

    def __init__(self, body: bytes) -> None:
        """
        :raises InvalidInput: ``NO_JSON``.
        """
        try:
            told = orjson.loads(body or b"{}")
        except orjson.JSONDecodeError:
            told = None
        if not isinstance(told, dict):
            raise InvalidInput(RequestProblem.NO_JSON)
        self._left: dict[str, Any] = told

    def text(self, name: str, most: int = 4000) -> str:
        """A text; empty where there is none."""
        value = self._left.pop(name, None)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > most:
            raise bad(name)
        return value.strip()

    def optional_text(self, name: str, most: int = 4000) -> str | None:
        """A text that may be empty; ``None`` where there is none."""
        return None if self._left.get(name) is None else self.text(name, most)

    def flag(self, name: str) -> bool:
        """``true`` or ``false``; false where there is none."""
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            raise bad(name)
        return value

    def number(self, name: str, low: float, high: float, *, whole: bool = False) -> float | None:
        """A number; ``None`` where there is none."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        fits = type(value) is int or (type(value) is float and not whole)
        if not fits or not low <= value <= high:
            raise bad(name)
        return float(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, or one text alone; empty where there is none."""
        value = self._left.pop(name, None)
        if value is None:
            return ()
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or len(value) > MOST_LIST:
            raise bad(name)
        if not all(isinstance(word, str) and 0 < len(word) <= 200 for word in value):
            raise bad(name)
        return tuple(dict.fromkeys(word.strip() for word in value))

    def shape(self, name: str) -> Shape | None:
        """Land, as a GeoJSON object; ``None`` where there is none.

        :raises InvalidInput: with a ``ShapeProblem``: it has no area, or cannot be read.
        """
        value = self._left.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise bad(name)
        try:
            return shape_of_geojson(orjson.dumps(value).decode())
        except orjson.JSONEncodeError:  # it is nested deeper than anything drawn
            raise bad(name) from None

    def time(self, name: str) -> datetime | None:
        """A time with its offset; ``None`` where there is none."""
        text = self.text(name, 40)
        return read_time(name, text) if text else None

    def done(self) -> None:
        """All that is known was taken.

        :raises InvalidInput: ``UNKNOWN_FIELD``.
        """
        if self._left:
            raise InvalidInput(RequestProblem.UNKNOWN_FIELD, field=min(self._left))


def release_asked(body: Body, gazetteer: Gazetteer) -> ReleaseAsked:
    """The warning that a body asks for; its headline is made later.

    :raises InvalidInput: with a ``RequestProblem`` and the ``field``.
    """
    level, hazard = level_of(body), hazard_of(body)
    if level is None:
        raise bad("level")
    if hazard is None:
        raise bad("hazard")
    areas, shape = areas_of(body, "areas", gazetteer), body.shape("shape")
    if areas and shape is not None:
        raise bad("shape")
    lead = body.number("lead_minutes", 0, 14 * 24 * 60, whole=True)
    asked = ReleaseAsked(
        Draft(
            level,
            hazard,
            areas,
            body.text("text"),
            body.flag("exercise"),
            None if lead is None else int(lead),
            places=body.texts("places"),
        ),
        body.optional_text("signal", 80),
        body.flag("same_too"),
        shape,
    )
    body.done()
    return asked


def level_of(body: Body) -> Level | None:
    """The ``level``, by our word or China's: ``red``, ``红``, ``I级``."""
    text = body.text("level", 20)
    if not text:
        return None
    level = parse_level(text)
    if level is None:
        raise bad("level")
    return level


def hazard_of(body: Body) -> Hazard | None:
    """The ``hazard``, by our word or China's: ``rainstorm``, ``暴雨``."""
    text = body.text("hazard", 40)
    if not text:
        return None
    hazard = next((one for one in RELEASED_BY_NAME if one.value == text), None) or parse_hazard(
        text
    )
    if hazard is None:
        raise bad("hazard")
    return hazard


def areas_of(body: Body, name: str, gazetteer: Gazetteer) -> tuple[str, ...]:
    """Codes of divisions; a name that is exactly one division stands for its code."""
    found = []
    for word in body.texts(name):
        if word.isascii() and word.isdigit() and len(word) == 12:
            found.append(word)  # whether there is one, the use case says
            continue
        division = gazetteer.find(word, careful=True).division
        if division is None:
            raise InvalidInput(RequestProblem.BAD_FIELD, field=name, value=word[:40])
        found.append(division.code)
    return tuple(dict.fromkeys(found))


def bad(name: str) -> InvalidInput:
    """The refusal of a field's value."""
    return InvalidInput(RequestProblem.BAD_FIELD, field=name, value="")


def read_time(name: str, text: str) -> datetime:
    """A time, which must say its offset: 18:00 is another moment in Beijing.

    :raises InvalidInput: ``BAD_FIELD``.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise bad(name) from None
    if at.tzinfo is None:
        raise bad(name)
    return at.astimezone(UTC)


def key_of(text: str) -> str:
    """The key of a request that acts: the same request said again has the same.

    :raises InvalidInput: ``NO_KEY``.
    """
    if len(text) not in _KEY_LENGTHS or not text.isascii() or not text.isprintable():
        raise InvalidInput(RequestProblem.NO_KEY)
    return text


class Query:
    """The parameters of an address, taken one by one."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self._left = dict(query)

    def number(self, name: str, low: int, high: int, default: int | None = None) -> int | None:
        """A whole number.

        :raises InvalidInput: ``BAD_QUERY``.
        """
        text = self._left.pop(name, "")
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise InvalidInput(RequestProblem.BAD_QUERY, field=name)
        if not low <= int(text) <= high:
            raise InvalidInput(RequestProblem.BAD_QUERY, field=name)
        return int(text)

    def words(self, name: str, known: Collection[str]) -> list[str]:
        """Words by commas, each of those known.

        :raises InvalidInput: ``BAD_QUERY``.
        """
        found = [word for word in self._left.pop(name, "").split(",") if word]
        if not set(found) <= set(known):
            raise InvalidInput(RequestProblem.BAD_QUERY, field=name)
        return found

    def time(self, name: str) -> datetime | None:
        """A time with its offset.

        :raises InvalidInput: ``BAD_QUERY``.
        """
        text = self._left.pop(name, "").replace(" ", "+")  # a "+" that was not written as %2B
        if not text:
            return None
        try:
            return read_time(name, text)
        except InvalidInput:
            raise InvalidInput(RequestProblem.BAD_QUERY, field=name) from None

    def done(self) -> None:
        """All that is known was taken.

        :raises InvalidInput: ``BAD_QUERY``.
        """
        if self._left:
            raise InvalidInput(RequestProblem.BAD_QUERY, field=min(self._left))
