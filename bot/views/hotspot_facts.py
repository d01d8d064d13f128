"""What every message about a hotspot has in it: where, when, who, what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from alerts.patrol.hotspots.model import Task, TaskState, Verdict
from alerts.patrol.hotspots.store import Asked
from bot.actions.hotspots import HotspotDecline, HotspotVerdict
from bot.locale import N_, translator
from bot.views.clock import clock, day_clock
from bot.views.patrol_shifts import distance
from bot.views.screen import Button, Inline, bold, name
from contacts.people import Person
from contacts.phones import display, masked

_VERDICTS: Mapping[Verdict, str] = {
    Verdict.FOREST_FIRE: N_("🔥 森林火灾"),
    Verdict.GRASSLAND_FIRE: N_("🔥 草原火灾"),
    Verdict.FARM_BURNING: N_("🌾 农事用火"),
    Verdict.PLANNED_BURNING: N_("📋 计划烧除"),
    Verdict.OTHER_HEAT_SOURCE: N_("🏭 其他热源"),
    Verdict.NOTHING_FOUND: N_("⭕ 未发现火情"),
}
_STATES: Mapping[TaskState, str] = {
    TaskState.WAITING: N_("附近没有可派的人"),
    TaskState.ASKED: N_("等 {name} 答复"),
    TaskState.ACCEPTED: N_("{name} 正在前往"),
    TaskState.VERIFIED: N_("已核查"),
    TaskState.EXPIRED: N_("超过时限，没有核查"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A task with the words and persons that belong to it."""

    task: Task
    county: str  # its name
    village: str = ""
    asks: tuple[Asked, ...] = ()
    by: Person | None = None  # whose verdict it is
    open_numbers: frozenset[int] = frozenset()  # ids of persons whose numbers the reader may read

    @property
    def responsible(self) -> Person | None:
        """Who is on the way, or being asked."""
        wanted = self.task.accepted_by or self.task.asked_id
        return next((one.person for one in self.asks if one.person.id == wanted), None)

    def phone(self, person: Person) -> str:
        """The number, or what of it everybody may read."""
        return (display if person.id in self.open_numbers else masked)(person.phone)


def verdict_name(verdict: Verdict, language: str) -> str:
    """🔥 森林火灾."""
    return translator(language)(_VERDICTS[verdict])


def verdict_keys(task: Task, language: str, *, decline: bool = False) -> Inline:
    """The six verdicts to choose from; with ``decline``, that one cannot get there."""
    _ = translator(language)
    keys = [
        Button(verdict_name(one, language), HotspotVerdict(task.id, one).encode())
        for one in Verdict
    ]
    rows = [tuple(keys[at : at + 2]) for at in range(0, len(keys), 2)]
    if decline:
        rows.append((Button(_("❌ 去不了"), HotspotDecline(task.id).encode()),))
    return Inline(tuple(rows))


def where_and_when(shown: Shown, language: str, zone: tzinfo) -> list[str]:
    """The place, its coordinates, which satellite saw it when."""
    _ = translator(language)
    task = shown.task
    where = name(shown.county)
    if shown.village and task.village_m is not None:
        away = distance(task.village_m, language)
        near = _("{village} 附近（{away}）").format(village=name(shown.village), away=away)
        where = f"{where} {near}"
    elif shown.village:
        near = _("{village} 一带（按报位推测）").format(village=name(shown.village))
        where = f"{where} {near}"
    seen = _("卫星 {satellite} {time} 看到，{pixels} 个像元").format(
        satellite=name(task.satellites), time=day_clock(task.last_at, zone), pixels=task.pixels
    )
    return [where, f"<code>{task.lat:.5f},{task.lon:.5f}</code>", seen]


def state_line(shown: Shown, language: str) -> str:
    """Who is on the way, or being asked."""
    _ = translator(language)
    who = shown.responsible
    words = _(_STATES[shown.task.state])
    return words.format(name=bold("" if who is None else who.name))


def found_lines(shown: Shown, language: str, zone: tzinfo) -> list[str]:
    """What it was, by whom; nothing while there is no verdict."""
    _ = translator(language)
    task = shown.task
    if task.verdict is None:
        return []
    by = "" if shown.by is None else f"{name(shown.by.name)} {shown.phone(shown.by)}"
    words = _("{verdict} · {time} {by}").format(
        verdict=bold(verdict_name(task.verdict, language)),
        time=clock(task.verdict_at, zone),
        by=by,
    )
    return [words, *evidence_lines(task, language)]


def evidence_lines(task: Task, language: str, *, asking: bool = False) -> list[str]:
    """Where the verdict was given from, and whether there is a photo.

    :param asking: to who gave it: what is missing is asked for.
    """
    _ = translator(language)
    lines = []
    if task.away_m is None:
        lines.append(_("⚠️ 没有现场位置，请按「📍 一键报位」。") if asking else _("⚠️ 没有现场位置"))
    elif task.far:
        away = distance(task.away_m, language)
        lines.append(bold(_("⚠️ 离热点 {away} 给的结果").format(away=away)))
    else:
        lines.append(_("📍 在现场（{away}）").format(away=distance(task.away_m, language)))
    if task.report_id is not None:
        lines.append(_("📷 有照片"))
    else:
        lines.append(_("📷 还没有照片，请拍一张发来。") if asking else _("📷 没有照片"))
    return lines
