"""Whoever rings up and writes for us breaks, is busy, or hangs up: each call is made once."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

from sqlalchemy import insert

from contacts.people import Role
from data.tables.contacts import people
from tests.faults.counting import Count
from tests.roster import person
from tests.stories.county_gateway import HANGS_UP, TAKES_AND_HANGS_UP, gateway_story

PERSONS = 30
BREAKS = 10
"""Of each kind."""


async def test_a_provider_that_breaks_or_hangs_up_makes_each_call_once(
    tmp_path: Path, counted: Count
) -> None:
    heads = [
        person(200 + n, f"村长{n}", "222403102200", Role.VILLAGE_RESPONSIBLE, linked=False)
        for n in range(PERSONS)
    ]
    kinds = [500, 503, HANGS_UP, TAKES_AND_HANGS_UP] * BREAKS
    random.Random(1).shuffle(kinds)
    async with gateway_story(tmp_path, "voice", "sms") as world:
        world.story.app.database.do(lambda c: c.execute(insert(people), heads))
        world.gateway.plan(*kinds)
        await world.release()
        wanted = {(head["phone"], channel) for head in heads for channel in ("voice", "sms")}
        for _ in range(30):  # each failure is followed by a rest of up to a minute
            made = Counter((call["to"], call["channel"]) for call in world.gateway.calls.values())
            if not world.gateway.planned and wanted <= made.keys():
                break
            await world.pass_time(seconds=40)
            world.officers_read()
        counted(
            "电话短信网关 500、503、收下前后断线 a gateway's 500, 503, cut before and after taking",
            trials=len(kinds),
            lost=len(wanted - made.keys()),
            twice=made.total() - len(made),
            bound=0,
        )
