"""What is read of warnings planned in stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from alerts.model import Level
from alerts.stages.plan import StagePreview, StoredPlan, asked, cancelled, new_plan, released
from alerts.stages.rules import FLOOD_STAGES
from bot.views.screen import Screen
from bot.views.warnings import stages
from tests.unit.views import samples as s

View = Callable[[str], Screen]
ONSET = s.START + timedelta(hours=30)
PLAN = new_plan((rule.lead for rule in FLOOD_STAGES), ONSET, s.START)
ON_ITS_WAY = asked(released(PLAN, 3 * 1440, 1, s.START), 1440, s.START + timedelta(hours=5.5))
BY_ITSELF = new_plan((360, 180), ONSET, s.START, by_itself=True)
PREVIEWS = [
    StagePreview(rule.lead, ONSET - timedelta(minutes=rule.lead), level, rule.actions, 342, second)
    for rule, level, second in zip(
        FLOOD_STAGES[1:],
        (Level.BLUE, Level.YELLOW, Level.RED, Level.RED, Level.RED),
        (False, False, True, True, True),
        strict=True,
    )
]


def shown(plan: object, *, alert: int | None = None, decides: bool = True) -> stages.ShownPlan:
    stored = StoredPlan(4, plan, s.DRAFT, 1, s.START, alert)  # type: ignore[arg-type]
    return stages.ShownPlan(stored, s.PLACE, decides, "王立国")


def stage_screens() -> Iterator[tuple[str, View]]:
    """Made, asked about, shown."""
    yield "stages_onset", lambda language: stages.ask_onset("✏️ 草稿", language)
    yield "stages_unclear", lambda language: stages.onset_unclear("改天<再说>", language)
    yield (
        "stages_preview",
        lambda language: stages.plan_preview(
            s.DRAFT, ONSET, PREVIEWS, s.PLACE, language, nonce="k3", by_itself=False, now=s.START
        ),
    )
    yield "stages_plan", lambda language: stages.plan_screen(shown(ON_ITS_WAY, alert=7), language)
    yield "stages_itself", lambda language: stages.plan_screen(shown(BY_ITSELF), language)
    off = cancelled(ON_ITS_WAY, 1, s.START)
    yield "stages_off", lambda language: stages.plan_screen(shown(off, alert=7), language)
    for name, again, late in (("", False, False), ("_again", True, False), ("_late", True, True)):
        yield (
            f"stages_ask{name}",
            lambda language, again=again, late=late: stages.ask_stage(  # type: ignore[misc]
                shown(ON_ITS_WAY),
                ON_ITS_WAY.open[0],
                342,
                replace(
                    s.DRAFT,
                    level=Level.YELLOW,
                    text="立即转移。\n责任人到岗，逐户告知，做好转移准备。",
                ),
                language,
                again=again,
                late=late,
            ),
        )
    yield "stages_cancel", lambda language: stages.ask_cancel_plan(shown(PLAN), language)
    yield "stages_all", lambda language: stages.ask_everything(shown(PLAN), 342, language)
    yield "stages_none", lambda language: stages.plan_list([], language)
    yield (
        "stages_list",
        lambda language: stages.plan_list([shown(ON_ITS_WAY), shown(BY_ITSELF)], language),
    )
