"""A poll of other agencies' warnings as rows: each once, with what it refers to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from alerts.sources import finding_store
from alerts.sources.cap import intake, message_store
from alerts.sources.cap.intake import Brought, CapFeed, Form, take_in
from alerts.sources.cap.message_store import Outcome
from alerts.sources.feed_store import FeedState, claim, feed_states
from alerts.sources.feeds import FeedAnswer
from alerts.sources.hotspots import FeedFault
from bot.config.load import load
from bot.config.rules import all_rules
from bot.services.geography import Geography
from bot.views.warning_findings import warning_line
from data.database import Database
from data.tables.sources import cap_messages, proposed_warnings
from tests.geography import jilin
from tests.roster import COUNTY, NOW, TOWNSHIP

SAMPLES = Path(__file__).parents[1] / "unit" / "cap" / "samples"
TWO = ("cma.xml", "cma_update.xml")
LATER = NOW + timedelta(hours=8)
RULES = all_rules(load(None, {})).proposals


def poll(database: Database, body: bytes, form: Form = Form.CAP, within: str = "") -> Brought:
    feed = CapFeed(form.value, form, timedelta(minutes=1), within)
    state = database.do(lambda c: claim(c, feed.name, "here", NOW))
    if state is None:
        state = next(one for one in database.read(feed_states) if one.name == feed.name)
    land = Geography(database, jilin)
    return take_in(database, feed, state, FeedAnswer(body), NOW, land, RULES)


def told(database: Database) -> list[tuple[str, Outcome]]:
    rows = database.read(lambda c: message_store.newest(c))
    return [(known.identifier, known.outcome) for _, known in reversed(rows)]


def test_a_message_its_update_and_its_cancel_in_one_answer_in_any_order(database: Database) -> None:
    names = ("cma_cancel.xml", "cma.xml", "cma_update.xml")
    pieces = [(SAMPLES / name).read_text("utf-8").partition("?>")[2] for name in names]
    body = f"<all>{''.join(pieces)}</all>".encode()
    first = poll(database, body)
    assert (first.entries, first.new, first.proposed) == (3, 3, 2)
    again = poll(database, body)
    assert (again.entries, again.new, again.proposed) == (3, 0, 0)
    assert [outcome for _, outcome in told(database)] == [
        Outcome.PROPOSED,
        Outcome.PROPOSED,
        Outcome.ENDED,
    ]
    rows = database.read(lambda c: list(c.execute(select(proposed_warnings))))
    assert [row.state for row in rows] == ["superseded", "superseded"]
    assert rows[0].draft["areas"] == [TOWNSHIP]
    counted = database.read(lambda c: message_store.counts(c, NOW - timedelta(days=1)))
    assert counted == {("cap", Outcome.PROPOSED): 2, ("cap", Outcome.ENDED): 1}
    raw = database.read(lambda c: message_store.raw_of(c, 1))
    assert raw is not None and b"22240341600000_20260702025500" in raw
    assert database.read(lambda c: message_store.any_raw_before(c, LATER))
    assert database.do(lambda c: message_store.forget_raw(c, LATER)) == 3
    assert not database.read(lambda c: message_store.any_raw_before(c, LATER))
    assert database.read(lambda c: c.execute(select(func.count(cap_messages.c.id))).scalar()) == 3


@pytest.mark.one_database
def test_links_that_lead_nowhere_hold_up_no_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that hung was tried first in every poll, and those behind it never."""
    good = (SAMPLES / "cma.xml").read_bytes()
    links = [f"<entry><id>{n}</id><link href='https://a.cn/{n}'/></entry>" for n in range(3)]
    body = f"<feed>{''.join(links)}</feed>".encode()
    asked: list[str] = []

    def answer(url: str) -> FeedAnswer:
        asked.append(url[-1])
        faults = {"0": FeedFault.TIMEOUT, "1": FeedFault.REDIRECTED}
        fault = faults.get(url[-1])
        return FeedAnswer(good) if fault is None else FeedAnswer(fault=fault)

    feed = CapFeed("cap", Form.CAP, timedelta(minutes=1), fetch=answer)
    land = Geography(database, jilin)

    def poll_once() -> None:
        asked.clear()
        state = database.do(lambda c: claim(c, feed.name, "here", NOW))
        state = state or next(iter(database.read(feed_states)))
        take_in(database, feed, state, FeedAnswer(body, etag="x"), NOW, land, RULES)

    monkeypatch.setattr(intake, "LINKS_AT_ONCE", 1)
    poll_once()
    assert asked == ["0"]
    monkeypatch.setattr(intake, "LINKS_AT_ONCE", 2)
    poll_once()
    assert asked == ["1", "2"]
    poll_once()
    assert asked == ["0", "1"]
    assert next(iter(database.read(feed_states))).etag is None  # it may come yet
    del links[0]
    body = f"<feed>{''.join(links)}</feed>".encode()
    poll_once()
    assert asked == ["1"]
    # What leads elsewhere does so the next time: the feed is not asked for anew because of it.
    assert next(iter(database.read(feed_states))).etag == "x"


