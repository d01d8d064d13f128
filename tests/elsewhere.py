"""A warning of another prefecture, in force all the while: nothing a test does here concerns it.

Its numbers lie below those that the database gives: what a test releases is still alert 1, call 1.
Its people say nothing, and nothing of it becomes due before the year 2100.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from contacts.people import Role
from data.tables.alerts import alerts, calls, deliveries
from data.tables.contacts import people
from tests.roster import BOT_ID, NOW, person

COUNTY = "220112000000"  # 双阳区 of 长春
VILLAGES = ("220112001001", "220112001002")
ALERT = 0

SENDER = person(900, "双阳指挥", COUNTY, Role.COMMANDER)
HEADS = tuple(
    person(901 + n, f"双阳村长{n}", code, Role.VILLAGE_RESPONSIBLE)
    for n, code in enumerate(VILLAGES)
)
PEOPLE = (SENDER, *HEADS)

_NEVER = datetime(2100, 1, 1, tzinfo=UTC)


def warn(connection: Connection) -> None:
    """Enter its people, the warning, a call for each head, and what is still to be said of it."""
    connection.execute(insert(people), [{**row, "bot_id": BOT_ID} for row in PEOPLE])
    connection.execute(
        insert(alerts).values(
            id=ALERT,
            identifier="22011241600100_20260702030000_9",
            status="Actual",
            level="red",
            hazard="rainstorm",
            headline="双阳区暴雨红色预警",
            description="立即转移",
            areas=[COUNTY],
            state="released",
            sender_id=SENDER["id"],
            created_at=NOW,
            released_at=NOW,
            expires_at=_NEVER,
        )
    )
    for number, head in enumerate(HEADS):
        about = {"alert_id": ALERT, "person_id": head["id"], "role": head["role"]}
        connection.execute(
            insert(calls).values(
                **about,
                id=-number,
                division_code=head["division_code"],
                state="waiting",
                reach="delivered",
                called_at=NOW,
                delivered_at=NOW,
                message_id=1,
                due_at=_NEVER,
            )
        )
        for kind, state in (("call", "sent"), ("remind", "queued")):
            connection.execute(
                insert(deliveries).values(
                    **about,
                    id=-(10 * number + (state == "queued")),
                    kind=kind,
                    lane=3,
                    place=1,
                    state=state,
                    bot_id=BOT_ID,
                    chat_id=head["telegram_id"],
                    call_id=-number,
                    coalesce_key=f"remind:{-number}" if state == "queued" else None,
                    message_id=1 if state == "sent" else None,
                    not_before=_NEVER if state == "queued" else NOW,
                    sent_at=NOW if state == "sent" else None,
                    created_at=NOW,
                )
            )


def rows(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Everything of it: the same before and after whatever happened here."""
    ids = [row["id"] for row in PEOPLE]
    queries = (
        select(people).where(people.c.id.in_(ids)).order_by(people.c.id),
        select(alerts).where(alerts.c.id == ALERT),
        select(calls).where(calls.c.alert_id == ALERT).order_by(calls.c.id),
        select(deliveries).where(deliveries.c.alert_id == ALERT).order_by(deliveries.c.id),
    )
    names = ("people", "alerts", "calls", "deliveries")
    return {
        name: [tuple(row) for row in connection.execute(query)]
        for name, query in zip(names, queries, strict=True)
    }
