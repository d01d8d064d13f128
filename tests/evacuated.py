"""An evacuation card with households, for tests: of the first village of the small roster."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from alerts.loop.evacuation.keeping_store import keep_card, keep_shelter
from alerts.loop.evacuation.model import Card, Frail, Household, Shelter
from tests.roster import NOW, TOWNSHIP, VILLAGES

HEADS = (
    "赵一",
    "钱二",
    "孙三",
    "李四",
    "周五",
    "吴六",
    "郑七",
    "王八",
    "冯九",
    "陈十",
    "褚甲",
    "卫乙",
)
PERSONS = (3, 2, 4, 3, 1, 5, 2, 3, 4, 2, 3, 3)
"""12 households, 35 persons."""

LISTED = [
    Household(0, 0, number, head, persons)
    for number, (head, persons) in enumerate(zip(HEADS, PERSONS, strict=True), start=1)
]
LISTED[4] = replace(
    LISTED[4],
    frail=Frail.BEDRIDDEN,
    frail_who="周老太",
    carer="吴六",
    carer_phone="+8613900000066",
    phone="+8613900000055",
)
LISTED[8] = replace(LISTED[8], frail=Frail.ELDERLY, phone="+8613900000099")
SCHOOL = Shelter(0, TOWNSHIP, "黄泥河镇中学", 128.0, 43.5, 30, "校长", "+8613900000011")


def add_card(
    connection: Connection,
    village: str = VILLAGES[0],
    *,
    listed: list[Household] | None = LISTED,
    households: int = 12,
    persons: int = 35,
    shelter: Shelter | None = SCHOOL,
    name: str = "团结村",
    now: datetime = NOW,
) -> int:
    """A card for a village; returns its number."""
    kept = None if shelter is None else keep_shelter(connection, shelter)
    card = Card(0, village, "", name, households=households, persons=persons, shelter=kept)
    return keep_card(connection, card, listed, now)