@pytest.mark.one_database
def test_a_feed_of_nothing_but_messages_that_nobody_can_read_has_failed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_UNREADABLE", 3)

    def state() -> FeedState:
        return next(iter(database.read(feed_states)))

    bad = "".join(f"<alert><identifier>{n}</identifier></alert>" for n in range(20))
    brought = poll(database, f"<all>{bad}</all>".encode())
    assert (brought.fault, brought.new) == (FeedFault.UNREADABLE, 3)  # the others are counted
    assert (state().bad_rows, state().failures) == (20, 1)
    assert state().next_at == NOW + timedelta(minutes=1)  # no rest: it may mend it
    poll(database, f"<all>{bad}</all>".encode())
    assert (state().fault, state().failures) == (FeedFault.UNREADABLE, 2)
    good = (SAMPLES / "cma.xml").read_text("utf-8").partition("?>")[2]
    assert poll(database, f"<all>{bad}{good}</all>".encode()).fault is None
    assert state().failures == 0
    nothing = b"<feed><entry><title>Nothing to report</title></entry></feed>"
    assert poll(database, nothing).fault is None  # a finding, and no failure
    monkeypatch.setattr(intake, "MOST_ENTRIES", 5)
    assert poll(database, f"<all>{bad}</all>".encode()).fault is FeedFault.TOO_LARGE


@pytest.mark.one_database
def test_what_comes_after_what_ended_it_is_not_proposed(database: Database) -> None:
    def one(name: str) -> bytes:
        return (SAMPLES / name).read_bytes()

    assert poll(database, one("cma_cancel.xml")).proposed == 0
    assert poll(database, one("cma_update.xml")).proposed == 0
    assert poll(database, one("cma.xml")).proposed == 0
    assert [outcome for _, outcome in told(database)] == [
        Outcome.CANCEL_UNKNOWN,
        Outcome.ENDED,
        Outcome.ENDED,
    ]


@pytest.mark.one_database
def test_lists_are_drafts_only_and_of_the_division_that_is_asked_for(database: Database) -> None:
    listed = poll(database, (SAMPLES / "weather_list.json").read_bytes(), Form.WEATHER_LIST, COUNTY)
    assert listed.proposed == 1
    weather = poll(database, (SAMPLES / "qweather.json").read_bytes(), Form.QWEATHER, COUNTY)
    assert weather.proposed == 1
    rows = database.read(lambda c: list(c.execute(select(proposed_warnings))))
    assert [row.draft_only for row in rows] == [True, False]
    assert [row.draft["areas"] for row in rows] == [[COUNTY], [COUNTY]]
    refused = poll(database, b'{"code":"401"}', Form.QWEATHER, COUNTY)
    assert refused.fault is FeedFault.NOT_CAP
    found = database.read(lambda c: finding_store.since(c, NOW))
    assert ("qweather", "cap_feed") in {(one.feed, one.kind) for one in found}


@pytest.mark.one_database
def test_one_that_fails_is_kept_and_singled_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = intake.decide

    def wrong(c: Connection, desk: Any, alert: Any, *more: Any) -> Any:
        if "0410" in alert.identifier:
            raise OverflowError
        return right(c, desk, alert, *more)

    monkeypatch.setattr(intake, "decide", wrong)
    pieces = [(SAMPLES / name).read_text("utf-8").partition("?>")[2] for name in TWO]
    brought = poll(database, f"<all>{''.join(pieces)}</all>".encode())
    assert brought.proposed == 1
    assert [outcome for _, outcome in told(database)] == [Outcome.PROPOSED, Outcome.UNREADABLE]
    assert poll(database, f"<all>{''.join(pieces)}</all>".encode()).new == 1


HEAD = "<sender>s</sender><sent>{}</sent><status>{}</status>"
RAIN = "<info><event>rain</event></info>"


def test_what_is_no_warning_of_today_is_not_proposed_and_said_in_a_line(database: Database) -> None:
    def alert(name: str, sent: str, status: str = "Actual", inside: str = RAIN) -> str:
        return f"<alert><identifier>{name}</identifier>{HEAD.format(sent, status)}{inside}</alert>"

    body = "".join(
        (
            alert("beat", "2026-07-03T03:00:00+08:00", "System", ""),
            alert("ahead", "2099-07-03T03:00:00+08:00"),
            alert("when", "3 o'clock"),
        )
    )
    entry = "<entry><id>empty</id><title>Flood</title></entry>"
    feed = f"<feed><updated>2099-01-01T00:00:00Z</updated><entry>{body}</entry>{entry}</feed>"
    assert (poll(database, feed.encode()).new, poll(database, feed.encode()).new) == (3, 0)
    lines = sorted(
        warning_line(one.subject, one.kind, one.facts, "zh")
        for one in database.read(lambda c: finding_store.since(c, NOW))
    )
    assert lines == [
        "预警 ahead 读不出：发出时间远在将来「2099-07-03 03:00」；原文已留存",
        "预警 empty 读不出：条目里没有全文也没有链接「Flood」；原文已留存",
        "预警 when 读不出：发出时间读不懂「3 o'clock」；原文已留存",
    ]
    assert {outcome for _, outcome in told(database)} == {Outcome.UNREADABLE}
    [state] = database.read(feed_states)
    assert state.newest_at is None, "or each feed after it would be called an old one"
    page = poll(database, b"<!DOCTYPE html><html><body><br>Login</body></html>")
    assert page.fault is FeedFault.HTML
