"""Commanders of a county can have a known heat source forgotten, and it can be learned again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.patrol.hotspots.heat_source_store import add_source, known_sources
from alerts.patrol.hotspots.heat_sources import HeatProblem, forget_source, sources_for
from alerts.patrol.hotspots.intake import take_in
from alerts.patrol.hotspots.model import Verdict, VerificationRules
from alerts.patrol.hotspots.verdicts import verify
from contacts.access import Access
from data.audit import trail
from data.audit import verify as verify_audit
from data.database import Database
from data.errors import NotAllowed, NotFound
from tests.roster import (
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    GOVERNOR,
    RANGER,
    STRANGER_COMMANDER,
)
from tests.store.test_hotspots import LAT, LON, NOW, person_of, spot

RULES = VerificationRules()


def judged_heat(database: Database, hours: float) -> None:
    """A hotspot at the works, seen so many hours later, found to be what it always is."""
    now = NOW + timedelta(hours=hours)
    seen = [spot(minutes=60 * hours - 80)]
    [task] = take_in(database, "firms", seen, now, RULES).opened
    officer = person_of(database, COUNTY_DUTY)
    verdict = Verdict.OTHER_HEAT_SOURCE
    database.do(lambda c: verify(c, task, officer, verdict, now, RULES))


def masked(database: Database, hours: float) -> bool:
    now = NOW + timedelta(hours=hours)
    return bool(take_in(database, "firms", [spot(minutes=60 * hours - 80)], now, RULES).masked)


def test_un_learned_it_takes_three_new_verdicts_to_be_learned_again(database: Database) -> None:
    for hours in (0, 6, 12):
        judged_heat(database, hours)
    commander = person_of(database, COUNTY_COMMANDER)
    [source] = database.read(lambda c: sources_for(c, commander))
    assert (source.county_code, source.verdicts) == (COUNTY, 3)
    assert masked(database, 18)
    later = NOW + timedelta(hours=19)
    database.do(lambda c: forget_source(c, source.id, commander, later))
    assert database.read(lambda c: sources_for(c, commander)) == []
    for hours in (24, 30):
        judged_heat(database, hours)
        assert database.read(known_sources) == []
    judged_heat(database, 36)
    assert len(database.read(known_sources)) == 1
    assert masked(database, 42)
    subject = f"heat_source:{source.id}"
    entries = database.read(lambda c: list(trail(c, subject)))
    assert [entry["action"] for entry in entries] == [
        "heat_source.learned",
        "heat_source.forgotten",
    ]
    assert entries[1]["actor"] == commander.id
    assert database.read(verify_audit).broken is None


def test_only_who_commands_the_county_may(database: Database) -> None:
    number = database.do(lambda c: add_source(c, LON, LAT, COUNTY, 3, NOW))
    refused = {
        Access.OUTSIDE_DIVISION: STRANGER_COMMANDER,
        Access.NOT_COMMANDING: COUNTY_DUTY,
    }
    for reason, row in refused.items():
        person = person_of(database, row)
        with pytest.raises(NotAllowed) as caught:
            database.do(lambda c, p=person: forget_source(c, number, p, NOW))
        assert caught.value.code is reason
    assert database.read(lambda c: sources_for(c, person_of(database, STRANGER_COMMANDER))) == []
    assert database.read(lambda c: sources_for(c, person_of(database, RANGER))) == []
    assert len(database.read(lambda c: sources_for(c, person_of(database, COUNTY_DUTY)))) == 1
    above = person_of(database, GOVERNOR)
    database.do(lambda c: forget_source(c, number, above, NOW))
    with pytest.raises(NotFound) as gone:
        database.do(lambda c: forget_source(c, number, above, NOW))
    assert gone.value.code is HeatProblem.UNKNOWN
