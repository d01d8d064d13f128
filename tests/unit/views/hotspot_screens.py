"""The texts about hotspots and their feeds, for the golden files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.patrol.hotspots.heat_source_model import HeatKind, KnownSource
from alerts.patrol.hotspots.model import AskState, Task, TaskState, TaskStep, Verdict
from alerts.patrol.hotspots.store import Asked
from alerts.patrol.roll_calls.model import Counts, RollCall, Whom
from alerts.sources.feed_store import FeedState
from alerts.sources.hotspots import FeedFault
from bot.views.patrol import heat_sources, hotspots, pictures
from bot.views.patrol.feeds import feed_lines
from bot.views.patrol.hotspots import ShownTask
from bot.views.screen import Screen
from tests.unit.views import samples as s

View = Callable[[str], Screen]
LEARNED = datetime(2026, 4, 12, tzinfo=UTC)
HEAT = (
    (KnownSource(3, 128.2335, 43.3721, "222403000000", 3, LEARNED), "敦化市"),
    (KnownSource(5, 129.5, 42.9, "222401000000", 4, LEARNED), "延吉<市>"),
    (
        KnownSource(
            *(9, 126.6, 43.9, "220203000000", 0, LEARNED, "吉林<建龙>", HeatKind.STEELWORKS),
            *(1500.0, 41, LEARNED),
        ),
        "龙潭区",
    ),
)

SEEN = datetime(2026, 4, 12, 5, 5, tzinfo=UTC)  # 13:05 in Beijing
OPENED = SEEN + timedelta(minutes=85)
NOW = OPENED + timedelta(minutes=36)
TASK = Task(
    12,
    TaskState.ASKED,
    128.2335,
    43.3721,
    "222403000000",
    "222403101201",
    2351.0,
    2,
    3,
    "NOAA-20/S-NPP",
    SEEN,
    SEEN + timedelta(minutes=25),
    OPENED,
    OPENED + timedelta(minutes=30),
    asked_id=s.RANGER.id,
)
ASKS = (Asked(s.RANGER, OPENED, 1040.0, AskState.AWAITED, None),)
ASKED = ShownTask(TASK, "敦化市", "红石<村>", ASKS, open_numbers=frozenset({s.RANGER.id}))
ACCEPTED = replace(
    ASKED,
    task=replace(TASK, state=TaskState.ACCEPTED, asked_id=None, accepted_by=s.RANGER.id),
    asks=(replace(ASKS[0], answer=AskState.ACCEPTED),),
)
LOOKING = ShownTask(replace(TASK, id=13, state=TaskState.WAITING, asked_id=None), "敦化市")
NOBODY = replace(LOOKING, task=replace(LOOKING.task, answer_at=NOW))
PLACED = replace(ASKED, village_spot=(128.2, 43.36))
NO_MORE = replace(
    NOBODY,
    asks=(
        Asked(s.RANGER, OPENED, 1040.0, AskState.CANNOT, OPENED),
        Asked(s.DEPUTY, OPENED, 4210.0, AskState.SILENT, None),
    ),
)
FOUND = replace(
    ACCEPTED,
    task=replace(
        ACCEPTED.task,
        state=TaskState.VERIFIED,
        verdict=Verdict.FOREST_FIRE,
        verdict_by=s.RANGER.id,
        verdict_at=NOW,
        away_m=340.0,
        report_id=1,
    ),
    by=s.RANGER,
)
FAR = replace(
    FOUND,
    task=replace(
        FOUND.task, verdict=Verdict.OTHER_HEAT_SOURCE, away_m=4210.0, far=True, report_id=None
    ),
)
UNPLACED = replace(FAR, task=replace(FAR.task, away_m=None, far=False))
ROLL_CALL = RollCall(
    id=3,
    division_code="222403000000",
    whom=Whom.RANGERS,
    minutes=20,
    started_by=1,
    started_at=NOW,
    asked_at=NOW,
    ends_at=NOW + timedelta(minutes=20),
    closed_at=None,
    closed_by=None,
    chat_id=1,
    language="zh",
    message_id=None,
    shown=None,
    map_wanted=True,
    map_message_id=None,
    map_at=None,
    map_shown=None,
)
FEEDS = (
    FeedState("N20", NOW, tried_at=NOW, succeeded_at=NOW, rows=7, newest_at=SEEN),
    FeedState(
        "modis",
        NOW + timedelta(minutes=8),
        failures=4,
        fault=FeedFault.HTML,
        tried_at=NOW,
        succeeded_at=NOW - timedelta(hours=3),
    ),
)


def verification() -> Iterator[tuple[str, View]]:
    """The patroller who goes, the officers, the commander."""
    yield "hotspot_asked", lambda language: hotspots.task_asked(ASKED, 1040.0, 5.0, language)
    yield "hotspot_accepted", lambda language: hotspots.task_accepted(ACCEPTED, language)
    yield "hotspot_declined", lambda language: hotspots.task_declined(12, language)
    yield "hotspot_recorded", lambda language: hotspots.verdict_recorded(FOUND, language)
    yield (
        "hotspot_recorded_far",
        lambda language: hotspots.verdict_recorded(FAR, language, learned=True),
    )
    yield "hotspot_taken", lambda language: hotspots.task_taken(ACCEPTED, language)
    yield "hotspot_over", lambda language: hotspots.task_taken(FAR, language)
    yield "hotspot_due", lambda language: hotspots.task_due(ACCEPTED, language, NOW)
    yield (
        "hotspot_card",
        lambda language: hotspots.task_card(ASKED, language, verdicts=True, draft=True),
    )
    yield "hotspot_card_found", lambda language: hotspots.task_card(UNPLACED, language)
    for step in (TaskStep.ALARM_FIRE, TaskStep.ALARM_PIXELS):
        shown = FOUND if step is TaskStep.ALARM_FIRE else NOBODY
        yield (
            f"hotspot_{str(step.name).lower()}",
            lambda language, task=shown, step=step: hotspots.alarm(
                task, step, language, draft=True
            ),  # type: ignore[misc]
        )
    yield (
        "hotspot_alarm_officer",
        lambda language: hotspots.alarm(FOUND, TaskStep.ALARM_FIRE, language, draft=False),
    )
    for name, shown in (("asked", PLACED), ("looking", LOOKING), ("no_more", NO_MORE)):
        yield (
            f"hotspot_alarm_{name}",
            lambda language, task=shown: hotspots.alarm(
                task, TaskStep.ALARM_PIXELS, language, draft=False
            ),
        )
    yield "hotspot_going", lambda language: hotspots.going_told(ACCEPTED, language)
    yield (
        "hotspot_map_patroller",
        lambda language: pictures.hotspot_caption(ASKED, language, plain=True),
    )
    for name, shown, county in (
        ("village", PLACED, None),
        ("county", NOBODY, (127.5, 42.5, 129.1, 44.5)),
        ("undrawn", NOBODY, None),
    ):
        yield (
            f"hotspot_draft_{name}",
            lambda _language, task=shown, county=county: Screen(
                hotspots.draft_text(task, "立即撤离。", county)
            ),
        )
    yield "hotspot_map", lambda language: pictures.hotspot_caption(ACCEPTED, language)
    yield "hotspot_map_found", lambda language: pictures.hotspot_caption(FOUND, language)
    yield (
        "roll_call_map",
        lambda language: pictures.roll_call_caption(
            ROLL_CALL, Counts(41, 2, 5, 1), "敦化市", language, NOW
        ),
    )
    corrected = replace(FAR, task=replace(FAR.task, steps=TaskStep.ALARM_FIRE))
    yield "hotspot_corrected", lambda language: hotspots.verdict_told(corrected, language)
    yield "hotspot_verdict", lambda language: hotspots.verdict_told(FAR, language)
    burnt = replace(FOUND.task, verdict=Verdict.PLANNED_BURNING)
    lit = replace(FOUND, task=burnt, closed=True, heat_source=HEAT[2][0])
    yield "hotspot_lit_in_closed_time", lambda language: hotspots.verdict_recorded(lit, language)
    yield "hotspot_lit_told", lambda language: hotspots.verdict_told(lit, language)
    yield (
        "hotspot_list",
        lambda language: hotspots.task_list(
            (ACCEPTED, NOBODY),
            31,
            language,
            NOW,
            place="延边州",
            feeds=feed_lines(FEEDS, ["N20", "modis", "fy3"], NOW, language),
        ),
    )
    yield (
        "hotspot_list_mine",
        lambda language: hotspots.task_list((ACCEPTED,), 1, language, NOW, mine=True),
    )
    yield (
        "hotspot_list_empty",
        lambda language: hotspots.task_list(
            (), 0, language, NOW, feeds=feed_lines((), (), NOW, language)
        ),
    )
    yield (
        "hotspot_overdue",
        lambda language: hotspots.overdue_list((NOBODY, ACCEPTED), 2, "敦化市", language, NOW),
    )
    yield "heat_sources", lambda language: heat_sources.sources(HEAT, language, forget=True)
    yield "heat_sources_read", lambda language: heat_sources.sources(HEAT, language, forget=False)
    yield "heat_sources_none", lambda language: heat_sources.sources([], language, forget=True)
    yield (
        "hotspot_list_heat",
        lambda language: heat_sources.with_sources(
            hotspots.task_list([], 0, language, NOW, place="敦化市"), 2, language
        ),
    )
    guessed = replace(ASKED, task=replace(TASK, village_m=None))
    yield (
        "hotspot_asked_guessed",
        lambda language: hotspots.task_asked(guessed, 1040.0, 5, language),
    )
