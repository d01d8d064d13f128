"""Callback data of every button: it reads back as written, forgeries fail, 64 bytes at most."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.calls import Proxy, Report
from alerts.silence import Only
from bot.actions.codec import LONGEST, Action
from bot.actions.distress import DistressRaise
from bot.actions.handbook import HandbookIn
from bot.actions.parsing import actions as declared
from bot.actions.parsing import parse
from bot.actions.release import ReleaseStep, ReleaseTap
from bot.actions.warnings import (
    CallAnswer,
    CallOptions,
    CancelAsk,
    CancelNow,
    ProxyTakeBack,
    ProxyTap,
    ReportPlace,
    ReportPlaces,
    ReportTap,
    Ring,
    RingInstead,
    SilentExport,
    SilentPage,
    SilentPlaces,
    StopRinging,
)

ids = st.integers(1, 10**18 - 1)
codes = st.from_regex(r"[0-9]{12}", fullmatch=True)
pages = st.integers(0, 99_999)
wheres = codes | st.just("")
onlys = st.sampled_from([None, *Only])
OF_ONE: list[type[Action]] = [CallOptions, Ring, RingInstead, StopRinging]
actions = st.one_of(
    *(st.builds(kind, ids) for kind in declared().values() if list(kind.__slots__) == ["id"]),
    st.just(DistressRaise()),
    st.builds(ReportTap, ids, st.sampled_from(Report), st.none() | st.integers(1, 9_999)),
    st.builds(ReportPlaces, ids, pages),
    st.builds(ReportPlace, ids, st.integers(1, 9_999)),
    st.builds(ProxyTap, ids, st.sampled_from(Proxy), pages, wheres, onlys),
    st.builds(SilentPage, ids, wheres, pages, onlys),
    st.builds(SilentPlaces, ids, wheres, pages),
    st.builds(SilentExport, ids, wheres, onlys),
    *(st.builds(kind, ids, pages, wheres, onlys) for kind in OF_ONE),
    st.builds(ProxyTakeBack, ids, pages, wheres, onlys),
    st.builds(
        ReleaseTap,
        st.sampled_from(ReleaseStep),
        st.from_regex(r"[A-Za-z0-9._-]{0,40}", fullmatch=True),
    ),
    st.builds(HandbookIn, codes, pages),
)


@given(actions)
def test_every_action_comes_back_as_it_was(action: Action) -> None:
    data = action.encode()
    assert len(data.encode()) <= LONGEST
    assert parse(data) == action
    assert type(parse(data)) is type(action)


@given(st.text(max_size=80))
def test_whatever_is_parsed_was_written_by_encode(data: str) -> None:
    action = parse(data)
    assert action is None or action.encode() == data


@given(
    st.sampled_from("agrpodlwcnxXzZstkuhb"),
    st.lists(
        st.sampled_from(["", "0", "1", "01", "-1", "red", "22" + "0" * 10, "yes"]), max_size=4
    ),
)
def test_nearly_right_data_is_right_or_nothing(prefix: str, parts: list[str]) -> None:
    data = ":".join([prefix, *parts])
    action = parse(data)
    assert action is None or action.encode() == data


@pytest.mark.parametrize(
    "data",
    [
        "",
        ":",
        "a",
        "a:",
        "a:0",
        "a:-1",
        "a:1:1",
        "a:1:2:3",
        "a:01",
        "a: 1",
        "a:1\n",
        "a:１",  # a full-width digit is a digit to int()
        "a:9999999999999999999999",
        "A:1",
        "r:1",
        "r:1:gone",
        "p:1:rumour",
        "l:1",
        "l:1:2224:0",
        "l:1:222403000000:-1",
        "w:level",
        "w:nowhere:red",
        "w:level:red:red",
        "w:level:红",
        "h:no",
        "b:",
        "b:222403000000:0",
        "q:1",
        "a:" + "1" * 63,
    ],
)
def test_forged_and_old_data_is_nothing(data: str) -> None:
    assert parse(data) is None


def test_asking_and_doing_are_different_buttons() -> None:
    assert parse("x:5") == CancelAsk(5)
    assert parse("X:5") == CancelNow(5)
    ask: Action = CancelAsk(5)
    for other in (CancelNow(5), CallAnswer(5)):
        assert ask != other
