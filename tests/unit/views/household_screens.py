"""What is read of who was moved: the village's list, sums by place, the frail, shelters, home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from alerts.loop.evacuation.counting import (
    Evacuation,
    Figures,
    MoveState,
    Ticks,
    VillageCount,
)
from alerts.loop.evacuation.model import Card, Frail, Household, Shelter
from alerts.loop.evacuation.move_store import Move
from alerts.loop.evacuation.returning import Homecoming
from alerts.loop.evacuation.sheltering import ShelterUse
from alerts.loop.evacuation.ticking import Ticked, TickOutcome
from alerts.model import Draft, Hazard, Level, State
from alerts.templates import texts
from bot.views.screen import Screen
from bot.views.warnings import call, ending, evacuated, households, progress, returns
from bot.views.warnings.cut_off import Contact
from bot.views.warnings.evacuated import FrailRow, PlaceEvacuated
from bot.views.warnings.households import HouseholdRow
from bot.views.warnings.ring_up import ToRing, ring_up
from tests.unit.views import samples as s

View = Callable[[str], Screen]
RED = replace(s.ALERT, level=Level.RED, hazard=Hazard.FLASH_FLOOD)
VILLAGE = "222403101201"
CARD = Card(5, VILLAGE, "", "团结村", households=12, persons=35)
WANG = Household(
    1, 5, 7, "王秀兰", 2, "+8613900000007", Frail.BEDRIDDEN, "王秀兰", "李强", "+8613900000008"
)
ZHAO = Household(2, 5, 1, "赵德福", 4, "+8613900000009")
SUN = Household(3, 5, 2, "孙桂芝", 3)
MOVED = Move(2, MoveState.MOVED, 4, 3, s.NOW)
REFUSED = Move(3, MoveState.REFUSED, 3, 3, s.NOW)
ROWS = [HouseholdRow(WANG), HouseholdRow(ZHAO, MOVED, "李四"), HouseholdRow(SUN, REFUSED, "李四")]
COUNT = VillageCount(
    VILLAGE,
    Figures(12, 35),
    Figures(12, 35),
    Ticks(Figures(8, 20), Figures(1, 2), Figures(1, 3)),
)
WHOLE = Evacuation(
    Figures(120, 350), Figures(80, 240), Figures(3, 7), Figures(2, 5), Figures(37, 103), 12, 3, 1
)
PLACES = [
    PlaceEvacuated(
        "222403101000",
        "大石头镇",
        Evacuation(Figures(70, 200), Figures(40, 120), left=Figures(30, 80), villages=5),
    ),
    PlaceEvacuated(
        "222403102000", "黄泥河镇", Evacuation(Figures(50, 150), Figures(50, 150), villages=7)
    ),
    PlaceEvacuated(
        VILLAGE, "团结村", Evacuation(Figures(12, 35), Figures(5, 9), left=Figures(7, 26)), 5
    ),
]
SCHOOL = Shelter(1, "222403101000", "镇中学", None, None, 200, "校长", "+8613900000011")
HOME = replace(
    s.ALERT,
    id=9,
    hazard=Hazard.FLOOD_RETURN,
    level=Level.YELLOW,
    description=texts(Hazard.FLOOD_RETURN, Level.YELLOW)[0],
    lead_minutes=None,
    expires_at=s.START + timedelta(hours=72),
)
DRAFT = Draft(Level.YELLOW, Hazard.FLOOD_RETURN, (VILLAGE,), HOME.description)


def household_screens() -> Iterator[tuple[str, View]]:
    """Counted, climbed, sheltered, called home."""
    yield (
        "households",
        lambda language: households.household_list(
            RED, CARD, ROWS, COUNT, language, s.PLACE, call_id=31
        ),
    )
    elsewhere = replace(RED, areas=("222403104000",))
    yield (
        "households_left_out",
        lambda language: households.household_list(
            elsewhere, CARD, ROWS, COUNT._replace(target=Figures()), language, s.PLACE, call_id=31
        ),
    )
    yield (
        "households_not_listed",
        lambda language: households.household_list(
            RED, CARD, [], VillageCount(VILLAGE, Figures(12, 35)), language, s.PLACE, call_id=31
        ),
    )
    yield (
        "household_options",
        lambda language: households.household_options(
            RED, CARD, replace(ROWS[0], move=REFUSED, by="李四"), language, s.PLACE
        ),
    )
    yield (
        "households_all",
        lambda language: households.ask_all_moved(RED, CARD, [WANG, ZHAO], language, s.PLACE),
    )
    yield (
        "evacuation_places",
        lambda language: evacuated.evacuation_places(
            RED, WHOLE, PLACES, language, s.PLACE, s.NOW, frail=4, returns=True
        ),
    )
    yield (
        "frail",
        lambda language: evacuated.frail_list(
            RED,
            [FrailRow(WANG, "大石头镇团结村", 5), FrailRow(ZHAO, "大石头镇团结村", 5, True)],
            language,
            s.PLACE,
            s.NOW,
            total=20,
        ),
    )
    yield (
        "frail_none",
        lambda language: evacuated.frail_list(RED, [], language, s.PLACE, s.NOW, total=0),
    )
    yield "frail_which", lambda language: evacuated.which_frail([(RED, s.PLACE)], language)
    yield "frail_no_warning", lambda language: evacuated.which_frail([], language)
    yield (
        "shelters",
        lambda language: evacuated.shelter_list(
            RED,
            [
                ShelterUse(SCHOOL, 240, 214),
                ShelterUse(replace(SCHOOL, id=2, name="村部", capacity=None), 35, 12),
            ],
            language,
            s.PLACE,
            s.NOW,
            names={"222403101000": "大石头镇"},
        ),
    )
    yield (
        "shelter_full",
        lambda language: evacuated.shelter_full(
            RED, ShelterUse(SCHOOL, 240, 214), language, s.PLACE, "敦化市大石头镇"
        ),
    )
    heads = [
        ToRing(Contact(7, "王德发", "村责任人", ("+864336320001",)), "大石头镇团结村"),
        ToRing(Contact(8, "李凤芝", "村责任人", ("+8619900000012", "+864336320002x7")), "太平村"),
    ]
    told = "已解除。已转移的群众：未接到返回通知，不得返回。"
    yield ("ring_up", lambda language: ring_up(RED, heads, told, language, s.PLACE))
    said = replace(heads[0], said="转移到团结小学。未接到返回通知，不得返回。信号：敲锣")
    yield ("ring_up_card", lambda language: ring_up(RED, [said], "", language, s.PLACE))
    yield (
        "card_evacuation",
        lambda language: progress.progress_card(
            RED, s.PROGRESS, language, s.PLACE, s.NOW, evacuation=WHOLE, frail=4
        ),
    )
    yield (
        "status_evacuation",
        lambda language: progress.status_list(
            [progress.StatusLine(RED, s.PLACE, s.PROGRESS, evacuation=WHOLE)],
            language,
            s.NOW,
            in_all=WHOLE,
        ),
    )
    yield (
        "return_ask",
        lambda language: returns.ask_return(
            Homecoming(RED, DRAFT, WHOLE, 4, True), language, s.PLACE, "大石头镇团结村"
        ),
    )
    yield (
        "return_call",
        lambda language: call.call_message(HOME, 31, language, "团结村", sender_line=s.FROM),
    )
    yield (
        "return_answered",
        lambda language: call.answered_message(
            HOME, s.ACKNOWLEDGED, "village_responsible", language, "团结村", sender_line=s.FROM
        ),
    )
    for name, state in (("lifted", State.LIFTED), ("cancelled", State.CANCELLED)):
        over = replace(HOME, state=state, lifted_at=s.NOW, cancelled_at=s.NOW)
        yield (
            f"return_{name}",
            lambda language, over=over: ending.ended_message(over, language, "团结村", by="王立国"),
        )


def household_toasts(language: str) -> Iterator[str]:
    """What ticks are told."""
    for outcome in TickOutcome:
        done = Ticked(outcome, RED, CARD, COUNT.ticks or Ticks(), s.VILLAGER)
        yield households.tick_toast(done, language)
        of_one = replace(done, household=ZHAO, before=MOVED)
        yield households.tick_toast(of_one, language, by="李四")
    yield returns.return_toast(36, language)
    yield returns.changed_toast(language)
