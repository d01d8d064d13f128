"""What the page must know of the sandbox's world: whose phones there are, and named positions."""

from __future__ import annotations

from typing import Any

from bot.sandbox.demo_roster import Character, DemoRoster, Standing, Temper
from bot.sandbox.server import BotApiServer
from bot.views.vocabulary import role_name
from contacts.divisions.gazetteer import Gazetteer

# Chinese name, English name, latitude, longitude (WGS-84), accuracy in metres.
_PLACES = (
    ("雁鸣湖镇湖东村", "Hudong village, Yanminghu", 43.700, 128.500, 12),
    ("黄泥河镇威虎岭村", "Weihuling village, Huangnihe", 43.560, 127.930, 18),
    ("敦化市区", "Dunhua town", 43.372, 128.232, 9),
    ("林区深处，误差 3 公里", "deep in the forest, 3 km accuracy", 43.480, 128.600, 3000),
    ("北京（不在本省）", "Beijing (outside the province)", 39.904, 116.407, 15),
    ("没有卫星信号：(0, 0)", "no satellite fix: (0, 0)", 0.0, 0.0, 0),
)


def scene(roster: DemoRoster, server: BotApiServer, gazetteer: Gazetteer) -> dict[str, Any]:
    """JSON for the page."""
    phones = (roster.commander, roster.village_head, roster.ranger)
    bot = next(iter(server.world.bots.values()))
    return {
        "bot": bot.user,
        "phones": [one.account for one in phones],
        "people": [_person(one, phones, gazetteer) for one in roster.people],
        "groups": [
            {"id": one.chat_id, "title": one.title, "members": list(one.members)}
            for one in roster.groups
        ],
        "places": [
            {"zh": zh, "en": en, "latitude": latitude, "longitude": longitude, "accuracy": accuracy}
            for zh, en, latitude, longitude, accuracy in _PLACES
        ],
    }


def _person(one: Character, phones: tuple[Character, ...], gazetteer: Gazetteer) -> dict[str, Any]:
    return {
        "id": one.account,
        "name": one.name,
        "role": {language: role_name(one.role, language) for language in ("zh", "en")},
        "post": one.role.value,
        "rank": one.rank,
        "place": gazetteer.name(one.division_code),
        "path": gazetteer.path(one.division_code),
        "scripted": one.temper is not Temper.VISITOR,
        "new": one.standing is Standing.NEW,
        "phone_on_table": one in phones,
        "usable": one.standing in (Standing.LINKED, Standing.NEW),
    }
