"""What is read while a running warning is changed, and before it expires."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from alerts.expiry.model import ExpiryAnswer
from alerts.lifecycle import Applied, ChangeKind, Life, Outcome, terms_of
from alerts.model import Alert, Level
from alerts.reports import HelpCounts
from alerts.updates.model import Changed, ChangeState
from bot.views.division_menu import Choice, DivisionMenu
from bot.views.screen import Screen
from bot.views.warnings import change_confirmation, change_menu, changes, ending, expiry, progress
from bot.views.warnings.proposal import Asked, Proposal
from tests.unit.views import samples as s

View = Callable[[str], Screen]
ORANGE = replace(s.ALERT, level=Level.ORANGE)
DRILL = replace(s.EXERCISE, level=Level.ORANGE)
CHANGED = replace(s.ALERT, version=3, changed_at=s.NOW)
LAST = changes.LastChange(
    (ChangeKind.UPGRADE, ChangeKind.EXTEND), s.NOW, "王立国", was=Level.ORANGE, number=3
)
PROPOSAL = Proposal(
    (Asked("延边州 主任 李某", "139 0000 0002"), Asked("吉林省 指挥长 赵某", reachable=False)),
    Asked("延边州 指挥长 王某", "139 0000 0001"),
    s.NOW + timedelta(hours=1),
)
MENU = DivisionMenu(
    "222403000000",
    "延边州 敦化市",
    [Choice("222403100000", "大石头镇"), Choice("222403101000", "黄泥河镇")],
    "222400000000",
)


def changing(
    alert: Alert,
    *kinds: ChangeKind,
    added: tuple[str, ...] = (),
    dropped: tuple[str, ...] = (),
    new_place: str = s.PLACE,
    second: bool = False,
    **terms: object,
) -> changes.Changing:
    """A change of ``alert`` to these terms."""
    before = terms_of(alert)
    after = replace(before, **terms)  # type: ignore[arg-type]
    raised = ChangeKind.UPGRADE in kinds
    numbers = Changed(
        before,
        Applied(Outcome.CHANGED, Life(alert.state, after, 2), kinds),
        asked=46 if raised else 0,
        called=12 if added else 0,
        called_reachable=10 if added else 0,
        told=0 if raised or added or dropped else 46,
        stood_down=5 if dropped else 0,
        groups=2 if raised else 0,
        groups_left=1 if dropped else 0,
        second_person=second,
    )
    return changes.Changing(alert, numbers, s.PLACE, new_place, added, dropped)


RAISED = changing(
    ORANGE,
    ChangeKind.UPGRADE,
    ChangeKind.CORRECT,
    level=Level.RED,
    description="立即转移河边、低洼处群众。",
    expires_at=ORANGE.expires_at + timedelta(hours=6),
    second=True,
)
RAISED_ALONE = changing(DRILL, ChangeKind.UPGRADE, level=Level.RED)
QUOTED = replace(ORANGE, issued_by="敦化市气象台")
SIGNAL_GONE = changing(QUOTED, ChangeKind.UPGRADE, level=Level.RED, issued_by="")
SIGNAL_KEPT = changing(QUOTED, ChangeKind.UPGRADE, level=Level.RED)
WIDER = changing(
    s.ALERT, ChangeKind.ADD_AREA, added=("黄泥河镇", "官地镇"),
    new_place="大石头镇、黄泥河镇、官地镇",
    areas=("222403100000", "222403101000", "222403102000"),
)  # fmt: skip
NARROWER = changing(
    s.ALERT, ChangeKind.NARROW, dropped=("红石村",), new_place="大石头镇（不含红石村）",
    areas=("222403100202",),
)  # fmt: skip
BACK = replace(WIDER, changed=replace(WIDER.changed, asked=7))  # who was left out is in again
LONGER = changing(s.ALERT, ChangeKind.EXTEND, expires_at=s.ALERT.expires_at + timedelta(hours=6))


def change_screens() -> Iterator[tuple[str, View]]:
    """The menu, the questions, the previews, the second person, the end."""
    yield from _menus()
    for name, what in (
        ("raised", RAISED),
        ("raised_alone", RAISED_ALONE),
        ("wider", WIDER),
        ("back", BACK),
        ("narrower", NARROWER),
        ("longer", LONGER),
        ("signal_gone", SIGNAL_GONE),
        ("signal_kept", SIGNAL_KEPT),
    ):
        yield (
            f"change_preview_{name}",
            lambda language, what=what: changes.preview(  # type: ignore[misc]
                what, 40, language, nonce="0a1b2c3d"
            ),
        )
    yield (
        "change_preview_noted",
        lambda language: changes.preview(
            LONGER, 0.1, language, nonce="0a1b2c3d",
            note=changes.changed_meanwhile(CHANGED, LAST, language),
        ),
    )  # fmt: skip
    yield "changed_now", lambda language: changes.changed_now(RAISED, 2, language)
    yield "changed_now_wider", lambda language: changes.changed_now(WIDER, 3, language)
    yield "change_outdated", lambda language: changes.outdated(s.ALERT, s.PLACE, language)
    yield "change_stopped", lambda language: changes.stopped(s.EXERCISE, s.PLACE, language)
    yield from _second_person()
    yield from _expiry()
    yield (
        "progress_changed",
        lambda language: progress.progress_card(
            CHANGED, s.PROGRESS, language, s.PLACE, s.NOW, last=LAST
        ),
    )
    others = ["🟠 敦化市山洪灾害橙色预警"]
    for name, ask in (("lift", ending.ask_lift), ("cancel", ending.ask_cancel)):
        yield (
            f"ask_{name}_of_two",
            lambda language, ask=ask: ask(  # type: ignore[misc]
                s.ALERT, language, s.PLACE, told=46, going_on=others
            ),
        )


def _menus() -> Iterator[tuple[str, View]]:
    yield (
        "change_menu",
        lambda language: change_menu.menu(s.EXERCISE, s.PLACE, language),
    )
    yield (
        "change_menu_of_places",
        lambda language: change_menu.menu(
            replace(s.ALERT, places=("reservoir",)), "红旗水库", language,
            note=changes.nothing_changes(language),
        ),
    )  # fmt: skip
    yield "ask_level_of_change", lambda language: change_menu.ask_level(ORANGE, s.PLACE, language)
    yield (
        "ask_text_of_change",
        lambda language: change_menu.ask_text(s.ALERT, s.PLACE, language, 600),
    )
    yield (
        "ask_time_of_change",
        lambda language: change_menu.ask_time(s.ALERT, s.PLACE, s.NOW, language),
    )
    yield (
        "ask_added",
        lambda language: change_menu.ask_added(s.ALERT, s.PLACE, MENU, ["官地镇"], language),
    )
    yield (
        "ask_added_held",
        lambda language: change_menu.ask_added(s.ALERT, s.PLACE, MENU, [], language, held=True),
    )
    parts = [
        change_menu.Part(f"2224031002{number:02}", f"{name}村", number != 1)
        for number, name in enumerate(("红石", "民主", "三道"), start=0)
    ]
    yield (
        "ask_narrowed",
        lambda language: change_menu.ask_narrowed(s.ALERT, s.PLACE, parts, 0, language),
    )
    yield (
        "ask_meant",
        lambda language: change_menu.ask_meant(s.ALERT, s.PLACE, ["黄泥河镇"], language),
    )
    yield (
        "ask_unclear",
        lambda language: change_menu.ask_unclear(
            s.ALERT, s.PLACE, "太平村", [("222403100201", "敦化市 大石头镇 太平村")], language
        ),
    )
    yield (
        "ask_unclear_alike",
        lambda language: change_menu.ask_unclear(
            s.ALERT, s.PLACE, "太坪村", [("222403100201", "敦化市 大石头镇 太平村")], language,
            several=False,
        ),
    )  # fmt: skip
    yield (
        "ask_unclear_unknown",
        lambda language: change_menu.ask_unclear(s.ALERT, s.PLACE, "黄泥合镇", [], language),
    )
    two = [(s.ALERT, s.PLACE), (replace(s.EXERCISE, id=8), "图们市")]
    yield "which_warning", lambda language: change_menu.which_warning(two, language)
    yield "update_usage", lambda language: change_menu.update_usage(two, language)
    yield "update_none", change_menu.none_in_force
    yield "update_edit_not_used", change_menu.edit_not_used
    yield (
        "change_line_notes",
        lambda language: Screen(
            change_menu.line_notes(
                language,
                hazard=s.ALERT.hazard,
                strange=["快点", "<b>"],
                incomplete=["扩大"],
                against=change_menu.wrong_way(True, Level.YELLOW, Level.ORANGE, language),
                outside=["图们市"],
                inside=["大石头镇"],
            )
            + "\n"
            + "\n".join(
                [
                    change_menu.wrong_way(False, Level.RED, Level.ORANGE, language),
                    change_menu.time_not_read("很久", language),
                    change_menu.ends_earlier(s.ALERT, s.NOW, language),
                    change_menu.nothing_left(s.ALERT, language),
                    changes.same_warnings(s.ALERT.hazard, language),
                    changes.text_renewed(language),
                ]
            )
        ),
    )


def _second_person() -> Iterator[tuple[str, View]]:
    for name, more in (
        ("", {}),
        ("_again", {"asked_at": s.NOW, "note": "上游水库开闸", "command_line": "root@host"}),
        ("_by_api", {"command_line": "api:省应急平台"}),
    ):
        yield (
            f"change_confirm{name}",
            lambda language, more=more: change_confirmation.confirm_request(  # type: ignore[misc]
                RAISED, 5, language, proposal=PROPOSAL, proposed_at=s.NOW, **more
            ),
        )
    yield (
        "change_waits",
        lambda language: change_confirmation.waiting(RAISED, 5, PROPOSAL, language),
    )
    for state in ChangeState:
        yield (
            f"change_decided_{state.value}",
            lambda language, state=state: change_confirmation.decided(  # type: ignore[misc]
                CHANGED, state, s.PLACE, language, by="李某",
                kinds=changes.kinds_named(RAISED.kinds, language),
            ),
        )  # fmt: skip
    yield (
        "change_decided_by_api",
        lambda language: change_confirmation.decided(
            CHANGED, ChangeState.MADE, s.PLACE, language, by="李某", command_line="api:省应急平台"
        ),
    )


def _expiry() -> Iterator[tuple[str, View]]:
    soon = s.ALERT.expires_at - timedelta(minutes=30)
    yield (
        "expiry_asked",
        lambda language: expiry.ask_expiry(
            s.ALERT, s.PROGRESS, language, s.PLACE, soon, decides=True,
            wanted=HelpCounts(2, 2, 1),
        ),
    )  # fmt: skip
    for name, decides in (("duty", False), ("others", True)):
        yield (
            f"expiry_asked_{name}",
            lambda language, decides=decides: expiry.ask_expiry(  # type: ignore[misc]
                s.EXERCISE, s.PROGRESS, language, s.PLACE, soon + timedelta(minutes=15),
                decides=decides, duty=True, asked=["敦化市 指挥长 王立国 139 0000 0001"],
            ),
        )  # fmt: skip
    yield (
        "expiry_extended",
        lambda language: expiry.expiry_answered(s.ALERT, ExpiryAnswer.EXTENDED, language, s.PLACE),
    )
    yield (
        "expiry_let",
        lambda language: expiry.expiry_answered(
            s.ALERT, ExpiryAnswer.LET, language, s.PLACE, by="王立国"
        ),
    )
    yield (
        "expiry_over",
        lambda language: expiry.expiry_answered(s.LIFTED, ExpiryAnswer.OVER, language, s.PLACE),
    )
