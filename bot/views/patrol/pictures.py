"""Titles, labels and captions of the maps sent as pictures."""

from __future__ import annotations

from datetime import datetime, tzinfo

from alerts.patrol.roll_calls.model import Counts, RollCall
from bot.actions.hotspots import HotspotShow
from bot.locale import translator
from bot.views.clock import BEIJING, clock
from bot.views.figures import distance, percent
from bot.views.patrol.hotspots import ShownTask, found_lines, where_and_when, who_goes
from bot.views.patrol.roll_call_wizard import whom_name
from bot.views.screen import LONGEST_CAPTION, Button, Inline, Screen, bold, cut
from contacts.people import Person


def roll_call_title(roll_call: RollCall, place: str, language: str) -> str:
    """The title of a roll call's map: 点名 · 敦化市 · 巡护员."""
    _ = translator(language)
    whom = whom_name(roll_call.whom, language)
    return _("点名 · {place} · {whom}").format(place=place, whom=whom)


def roll_call_subtitle(counts: Counts, language: str) -> str:
    """The line below it: 应到 10，实到 8（80%），未到 2."""
    _ = translator(language)
    return _("应到 {total}，实到 {present}（{share}），未到 {absent}").format(
        total=counts.total,
        present=counts.present,
        share=percent(counts.present, counts.total),
        absent=counts.absent,
    )


def roll_call_caption(
    roll_call: RollCall,
    counts: Counts,
    place: str,
    language: str,
    now: datetime,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The caption of a roll call's map, and the message in its place when there is no map."""
    _ = translator(language)
    words = _("实到中不在责任区 {far} · 未到中联系不上 {lost}")
    state = _("更新 {time}") if roll_call.open else _("已结束 · {time}")
    lines = [
        bold("🗺 " + roll_call_title(roll_call, place, language)),
        roll_call_subtitle(counts, language),
        words.format(far=counts.far, lost=counts.unreachable),
        state.format(time=clock(now, zone)),
    ]
    return Screen(cut("\n".join(lines), LONGEST_CAPTION))


def hotspot_caption(
    shown: ShownTask, language: str, *, plain: bool = False, zone: tzinfo = BEIJING
) -> Screen:
    """The caption of a hotspot's map; ``plain``: to a patroller."""
    _ = translator(language)
    task = shown.task
    lines = [
        bold(_("🗺 热点 #{number} 位置图").format(number=task.id)),
        *where_and_when(shown, language, zone, plain=plain),
        *(found_lines(shown, language, zone) or who_goes(shown, language)),
    ]
    keys = ((Button(_("🛰 看详情"), HotspotShow(task.id).encode()),),)
    return Screen(cut("\n".join(lines), LONGEST_CAPTION), Inline(keys))


def patroller_label(person: Person, away_m: float, language: str) -> str:
    """A patroller on the map: 王建国 2.9 公里."""
    return f"{person.name} {distance(away_m, language)}"


def village_label(shown: ShownTask, language: str) -> str:
    """The nearest village on the map: 大石头村 3.4 公里."""
    if shown.task.village_m is None:
        return shown.village
    return f"{shown.village} {distance(shown.task.village_m, language)}"
