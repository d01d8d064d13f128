"""What is read of villages that are cut off, and by whoever is sent there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from alerts.cut_off.model import CutOff, Errand, ErrandState, News, Outcome
from bot.views.screen import Screen
from bot.views.warnings import cut_off, progress
from bot.views.warnings.cut_off import Contact, Goer, Near, VillageRow
from contacts.equipment import Equipment, EquipmentKind
from tests.unit.views import samples as s

View = Callable[[str], Screen]
CODE = "222403101202"
HEAD = Contact(3, "张三", "包保责任人", ("+8613900000003",))
NEAR = Contact(4, "李四", "包保责任人", ("+8613900000004", "+864333230001"))
RANGER = Contact(6, "周六", "巡护员")
FOUND = CutOff(5, 7, CODE, s.START, None)
MARKED = CutOff(6, 7, "222403101203", s.START, 2)
ERRAND = Errand(8, 7, 5, CODE, 4, 2, s.NOW, ErrandState.ASKED)
ROW = VillageRow(
    FOUND,
    "大石头镇 红石村",
    (HEAD, RANGER),
    (
        Equipment(EquipmentKind.SATELLITE_PHONE, CODE, number="+8613490000001"),
        Equipment(EquipmentKind.LOUDSPEAKER, CODE, words="2 处"),
    ),
    Near("大石头镇 红旗村", 3210.0, 48.0, NEAR),
)
SENT = replace(ROW, errand=ERRAND, runner=NEAR)
BARE = VillageRow(
    MARKED, "大石头镇 <三>道村", equipment=(Equipment(EquipmentKind.SATELLITE_PHONE, CODE),),
    near=Near("大石头镇 红旗村"), marked_by="李值班",
)  # fmt: skip


def cut_off_screens() -> Iterator[tuple[str, View]]:
    """The list, one village, and the errand."""
    for name, rows, news in (
        ("cut_off_list", [SENT, BARE], ""),
        ("cut_off_none", [], ""),
        ("cut_off_news", [SENT], "news"),
    ):
        yield (
            name,
            lambda language, rows=rows, news=news: cut_off.cut_off_list(  # type: ignore[misc]
                s.ALERT, rows, language, s.PLACE, total=len(rows),
                news=cut_off.news_line(News.DECLINED, "红石村", "李四", language) if news else "",
            ),
        )  # fmt: skip
    for name, row in (("cut_off_village", ROW), ("cut_off_village_sent", SENT)):
        yield (
            name,
            lambda language, row=row: cut_off.village_screen(  # type: ignore[misc]
                s.ALERT, row,
                [Goer(NEAR, "大石头镇 红旗村", 3210.0), Goer(RANGER, "大石头镇", 800.0)],
                language, s.PLACE,
            ),
        )  # fmt: skip
    yield "cut_off_ask", lambda language: cut_off.ask_village(s.ALERT, language, s.PLACE)
    for name, found in (("which", [(CODE, "敦化市 大石头镇 红石村")]), ("no", [])):
        yield (
            f"cut_off_{name}_village",
            lambda language, found=found: cut_off.which_village(  # type: ignore[misc]
                s.ALERT, "红<石", found, language, s.PLACE
            ),
        )
    yield (
        "cut_off_ask_runner",
        lambda language: cut_off.ask_runner(s.ALERT, "红石村", language, s.PLACE),
    )
    yield (
        "cut_off_runners",
        lambda language: cut_off.runners_found(
            s.ALERT, FOUND, "李", [Goer(NEAR, "大石头镇 红旗村")], language, s.PLACE
        ),
    )
    for state in ErrandState:
        yield (
            f"errand_{state.value}",
            lambda language, state=state: cut_off.errand_message(  # type: ignore[misc]
                s.EXERCISE, replace(ERRAND, state=state), "敦化市 大石头镇 红石村", language,
                s.PLACE, to_tell=[HEAD], by=Contact(2, "李值班", "值班员"), duty="12119",
            ),
        )  # fmt: skip
    for state in (ErrandState.ASKED, ErrandState.GOING):
        yield (
            f"errand_{state.value}_again",
            lambda language, state=state: cut_off.errand_message(  # type: ignore[misc]
                s.ALERT, replace(ERRAND, state=state), "红石村", language, s.PLACE,
                by=NEAR, again=True,
            ),
        )  # fmt: skip
    yield "errand_over", lambda language: cut_off.errand_over(s.CANCELLED, language, s.PLACE)
    yield (
        "progress_cut_off",
        lambda language: progress.progress_card(
            s.ALERT, s.PROGRESS, language, s.PLACE, s.NOW, cut_off=3
        ),
    )


def cut_off_toasts(language: str) -> Iterator[str]:
    """What taps are told, and the lines above lists."""
    for news in News:
        yield cut_off.news_line(news, "红石村", "李四", language)
    for outcome in Outcome:
        for by_telegram in (True, False):
            yield cut_off.assigned_toast(outcome, "李四", language, by_telegram=by_telegram)
        yield cut_off.marked_toast(outcome, language)
        for state in (ErrandState.GOING, ErrandState.DECLINED, ErrandState.ARRIVED):
            yield cut_off.errand_toast(outcome, state, language)
    yield cut_off.errand_toast(Outcome.RECORDED, ErrandState.FAILED, language)
    yield progress.ledger_toast(language)
