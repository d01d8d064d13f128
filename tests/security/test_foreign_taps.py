"""Anybody can send any button's data to the bot: every button is pressed by the wrong people.

The buttons come from the registries of the bot itself: one without a check fails here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import call_store
from bot.actions.codec import LONGEST
from bot.actions.distress import DistressConfirm, DistressRaise
from bot.actions.field_reports import FeedPage
from bot.actions.mechanism import OwnTaskChart
from bot.actions.parsing import actions, parse
from bot.actions.release import ReleaseStep, ReleaseTap
from bot.actions.sky_pictures import SkyMute, SkyResume
from bot.actions.tasks import NewTaskTap, TaskListTap
from bot.actions.warnings import GroupAnswer
from bot.runtime import strangers
from tests.roster import FLOOD_GROUP, STRANGER_COMMANDER, VILLAGERS
from tests.security.scene import (
    FAR_VILLAGER,
    GONE,
    STRANGER,
    action_types,
    changed,
    examples,
    forget,
    full_day,
    snapshot,
)
from tests.stories.story import Actor, Story, story_of
from tests.waiting import PATIENCE, until

OWN = {
    DistressRaise: "a person of the roster may always call for help",
    ReleaseTap: "a commander may compose a warning for the own division",
    FeedPage: "the reports of one's own division",
    NewTaskTap: "an officer may compose a task for the own division",
    TaskListTap: "one's own tasks, and those of one's own division",
    OwnTaskChart: "the chart of one's own division",
}
"""What somebody of the roster may do about nothing but themselves: they change rows of their own,
or show what is theirs. Every other button must refuse, and say why."""
OWN_NAMES = {"OwnTaskChart", "RollCallArea", "RollCallDraft", "RollCallStop"}
"""As ``OWN``: a commander's own division only; ``tests/security/test_scope.py`` has the rest."""


@pytest.fixture
async def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # More taps of strangers in a second are not answered, and whoever presses here is quick.
    monkeypatch.setattr(strangers, "MOST_TOASTS", 100_000)
    async with story_of(tmp_path) as running:
        await full_day(running)
        yield running
        forget(running)


@contextmanager
def nothing_changes(story: Story, about: Any) -> Iterator[None]:
    """What one tap changes and the next changes back is still in the trail."""
    before = snapshot(story)
    yield
    assert not (found := changed(before, snapshot(story))), f"{about}: {found}"


def about_oneself(action: Any, row: dict[str, Any]) -> bool:
    if row in (STRANGER, GONE):
        return False
    return type(action) in OWN or type(action).__name__ in OWN_NAMES


OF_A_KIND = 8
"""How many examples of each button are pressed: one about what exists, and others in each run."""


def every_tap() -> list[Any]:
    found = []
    for kind in action_types():
        existing, *others = examples(kind)
        found += [existing, *random.sample(others, min(OF_A_KIND - 1, len(others)))]
    return found


async def press(story: Story, actor: Actor, taps: Sequence[Any]) -> list[str]:
    """All of them at once: what toasts said, and what was shown; each gives a reason."""
    toasts = await toasts_of(story, actor, taps)
    said = [*toasts.values(), *_shown(story)]
    silent = [tap for tap, toast in toasts.items() if not toast]
    for before, tap in zip([silent[-1:], *zip(silent)], silent, strict=False):
        await toasts_of(story, actor, [tap])
        shown = _shown(story)
        if not shown:  # of all at once this was the last: its screen stands there, or is on its way
            await toasts_of(story, actor, before)
            await toasts_of(story, actor, [tap])
            await until(lambda: bool(story.server.watch.untaken()))
            shown = _shown(story)
        assert shown, f"{tap}: no reason was given"
        said += shown
    return said


async def toasts_of(
    story: Story,
    actor: Actor,
    taps: Sequence[Any],
    *,
    chat: int | None = None,
    message_id: int = 1,
) -> dict[Any, str]:
    """What the toast of each says, all of them pressed at once."""
    server, chat = story.server, chat or actor.id
    queries = {
        tap: server.people.tap(actor.id, chat, message_id, data=tap.encode()) for tap in taps
    }
    toasts = {
        tap: (await server.watch.callback_answer(query, timeout=PATIENCE)).get("text") or ""
        for tap, query in queries.items()
    }
    await story.settled()
    return toasts


def _shown(story: Story) -> list[str]:
    return [str(message.get("text", "")) for message in forget(story)]


def test_every_button_that_can_be_parsed_is_handled_and_the_other_way_round() -> None:
    for kind in action_types():
        for action in examples(kind):
            data = action.encode()
            assert len(data.encode()) <= LONGEST
            if (parsed := parse(data)) is not None:  # some examples are no valid choice
                assert type(parsed) is kind, data
        assert any(type(parse(example.encode())) is kind for example in examples(kind)), kind
    known = {
        example.encode().partition(":")[0] for kind in action_types() for example in examples(kind)
    }
    assert set(actions()) == known, "a parser without a handler, or a handler without a parser"


OUTSIDE = [STRANGER, GONE, FAR_VILLAGER, STRANGER_COMMANDER]


