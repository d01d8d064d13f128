"""An area drawn on the wall: what lies in it, and how it gets into its commander's chat."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from alerts import drawn_area_store
from alerts.drawn_area import DrawnArea
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import RelayedRequest
from bot.services.geography import Geography
from bot.views.problems import problem
from bot.views.screen import payload
from bot.views.warnings import area_menu as views
from contacts import place_store
from contacts.area_shapes import all_commanded, resolve
from contacts.divisions.codes import county_of
from contacts.divisions.wording import areas_in_words
from contacts.people import Person
from data.database import Connection
from data.errors import InvalidInput
from data.geo.shapes import Shape, ShapeProblem, shape_of_rings

MOST_POINTS = 1_000
NAME = "大屏上画的区域"


@dataclass(frozen=True, slots=True)
class Looked:
    """What lies in a drawing."""

    drawn: DrawnArea
    empty: bool
    told: dict[str, Any]  # for the page


def drawing_of(body: bytes) -> tuple[Shape, bool]:
    """The drawing that the page sends, and whether it is to be carried into the chat.

    :raises InvalidInput: with a ``ShapeProblem``.
    """
    try:
        told = orjson.loads(body)
        ring, send = told["ring"], told.get("send") is True
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise InvalidInput(ShapeProblem.NOT_GEOJSON) from None
    if isinstance(ring, list) and len(ring) > MOST_POINTS:
        raise InvalidInput(ShapeProblem.TOO_LARGE, most=MOST_POINTS)
    closed = [*ring, ring[0]] if isinstance(ring, list) and ring else ring
    return shape_of_rings([closed]), send


def look(c: Connection, geography: Geography, person: Person, shape: Shape) -> Looked:
    """What lies in it, of what the person commands.

    :raises InvalidInput: with a ``ShapeProblem``.
    """
    from data.geo.shape_cover import simple

    sound = simple(shape)
    found = resolve(c, geography, sound, all_commanded(person))
    drawn = DrawnArea.of(sound, found, NAME, drawn=False)
    gazetteer = geography.gazetteer
    codes = (*drawn.left_out_of, *drawn.elsewhere)
    names = {code: gazetteer.name(county_of(code) or code) for code in codes}
    besides = list(place_store.names(c, found.besides).values())
    lines = views.drawn_lines(drawn, besides, names, "zh", buttons=False)
    told = {
        "villages": found.villages,
        "areas": areas_in_words(gazetteer, found.areas),
        "lines": _plain(lines[1:]),
        "empty": found.empty,
    }
    return Looked(drawn, found.empty, told)


def carry(c: Connection, person: Person, looked: Looked, now: datetime) -> bool:
    """Keep the drawing and send its commander the message that takes it up; ``False``: no chat."""
    if person.telegram_id is None:
        return False
    villages, area = looked.told["villages"], looked.told["areas"]
    key = drawn_area_store.keep(c, person.id, looked.drawn.shape, villages, now)
    screen = views.drawn_on_board(key, villages, area, person.language)
    message = RelayedRequest("sendMessage", payload(screen, person.telegram_id))
    outbox_store.add(c, to_person(person, message, Lane.ANSWER), now)
    return True


def refusal(error: InvalidInput) -> dict[str, Any]:
    """Why a drawing cannot be used, for the page."""
    return {"problem": problem(error, "zh")}


def _plain(lines: Sequence[str]) -> list[str]:
    return [html.unescape(line) for line in lines]
