"""What officers and commanders read about hotspots: the list, one task, the alarm, the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from alerts.patrol.hotspots.model import Step, Task
from bot.actions.hotspots import HotspotDraft, HotspotPicture, HotspotShow
from bot.locale import translator
from bot.views.clock import BEIJING, ago
from bot.views.hotspot_facts import (
    Shown,
    found_lines,
    state_line,
    verdict_keys,
    where_and_when,
)
from bot.views.screen import Button, Inline, Screen, bold, name

LISTED = 20
"""Tasks named in one message; of the others it says how many."""

BUTTONS = 8


def task_list(
    rows: Sequence[Shown],
    total: int,
    language: str,
    now: datetime,
    *,
    place: str = "",
    feeds: Sequence[str] = (),
    mine: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The open tasks, by county; for officers and commanders, or a patroller's own."""
    _ = translator(language)
    if not rows:
        return Screen("\n".join([_("现在没有要核查的热点。"), *feeds]))
    head = _("🛰 您的热点核查 {total} 个") if mine else _("🛰 {place}待核查热点 {total} 个")
    lines = [bold(head.format(place=place, total=total))]
    county = ""
    for shown in rows[:LISTED]:
        if shown.county != county:
            county = shown.county
            lines += ["", bold(county)]
        lines.append(_line(shown, language, now, zone))
    if total > LISTED:
        lines += ["", _("另有 {more} 个未列出。").format(more=total - LISTED)]
    if feeds:
        lines += ["", *feeds]
    keys = [Button(f"#{one.task.id}", HotspotShow(one.task.id).encode()) for one in rows[:BUTTONS]]
    pairs = tuple(tuple(keys[at : at + 4]) for at in range(0, len(keys), 4))
    return Screen("\n".join(lines), Inline(pairs))


def overdue_list(
    rows: Sequence[Shown], total: int, place: str, language: str, now: datetime, *, zone: tzinfo
) -> Screen:
    """To the county's officers: nobody near, or no verdict in time."""
    _ = translator(language)
    listed = task_list(rows, total, language, now, place=place, zone=zone)
    head = _("⚠️ 有热点没有人去，或过时没有结果。请打电话派人。")
    return Screen(f"{bold(head)}\n{listed.text}", listed.keyboard)


def task_card(
    shown: Shown,
    language: str,
    *,
    verdicts: bool = False,
    draft: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """One task for an officer: what is known, who goes, what was found."""
    _ = translator(language)
    task = shown.task
    lines = [
        bold(_("🛰 热点核查 #{number}").format(number=task.id)),
        *where_and_when(shown, language, zone),
        "",
        state_line(shown, language),
    ]
    if task.open and shown.responsible is not None:
        lines.append(shown.phone(shown.responsible))
    lines.extend(found_lines(shown, language, zone))
    rows = verdict_keys(task, language).rows if verdicts else ()
    rows = (*rows, (Button(_("🗺 地图"), HotspotPicture(task.id).encode()),))
    if draft:
        rows = (*rows, (_draft_button(task, language),))
    return Screen("\n".join(lines), Inline(rows))


def alarm(shown: Shown, why: Step, language: str, *, draft: bool, zone: tzinfo = BEIJING) -> Screen:
    """To the county at once: a forest fire was found, or a satellite sees many pixels."""
    _ = translator(language)
    task = shown.task
    if why is Step.ALARM_FIRE:
        head = _("🔥🔥 现场核实：森林火灾 #{number}")
    else:
        head = _("🛰 {pixels} 个像元的热点，请立即核实 #{number}")
    lines = [
        bold(head.format(number=task.id, pixels=task.pixels)),
        *where_and_when(shown, language, zone),
        *found_lines(shown, language, zone),
    ]
    if task.verdict is None:
        lines.append(state_line(shown, language))
    keys: list[tuple[Button, ...]] = []
    if draft:
        lines += ["", _("预警已拟好，点下面看预览，再确认发布。")]
        keys.append((_draft_button(task, language),))
    keys.append((Button(_("🛰 看详情"), HotspotShow(task.id).encode()),))
    return Screen("\n".join(lines), Inline(tuple(keys)))


def verdict_told(shown: Shown, language: str, *, zone: tzinfo = BEIJING) -> Screen:
    """To officers who had heard of the task: what it was."""
    _ = translator(language)
    head = bold(_("🛰 热点 #{number} 有结果").format(number=shown.task.id))
    return Screen(
        "\n".join(
            [head, *where_and_when(shown, language, zone), *found_lines(shown, language, zone)]
        )
    )


def draft_text(shown: Shown, order: str) -> str:
    """The drafted warning, in Chinese, which the commander may change: where, then what to do."""
    known = shown.village and shown.task.village_m is not None  # a guess is no part of a warning
    near = f"{shown.county}{shown.village}" if known else shown.county
    return f"{near}附近发现火情。\n{order}"


def _draft_button(task: Task, language: str) -> Button:
    return Button(
        translator(language)("⚠️ 发布森林火灾预警（已拟好）"), HotspotDraft(task.id).encode()
    )


def _line(shown: Shown, language: str, now: datetime, zone: tzinfo) -> str:
    _ = translator(language)
    task = shown.task
    late = " ⏰" if now >= task.due_at else ""
    known = shown.village and task.village_m is not None
    where = name(shown.village) if known else f"{task.lat:.3f},{task.lon:.3f}"
    open_for = ago((now - task.opened_at).total_seconds(), language)
    line = _("#{number} {where} · {pixels} 像元 · {time} · {state}").format(
        number=task.id,
        where=where,
        pixels=task.pixels,
        time=open_for,
        state=state_line(shown, language),
    )
    return line + late
