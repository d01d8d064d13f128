"""Two phones of one person ask for help at the same time: it becomes one call for help."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from alerts.patrol.distress import calling as distress
from alerts.patrol.distress.calling import Raised
from alerts.patrol.distress.model import DistressRules
from contacts import people_store
from data.audit import trail, verify
from data.database import Connection, Database
from data.tables.alerts import deliveries
from data.tables.patrol import distress_calls
from tests.roster import COUNTY_DUTY, NOW, RANGER, TOWNSHIP_DUTY

RULES = DistressRules()
TRIES = 20


def test_two_first_taps_are_one_call_for_help(filled_url: str) -> None:
    """Two processes on PostgreSQL, two connections on SQLite; whoever is second sends it."""
    phones = Database(filled_url), Database(filled_url)
    together = threading.Barrier(2)

    def tap(phone: Database) -> Raised:
        def unit(c: Connection) -> Raised:
            person = people_store.person(c, RANGER["id"])
            assert person is not None
            return distress.raise_distress(c, person, NOW, RULES)

        together.wait()
        return phone.do(unit)

    try:
        with ThreadPoolExecutor(2) as pool:
            for number in range(1, TRIES + 1):
                first, second = pool.map(tap, phones)
                assert first.call.id == second.call.id
                assert sorted((first.call.rounds, second.call.rounds)) == [0, 1]
                person = phones[0].read(lambda c: people_store.person(c, RANGER["id"]))
                assert person is not None
                phones[0].do(lambda c, p=person, i=first.call.id: distress.undo(c, i, p, NOW))
                rows = phones[1].read(lambda c: c.execute(select(distress_calls)).all())
                assert len(rows) == number
        sent = phones[0].read(
            lambda c: c.execute(
                select(deliveries.c.person_id).where(deliveries.c.kind == "distress")
            ).all()
        )
        assert len(sent) == TRIES * 2
        assert {row.person_id for row in sent} == {COUNTY_DUTY["id"], TOWNSHIP_DUTY["id"]}
        actions = phones[0].read(lambda c: [entry["action"] for entry in trail(c, "distress:1")])
        assert actions == ["distress.raised", "distress.rung", "distress.undone"]
        assert phones[0].read(verify).broken is None
    finally:
        for phone in phones:
            phone.close()