@pytest.mark.parametrize("row", OUTSIDE, ids=["stranger", "gone", "villager", "commander"])
async def test_nobody_from_outside_changes_or_reads_anything(
    story: Story, row: dict[str, Any]
) -> None:
    taps = [tap for tap in every_tap() if not about_oneself(tap, row)]
    with nothing_changes(story, row["name"]):
        words = await press(story, story[row["name"]], taps)
    for secret in ("已记录", "敦化市暴雨红色预警", "43.37200", "护林员"):
        assert not [said for said in words if secret in said]


async def test_a_neighbour_answers_and_decides_nothing_of_others(story: Story) -> None:
    """A villager of the same county, who has a call of their own."""
    neighbour = story["村长2"]
    mine = story.app.database.read(lambda c: _call_of(c, VILLAGERS[2]["id"]))
    taps = [
        tap
        for tap in every_tap()
        if not (about_oneself(tap, VILLAGERS[2]) or isinstance(tap, GroupAnswer))
        and mine not in (getattr(tap, "id", 0), getattr(tap, "call_id", 0))
    ]
    with nothing_changes(story, "the neighbour"):
        await toasts_of(story, neighbour, taps)
    forget(story)


async def test_who_is_in_charge_presses_into_a_group_and_nothing_is_shown_there(
    story: Story,
) -> None:
    """Forged on a group's message, a list with numbers would be shown to the whole group."""
    posts = story.server.messages(FLOOD_GROUP)
    of_groups = (GroupAnswer, SkyMute, SkyResume)
    taps = [tap for tap in every_tap() if not isinstance(tap, of_groups)]
    with nothing_changes(story, "the officer"):
        toasts = await toasts_of(
            story, story["县值班"], taps, chat=FLOOD_GROUP, message_id=posts[-1]["message_id"]
        )
    assert not [tap for tap, toast in toasts.items() if not toast], "no reason was given"
    assert story.server.messages(FLOOD_GROUP) == posts
    assert not story.server.watch.take(FLOOD_GROUP)


async def test_a_group_button_pressed_by_somebody_who_is_no_member(story: Story) -> None:
    for name in (STRANGER["name"], FAR_VILLAGER["name"], GONE["name"]):
        with nothing_changes(story, name):
            assert "已记录" not in await story[name].forges("g:1", chat=FLOOD_GROUP)


async def test_an_old_copy_decides_nothing_twice(story: Story) -> None:
    """The same button again, from a message of long ago."""
    head, ranger = story["村长0"], story["护林员"]
    call = head.last_with("收到")
    data = call["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await head.taps("收到", message=call)
    await story["县值班"].taps("我来处置")
    for clearing in ("k:1", "kc:1"):
        await story["县值班"].forges(clearing)
    await story.fast_forward(minutes=1)
    forget(story)
    distress = [DistressConfirm(1).encode(), "u:1"]
    for actor, old in ((head, data), *((ranger, tap) for tap in distress)):
        with nothing_changes(story, old):
            assert "已记录" not in (await actor.forges(old)).replace("已记录过", "")


GARBAGE = st.one_of(
    st.text(max_size=70),
    st.from_regex(r"[a-zA-Z]{1,2}(:[0-9a-z_.-]{0,20}){0,4}", fullmatch=True),
    st.sampled_from(
        ["", ":", "a:", "a:0", "a:-1", "a:01", "a:1e3", "a:٣", "a:" + "9" * 62, "l:1:", "x" * 64]
    ),
    st.binary(max_size=64).map(lambda raw: raw.decode("latin-1")),
)


@given(GARBAGE)
def test_whatever_the_data_is_parsing_never_fails(data: str) -> None:
    action = parse(data)
    assert action is None or action.encode() == data


async def test_forged_data_in_bulk_is_answered_and_changes_nothing(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    """A few hundred forged taps by a person with every right, so that no refusal hides a fault."""
    draw = random.Random(7)
    marks = "abcdghklnoprstuwxzXZ"
    kinds = [*marks, *(prefix for prefix in actions() if len(prefix) > 1)]
    chief = story["县指挥"]
    with nothing_changes(story, "forged by the chief"):
        for _ in range(250):
            tail = [
                draw.choice(("0", "00", "-1", "9" * 18, "9" * 30, "x", "", "１", "1.5", "1:1:1:1"))
                for _ in range(draw.randint(1, 3))
            ]
            data = ":".join([draw.choice(kinds), *tail])[:64]
            await chief.forges(data)
    forget(story)
    assert not [record for record in caplog.records if record.levelname == "ERROR"], caplog.text


async def test_the_wizard_takes_no_forged_value(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a forged step says: no exception, and a draft that is released only by its nonce."""
    chief = story["县指挥"]
    await chief.says("/warn 橙 暴雨 敦化市 立即转移低洼地群众")
    seen = snapshot(story)["alerts"]
    for step in ReleaseStep:
        for value in ("9" * 40, "0", "-1", "..", "own", "none", "222400000000", "a" * 40, "1.9"):
            if step.value == "hazard" and value == "none":
                continue
            await chief.forges(ReleaseTap(step, value).encode())
    forget(story)
    assert snapshot(story)["alerts"] == seen
    assert not [record for record in caplog.records if record.levelname == "ERROR"], caplog.text


def _call_of(c: Any, person_id: int) -> int:

    call = call_store.call_of(c, 1, person_id)
    assert call is not None
    return call.id
