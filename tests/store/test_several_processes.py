"""Two processes share one PostgreSQL: nothing is done twice or left out, also after a restart."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from alerts import alert_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.oversight.auditing import look
from alerts.oversight.findings import FindingKind, OversightRules
from alerts.sending import claim, recover
from data import audit, leases
from data.database import Connection, Database, signal
from data.tables import running as tables
from data.tables.alerts import deliveries
from data.tables.running import processes
from tests.postgresql import Server
from tests.roster import BOT_ID, NOW
from tests.store.test_release import go
from tests.waiting import PATIENCE

RULES = OversightRules()
EVERYTHING = dict.fromkeys(Lane, 1000)


@pytest.fixture
def store_kind() -> str:
    """Several machines need PostgreSQL."""
    return "postgresql"


@pytest.fixture
def two(filled_url: str) -> Iterator[tuple[Database, Database]]:
    """One database, opened as two machines would."""
    first, second = Database(filled_url), Database(filled_url)
    yield first, second
    first.close()
    second.close()


def queue(connection: Connection, count: int) -> None:
    for n in range(count):
        summary = NewDelivery(MessageKind.SUMMARY, Lane.REST, 5_000 + n)
        outbox_store.add(connection, summary, NOW)


def test_two_that_claim_at_once_take_everything_once(two: tuple[Database, Database]) -> None:
    two[0].do(lambda c: queue(c, 400))
    both_claimed = threading.Barrier(2)  # each goes on once the other holds something too

    def take(machine: int) -> list[int]:
        taken: list[int] = []
        while (
            found := two[machine]
            .write(
                lambda c: claim(c, f"machine {machine}", NOW, {Lane.REST: 7}, BOT_ID), beside=True
            )
            .result()
        ):
            taken += [delivery.id for delivery in found]
            if len(taken) == len(found):
                both_claimed.wait(PATIENCE)
        return taken

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(take, range(2))
    assert Counter(first + second).most_common(1)[0][1] == 1
    assert len(first) + len(second) == 400
    assert first and second


def test_what_a_dead_process_had_claimed_is_queued_again(two: tuple[Database, Database]) -> None:
    two[0].do(lambda c: queue(c, 3))
    assert len(two[0].do(lambda c: claim(c, "dead", NOW, EVERYTHING, BOT_ID))) == 3
    assert two[1].do(lambda c: recover(c, BOT_ID, NOW)) == 3
    assert len(two[1].do(lambda c: claim(c, "living", NOW, EVERYTHING, BOT_ID))) == 3


def test_the_trail_has_one_end_however_many_write(two: tuple[Database, Database]) -> None:
    futures = [
        two[n % 2].write(
            lambda c, n=n: audit.append(c, NOW, [audit.Entry("test", f"thing:{n}")])  # type: ignore[misc]
        )
        for n in range(200)
    ]
    for future in futures:
        future.result(PATIENCE)
    verdict = two[0].read(audit.verify)
    assert verdict.broken is None
    assert verdict.entries >= 200


def test_one_hears_what_the_other_committed(two: tuple[Database, Database]) -> None:
    heard = threading.Event()
    two[1].watch(lambda words: heard.set() if "hello" in words else None)
    for _ in range(100):  # until it listens
        two[0].do(lambda c: signal(c, "hello"))
        if heard.wait(0.05):
            return
    pytest.fail("not heard")


def test_leases_are_held_shared_and_passed_on(two: tuple[Database, Database]) -> None:
    names = [f"dispatch:{n}" for n in range(10)]

    def renew(machine: int, holder: str, seconds: float = 60) -> leases.Renewed:
        return two[machine].do(lambda c: leases.renew(c, holder, "dispatch", names, seconds))

    assert len(renew(0, "a").held) == 10
    assert renew(1, "b").held == frozenset()
    again = renew(0, "a")
    assert len(again.surplus) == 5  # a second process came: half is its
    two[0].do(lambda c: leases.let_go(c, "a", again.surplus))
    assert renew(1, "b").held == again.surplus
    assert renew(0, "a", seconds=-1).surplus == frozenset()  # "a" dies: its leases run out
    assert len(renew(1, "b").held) == 10


@pytest.fixture
def table(filled_url: str) -> Iterator[leases.LeaseTable]:
    made = leases.LeaseTable(filled_url)
    yield made
    made.close()


def test_a_lease_is_renewed_while_every_writer_is_busy(
    two: tuple[Database, Database], table: leases.LeaseTable
) -> None:
    """One long unit cost every other process its leases: a renewal waits for no writer."""
    begun, may_end = threading.Event(), threading.Event()

    def long_unit(_connection: Connection) -> None:
        begun.set()
        may_end.wait(PATIENCE)

    busy = two[0].write(long_unit)
    assert begun.wait(PATIENCE)
    waiting = two[1].write(lambda c: queue(c, 1))
    for _ in range(3):
        renewed = table.renew("b", "dispatch", ["dispatch:1"], 60)
        assert renewed.held == {"dispatch:1"}
    table.let_go_all("b")
    assert not waiting.done()
    may_end.set()
    busy.result(PATIENCE)
    waiting.result(PATIENCE)


def test_of_many_that_take_a_lease_at_once_one_has_it(filled_url: str) -> None:
    names = [f"intake:{n}" for n in range(20)]
    together = threading.Barrier(4)

    def take(holder: str) -> frozenset[str]:
        table = leases.LeaseTable(filled_url)
        try:
            table.renew(holder, "other", [], 60)  # it is connected
            together.wait(PATIENCE)
            return table.renew(holder, "intake", names, 60).held
        finally:
            table.close()

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, "abcd"))
    assert Counter(name for held in taken for name in held).most_common(1)[0][1] == 1


def test_a_lease_that_ran_out_is_one_process_s_only(
    two: tuple[Database, Database], table: leases.LeaseTable
) -> None:
    names = ["dispatch:1"]
    assert table.renew("a", "dispatch", names, -1).gained == {"dispatch:1"}
    assert table.renew("a", "dispatch", names, -1).held == {"dispatch:1"}  # nobody took it
    assert table.renew("b", "dispatch", names, 60).gained == {"dispatch:1"}
    assert table.renew("a", "dispatch", names, 60).held == frozenset()
    table.let_go("a", names)  # it is not its own to free
    assert two[0].read(leases.holders)["dispatch:1"] == "b"


def test_a_process_that_left_frees_only_what_it_held(table: leases.LeaseTable) -> None:
    assert table.renew("a", "dispatch", ["dispatch:1"], 60).held
    assert table.renew("b", "intake", ["intake:1"], 60).held
    table.let_go_all("a")
    assert table.renew("c", "intake", ["intake:1"], 60).held == frozenset()
    assert table.renew("c", "dispatch", ["dispatch:1"], 60).held == {"dispatch:1"}


def test_leases_are_kept_over_a_restart_of_the_server(
    table: leases.LeaseTable, postgresql: Server
) -> None:
    assert table.renew("a", "dispatch", ["dispatch:1"], 60).gained
    postgresql.stop()
    postgresql.start()
    again = table.renew("a", "dispatch", ["dispatch:1"], 60)
    assert again.held and not again.gained


def test_each_process_tells_its_settings_and_its_clock(
    two: tuple[Database, Database], table: leases.LeaseTable
) -> None:
    def clock_ahead() -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)

    table.report("fire-1-812-a", {"policy": "1"}, clock_ahead, 60)
    table.report("fire-2-4711-b", {"policy": "2"}, lambda: datetime.now(UTC), 60)
    table.report("fire-3-5-gone", {"policy": "3"}, clock_ahead, -1)
    table.report("fire-4-6-long gone", {"policy": "3"}, clock_ahead, -2 * 3600)
    first, second = two[0].read(leases.processes)
    assert (first.name, first.settings) == ("fire-1-812-a", {"policy": "1"})
    assert first.ahead_ms is not None and abs(first.ahead_ms - 3_600_000) < 2000
    assert second.ahead_ms is not None and abs(second.ahead_ms) < 2000
    found = {found.kind: found.facts for found in two[1].read(lambda c: look(c, NOW, RULES))}
    assert found[FindingKind.SETTINGS_DIFFER]["sections"] == ["policy"]
    assert found[FindingKind.CLOCKS_DIFFER]["clocks"][0] == ["fire-1-812", 3600]
    table.let_go_all("fire-1-812-a")
    assert not two[1].read(lambda c: look(c, NOW, RULES))  # and the rest agree
    table.report("fire-2-4711-b", {"policy": "2"}, lambda: datetime.now(UTC), 60)
    names = select(processes.c.name)
    assert "fire-4-6-long gone" not in two[0].read(lambda c: c.execute(names).scalars().all())


def test_a_look_at_the_clock_that_took_long_says_nothing(table: leases.LeaseTable) -> None:
    times = iter([NOW, NOW + timedelta(seconds=2)])
    table.report("slow", {}, lambda: next(times), 60)
    assert table._ask(leases.processes)[0].ahead_ms is None


def test_nothing_is_kept_of_processes_long_gone(table: leases.LeaseTable) -> None:
    names = ["dispatch:1"]
    table.renew("gone", "dispatch", names, -2 * 3600)
    table.renew("us", "dispatch", names, 60)
    table.report("us", {}, lambda: NOW, 60)
    known = select(tables.leases.c.name).order_by(tables.leases.c.name)
    assert table._ask(lambda c: c.execute(known).scalars().all()) == ["dispatch/us", "dispatch:1"]


def test_a_restarted_server_is_waited_for(
    two: tuple[Database, Database], postgresql: Server
) -> None:
    released = go(two[0])
    postgresql.stop()
    restarting = threading.Thread(target=postgresql.start)
    waiting = two[0].write(lambda c: queue(c, 1))
    restarting.start()
    waiting.result(PATIENCE)
    restarting.join()
    count = select(func.count()).select_from(deliveries).where(deliveries.c.kind == "summary")
    assert two[1].read(lambda c: c.execute(count).scalar_one()) == 1
    assert two[1].read(audit.verify).broken is None
    assert two[1].read(lambda c: alert_store.alert(c, released.alert_id)) is not None


def test_a_killed_server_loses_no_commit(
    two: tuple[Database, Database], postgresql: Server
) -> None:
    two[0].do(lambda c: queue(c, 5))
    postgresql.stop(kill=True)
    postgresql.start()
    two[1].do(lambda c: queue(c, 1))
    count = select(func.count()).select_from(deliveries).where(deliveries.c.kind == "summary")
    assert two[0].read(lambda c: c.execute(count).scalar_one()) == 6
