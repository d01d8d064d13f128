"""Messages of other agencies in any order, twice, or with some missing: what is proposed in the end
is what a reader of all of them at once says that holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from alerts.life_messages import LifeMessage, read
from alerts.lifecycle import MessageType
from data.database import Database
from data.tables.sources import proposed_warnings
from tests.roster import NOW
from tests.store.test_cap_intake import poll

AGENCIES = ("敦化市气象局", "延边州气象局")
EVENTS = {"rainstorm": "暴雨橙色预警", "gale": "大风橙色预警"}


@dataclass(frozen=True)
class Sent:
    """One message: ``of`` are the numbers of those that it refers to."""

    number: int
    sender: str
    type: MessageType
    of: tuple[int, ...] = ()
    hazard: str = "rainstorm"

    @property
    def at(self) -> datetime:
        return NOW - timedelta(minutes=50 - self.number)


ALERT, UPDATE, CANCEL = MessageType.ALERT, MessageType.UPDATE, MessageType.CANCEL
ONE, OTHER = AGENCIES
SENT = (
    Sent(1, ONE, ALERT),
    Sent(2, ONE, UPDATE, (1,)),
    Sent(3, ONE, CANCEL, (1, 2)),
    Sent(4, OTHER, CANCEL, (1,)),  # of somebody else's
    Sent(5, ONE, ALERT, hazard="gale"),
    Sent(6, ONE, UPDATE, (5,), hazard="gale"),
    Sent(7, OTHER, ALERT),
)
_runs = count(1)


def written(run: int, sent: Sent) -> bytes:
    def name(number: int) -> str:
        return f"run{run}-{number}"

    at = {one.number: one for one in SENT}
    refers = " ".join(
        f"{at[n].sender},{name(n)},{at[n].at:%Y-%m-%dT%H:%M:%S}-00:00" for n in sent.of
    )
    return f"""<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{name(sent.number)}
        </identifier><sender>{sent.sender}</sender><sent>{sent.at:%Y-%m-%dT%H:%M:%S}-00:00</sent>
        <status>Actual</status><msgType>{sent.type.value}</msgType><scope>Public</scope>
        <references>{refers}</references><info><language>zh-CN</language><category>Met</category>
        <event>{EVENTS[sent.hazard]}</event><urgency>Immediate</urgency><severity>Severe</severity>
        <certainty>Likely</certainty><expires>{NOW + timedelta(hours=6):%Y-%m-%dT%H:%M:%S}-00:00
        </expires><headline>{name(sent.number)}</headline><description>{name(sent.number)}
        </description><area><areaDesc>黄泥河镇</areaDesc><geocode><valueName>GB2260</valueName>
        <value>222403101</value></geocode></area></info></alert>""".encode()


def proposed(database: Database, run: int) -> set[str]:
    """The messages of a run whose proposal waits for somebody."""
    query = select(proposed_warnings.c.draft).where(proposed_warnings.c.state == "open")
    texts = [draft["text"] for draft in database.read(lambda c: c.execute(query).scalars().all())]
    return {word for text in texts for word in text.split() if word.startswith(f"run{run}-")}


@pytest.mark.one_database
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.sampled_from(SENT), min_size=2, max_size=10))
def test_what_waits_is_what_holds(database: Database, came: list[Sent]) -> None:
    run = next(_runs)
    for sent in came:
        poll(database, written(run, sent))
    key = {one.number: (one.sender, str(one.number)) for one in SENT}
    lives, _ = read(
        LifeMessage(*key[one.number], one.type, one.at, tuple(key[n] for n in one.of), one.number)
        for one in came
    )
    holding = {f"run{run}-{life.terms}" for life in lives if life.cancelled_at is None}
    assert proposed(database, run) == holding
