"""The texts that the highest duty officer reads about jiaoying itself, for the golden files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from alerts.oversight.findings import FindingKind, Telling
from bot.views.oversight import message
from bot.views.screen import Screen
from data.tables.columns import to_milliseconds
from tests.unit.views import samples as s

View = Callable[[str], Screen]

SINCE = s.NOW - timedelta(minutes=31)
COUNTED = {"count": 1204, "oldest": to_milliseconds(s.NOW - timedelta(minutes=33))}
FACTS: Mapping[FindingKind, Mapping[str, Any]] = {
    FindingKind.QUEUE_STUCK: {**COUNTED, "lanes": ["red"]},
    FindingKind.SOURCE_SILENT: {
        **COUNTED,
        "count": 7,
        "names": ["firms", "<二号>"],
        "faults": ["html", ""],
    },
    FindingKind.BOT_DOWN: {
        **COUNTED,
        "count": 3,
        "bots": [
            {"name": "jilin_bot", "division": "222400000000", "reason": "revoked"},
            {"name": "", "division": "220200000000", "reason": "halted"},
        ],
    },
    FindingKind.SET_ASIDE: {
        **COUNTED,
        "count": 7,
        "rows": [
            ["call", "17"],
            ["alert", "3"],
            ["report", "18"],
            ["distress", "2"],
            ["tick", "cards"],
        ],
    },
    FindingKind.SETTINGS_DIFFER: {
        "count": 1,
        "names": ["fire-2-4711"],
        "sections": ["policy", "telegram"],
    },
    FindingKind.ROWS_UNREADABLE: {"count": 1, "rows": [["firms", 20]]},
    FindingKind.SOURCES_DOUBTED: {
        "count": 12,
        "rows": [
            [
                "hydrology",
                "10800",
                "gauge_unit",
                {"name": "<b>黄泥河", "quantity": "level", "value": 33810, "scale": 0.01},
            ],
            ["hydrology", "P1", "gauge_jump", {"name": "P", "quantity": "level", "value": 9.5}],
            ["hydrology", "", "unknown_stations", {"count": 2, "names": ["77", "78"]}],
            [
                "hydrology",
                "",
                "bad_values",
                {"count": 3, "row": 7, "flaw": "bad_time", "text": "x", "station": "10800"},
            ],
        ],
    },
    FindingKind.GAUGES_SILENT: {**COUNTED, "count": 2, "names": ["黄泥河（10800）", "P（P1）"]},
    FindingKind.GROUPS_REFUSE: {"count": 6, "names": ["敦化市防汛群", "<b>防火群"]},
    FindingKind.UNFORESEEN: {
        **COUNTED,
        "count": 1,
        "words": [["Bad Request: <planets> not aligned", 3]],
    },
    FindingKind.CHANNEL_REFUSED: {
        **COUNTED,
        "count": 2,
        "refused": [
            ["sms", "no_money", "isv.AMOUNT_NOT_ENOUGH"],
            ["voice", "not_approved", "isv.TTS_TEMPLATE_ILLEGAL"],
        ],
    },
    FindingKind.DOORS_SHUT: {
        "count": 3,
        "doors": [["callbacks", 8093], ["gateway", 8092], ["page", 8091]],
    },
    FindingKind.CLOCKS_DIFFER: {
        "count": 2,
        "clocks": [["fire-2-4711", 61], ["<fire>-1-812", -4]],
    },
    FindingKind.CLOCK_STEPPED: {"seconds": 9 * 3600, "followed": True},
}
PLACES = {"222400000000": "延边朝鲜族自治州"}


def oversight() -> Iterator[tuple[str, View]]:
    """Each kind when it is found, and one of them later."""
    tellings = [(kind, Telling.FOUND) for kind in FindingKind]
    tellings += [(FindingKind.CALLS_LATE, telling) for telling in (Telling.AGAIN, Telling.OVER)]
    for kind, telling in tellings:
        name = f"oversight_{kind.value}"
        if telling is not Telling.FOUND:
            name += f"_{telling.value}"
        facts = FACTS.get(kind, COUNTED)
        yield (
            name,
            lambda language, kind=kind, telling=telling, facts=facts: message(  # type: ignore[misc]
                kind, telling, SINCE, s.NOW, facts, PLACES, language
            ),
        )
    yield (
        "oversight_bot_down_numbers",
        lambda language: message(
            FindingKind.BOT_DOWN,
            Telling.FOUND,
            SINCE,
            s.NOW,
            FACTS[FindingKind.BOT_DOWN],
            PLACES,
            language,
            officers={
                "222400000000": "延边州 王<b>值班 139 0000 0001",
                "220200000000": "",
            },
            administrator="0431 8888 8888",
        ),
    )
    never = {"count": 1, "names": ["firms"]}
    yield (
        "oversight_source_never",
        lambda language: message(
            FindingKind.SOURCE_SILENT, Telling.FOUND, SINCE, s.NOW, never, PLACES, language
        ),
    )
