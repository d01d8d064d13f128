"""Hotspots (heat seen by a satellite): what is asked of patrollers, what officers are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.patrol.hotspots.drafting import may_be_fire
from alerts.patrol.hotspots.heat_source_model import KnownSource
from alerts.patrol.hotspots.model import AskState, Task, TaskState, TaskStep, Verdict
from alerts.patrol.hotspots.store import Asked
from bot.actions.hotspots import (
    HotspotAccept,
    HotspotDecline,
    HotspotDraft,
    HotspotPicture,
    HotspotShow,
    HotspotVerdictTap,
)
from bot.locale import N_, translator
from bot.views.clock import BEIJING, ago, clock, day_clock
from bot.views.figures import direction, distance
from bot.views.patrol.heat_sources import source_name
from bot.views.screen import Button, Inline, Screen, bold, name
from contacts.people import Person
from contacts.phones import masked
from data.geo.coordinates import bearing_deg, wgs84_to_gcj02

_VERDICTS: Mapping[Verdict, str] = {
    Verdict.FOREST_FIRE: N_("🔥 森林火灾"),
    Verdict.GRASSLAND_FIRE: N_("🔥 草原火灾"),
    Verdict.FARM_BURNING: N_("🌾 农事用火"),
    Verdict.PLANNED_BURNING: N_("📋 计划烧除"),
    Verdict.OTHER_HEAT_SOURCE: N_("🏭 其他热源"),
    Verdict.NOTHING_FOUND: N_("⭕ 未发现火情"),
}
_ANSWERS: Mapping[AskState, str] = {
    AskState.AWAITED: N_("等答复"),
    AskState.ACCEPTED: N_("正在前往"),
    AskState.CANNOT: N_("去不了"),
    AskState.SILENT: N_("没有答复"),
}
_STATES: Mapping[TaskState, str] = {
    TaskState.WAITING: N_("正在找人去看"),
    TaskState.ASKED: N_("等 {name} 答复"),
    TaskState.ACCEPTED: N_("{name} 正在前往"),
    TaskState.VERIFIED: N_("已核查"),
    TaskState.EXPIRED: N_("超过时限，没有核查"),
}


@dataclass(frozen=True, slots=True)
class ShownTask:
    """A task (a hotspot to look at), with the names and persons a message about it needs."""

    task: Task
    county: str  # its name
    village: str = ""
    asks: tuple[Asked, ...] = ()
    by: Person | None = None  # whose verdict it is
    open_numbers: frozenset[int] = frozenset()  # ids of persons whose numbers the reader may read
    village_spot: tuple[float, float] | None = None  # lon, lat, where the divisions file says so
    heat_source: KnownSource | None = None  # the known one at which it was more than usual
    closed: bool = False  # it was lit while no fire may be lit (禁火期)

    @property
    def responsible(self) -> Person | None:
        """The patroller who is on the way, or being asked."""
        wanted = self.task.accepted_by or self.task.asked_id
        return next((asked.person for asked in self.asks if asked.person.id == wanted), None)

    def phone(self, person: Person) -> str:
        """The person's number, or as much of it as everybody may read."""
        return person.phone if person.id in self.open_numbers else masked(person.phone)


def verdict_name(verdict: Verdict, language: str) -> str:
    """A verdict in words: 🔥 森林火灾."""
    return translator(language)(_VERDICTS[verdict])


def verdict_keys(task: Task, language: str, *, decline: bool = False) -> Inline:
    """The buttons of the six verdicts; with ``decline`` also the one for who cannot get there."""
    _ = translator(language)
    keys = [
        Button(verdict_name(verdict, language), HotspotVerdictTap(task.id, verdict).encode())
        for verdict in Verdict
    ]
    rows = [tuple(keys[at : at + 2]) for at in range(0, len(keys), 2)]
    if decline:
        rows.append((Button(_("❌ 去不了"), HotspotDecline(task.id).encode()),))
    return Inline(tuple(rows))


def where_and_when(
    shown: ShownTask, language: str, zone: tzinfo, *, plain: bool = False
) -> list[str]:
    """Lines: the place, its coordinates, which satellite saw it when.

    :param plain: to a patroller, who is no reader of satellite pixels.
    """
    _ = translator(language)
    task = shown.task
    where = name(shown.county)
    if shown.village and task.village_m is not None:
        away = _from_village(shown, language)
        near = _("{village} 附近（{away}）").format(village=name(shown.village), away=away)
        where = f"{where} {near}"
    elif shown.village:
        near = _("{village} 一带（按报位推测）").format(village=name(shown.village))
        where = f"{where} {near}"
    words = (
        _("卫星 {satellite} {time} 看到 {pixels} 处高温")
        if plain
        else _("卫星 {satellite} {time} 看到，{pixels} 个像元")
    )
    seen = words.format(
        satellite=name(task.satellites), time=day_clock(task.last_at, zone), pixels=task.pixels
    )
    lines = [where, f"<code>{task.lat:.5f},{task.lon:.5f}</code>", seen]
    if shown.heat_source is not None:
        known = source_name(shown.heat_source, language) or f"#{shown.heat_source.id}"
        lines.append(_("🏭 在已知热源 {known}，但比平常多或更热").format(known=known))
    return lines


def state_line(shown: ShownTask, language: str) -> str:
    """Line: who is on the way or being asked, or what became of the task."""
    _ = translator(language)
    who = shown.responsible
    words = _(_STATES[shown.task.state])
    # Only once somebody was looked for can it be said that there is nobody.
    if shown.task.state is TaskState.WAITING and shown.task.answer_at is not None:
        words = _("附近没有别的人可派") if shown.asks else _("附近没有可派的人")
    return words.format(name=bold("" if who is None else who.name))


def who_goes(shown: ShownTask, language: str) -> list[str]:
    """Lines: everybody who was asked, how far away they were, and what they answered."""
    _ = translator(language)
    lines = []
    for ask in shown.asks:
        if ask.answer not in _ANSWERS:
            continue
        line = _("{name}（{away}）{answer}").format(
            name=bold(ask.person.name),
            away=distance(ask.away_m, language),
            answer=_(_ANSWERS[ask.answer]),
        )
        if ask.answer is not AskState.CANNOT:
            line += f" ☎️ {shown.phone(ask.person)}"
        lines.append(line)
    if shown.task.state is TaskState.WAITING:
        lines.append(state_line(shown, language))
    return lines


def found_lines(shown: ShownTask, language: str, zone: tzinfo) -> list[str]:
    """Lines: what it was and who says so; none while there is no verdict."""
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
    lines = [words, *evidence_lines(task, language)]
    if shown.closed:
        lines.append(bold(_("🚫 禁火期内用火：请查明是谁点的、谁批的，马上停火。")))
    return lines


def evidence_lines(task: Task, language: str, *, asking: bool = False) -> list[str]:
    """Lines: where the verdict was given from, and whether there is a photo.

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


def task_asked(
    shown: ShownTask, away_m: float, minutes: float, language: str, *, zone: tzinfo = BEIJING
) -> Screen:
    """To the nearest patroller: the question whether they will go and look."""
    _ = translator(language)
    task = shown.task
    lines = [
        bold(_("🛰 热点核查 #{number}").format(number=task.id)),
        *where_and_when(shown, language, zone, plain=True),
    ]
    lines.append(_("距您最近一次报位约 {away}").format(away=distance(away_m, language)))
    lines.append("")
    words = _("您能去看吗？请在 {minutes} 分钟内答复。")
    lines.append(bold(words.format(minutes=f"{minutes:g}")))
    keys = (
        (Button(_("✅ 我去"), HotspotAccept(task.id).encode()),),
        (Button(_("❌ 去不了"), HotspotDecline(task.id).encode()),),
    )
    return Screen("\n".join(lines), Inline(keys))


def task_accepted(shown: ShownTask, language: str, *, zone: tzinfo = BEIJING) -> Screen:
    """To the patroller who goes: what to do there, and the verdicts to choose from."""
    _ = translator(language)
    task = shown.task
    lines = [
        bold(_("✅ 已接受 热点核查 #{number}").format(number=task.id)),
        *where_and_when(shown, language, zone, plain=True),
        "",
        bold(_("请在 {time} 前给出结果：").format(time=clock(task.due_at, zone))),
        _("1. 到现场，按「📍 一键报位」"),
        _("2. 拍一张照片或视频发来"),
        _("3. 按下面的结果"),
        _("先顾自己安全；火大不要靠近，报 12119。"),
    ]
    return Screen("\n".join(lines), verdict_keys(task, language, decline=True))


def task_declined(number: int, language: str) -> Screen:
    """To a patroller who cannot go."""
    _ = translator(language)
    return Screen(_("好的，热点 #{number} 改派别人。").format(number=number))


def verdict_recorded(shown: ShownTask, language: str, *, learned: bool = False) -> Screen:
    """To the patroller who gave the verdict: recorded, and what is still missing."""
    _ = translator(language)
    task = shown.task
    assert task.verdict is not None
    head = _("✅ 已记录 #{number}：{verdict}")
    verdict = verdict_name(task.verdict, language)
    lines = [bold(head.format(number=task.id, verdict=verdict))]
    sent = task.accepted_by is not None and task.accepted_by == task.verdict_by
    lines.extend(evidence_lines(task, language, asking=sent))
    if task.verdict is Verdict.FOREST_FIRE:
        lines.append(bold(_("已报县值班员和指挥员。请撤到安全处，等人到。")))
    if shown.closed:
        words = _("🚫 现在是禁火期，计划烧除、农事用火一律不准，已报县值班员。请让他们马上停火。")
        lines.append(bold(words))
    if learned:
        lines.append(_("这里多次核查为其他热源，以后不再派人。"))
    change = Button(_("✏️ 改结果"), HotspotShow(task.id).encode())
    return Screen("\n".join(lines), Inline(((change,),)))


def task_taken(shown: ShownTask, language: str) -> Screen:
    """To a patroller asked before: no need to go."""
    _ = translator(language)
    task = shown.task
    if task.verdict is not None:
        words = _("热点 #{number} 已有结果：{verdict}，您不用去了。")
        verdict = verdict_name(task.verdict, language)
        return Screen(words.format(number=task.id, verdict=verdict))
    by = shown.responsible
    words = _("热点 #{number} 由 {name} 去看，您不用去了。")
    return Screen(words.format(number=task.id, name=name("" if by is None else by.name)))


def going_told(shown: ShownTask, language: str) -> Screen:
    """To officers who heard an alarm, or that nobody goes: who goes now."""
    _ = translator(language)
    head = bold(_("🛰 热点 #{number} 有人去看了").format(number=shown.task.id))
    return Screen("\n".join([head, *who_goes(shown, language)]))


def task_due(shown: ShownTask, language: str, now: datetime, *, zone: tzinfo = BEIJING) -> Screen:
    """To the patroller who accepted: the verdict is overdue."""
    _ = translator(language)
    task = shown.task
    late = ago((now - task.opened_at).total_seconds(), language)
    lines = [
        bold(_("⏰ 热点 #{number} 已过 {time}，还没有结果").format(number=task.id, time=late)),
        *where_and_when(shown, language, zone, plain=True),
        _("请马上按结果；到不了请按「去不了」。遇到危险请按「🆘 求救」。"),
    ]
    return Screen("\n".join(lines), verdict_keys(task, language, decline=True))


LISTED = 20
"""Tasks named in one message; of the others it says how many."""

BUTTONS = 8


def task_list(
    rows: Sequence[ShownTask],
    total: int,
    language: str,
    now: datetime,
    *,
    place: str = "",
    feeds: Sequence[str] = (),
    mine: bool = False,
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
        lines.append(_line(shown, language, now, plain=mine))
    if total > LISTED:
        lines += ["", _("另有 {more} 个未列出。").format(more=total - LISTED)]
    if feeds:
        lines += ["", *feeds]
    keys = [Button(f"#{row.task.id}", HotspotShow(row.task.id).encode()) for row in rows[:BUTTONS]]
    pairs = tuple(tuple(keys[at : at + 4]) for at in range(0, len(keys), 4))
    return Screen("\n".join(lines), Inline(pairs))


def overdue_list(
    rows: Sequence[ShownTask], total: int, place: str, language: str, now: datetime
) -> Screen:
    """To the county's officers: nobody near, or no verdict in time."""
    _ = translator(language)
    listed = task_list(rows, total, language, now, place=place)
    head = _("⚠️ 有热点没有人去，或过时没有结果。请打电话派人。")
    return Screen(f"{bold(head)}\n{listed.text}", listed.keyboard)


def task_card(
    shown: ShownTask,
    language: str,
    *,
    verdicts: bool = False,
    draft: bool = False,
    plain: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """One task for an officer: what is known, who goes, what was found.

    :param plain: for a patroller, who was asked there.
    """
    _ = translator(language)
    task = shown.task
    lines = [
        bold(_("🛰 热点核查 #{number}").format(number=task.id)),
        *where_and_when(shown, language, zone, plain=plain),
        chinese_maps(task, language),
        "",
        *(who_goes(shown, language) if task.open else [state_line(shown, language)]),
    ]
    lines.extend(found_lines(shown, language, zone))
    rows = verdict_keys(task, language).rows if verdicts else ()
    rows = (*rows, (Button(_("🗺 地图"), HotspotPicture(task.id).encode()),))
    if draft:
        rows = (*rows, (_draft_button(task, language),))
    return Screen("\n".join(lines), Inline(rows))


def alarm(
    shown: ShownTask, why: TaskStep, language: str, *, draft: bool, zone: tzinfo = BEIJING
) -> Screen:
    """To the county at once: a forest fire was found, or a satellite sees many pixels."""
    _ = translator(language)
    task = shown.task
    if why is TaskStep.ALARM_FIRE:
        head = _("🔥🔥 现场核实：森林火灾 #{number}")
    else:
        head = _("🛰 {pixels} 个像元的热点，请立即核实 #{number}")
    lines = [
        bold(head.format(number=task.id, pixels=task.pixels)),
        *where_and_when(shown, language, zone),
        *found_lines(shown, language, zone),
    ]
    if task.verdict is None:
        lines += who_goes(shown, language)
    keys: list[tuple[Button, ...]] = []
    if draft:
        lines += ["", _("预警已拟好，点下面看预览，再确认发布。")]
        keys.append((_draft_button(task, language),))
    keys.append((Button(_("🛰 看详情"), HotspotShow(task.id).encode()),))
    return Screen("\n".join(lines), Inline(tuple(keys)))


def verdict_told(shown: ShownTask, language: str, *, zone: tzinfo = BEIJING) -> Screen:
    """To officers who were told of the task: what it was, or that it was no forest fire."""
    _ = translator(language)
    task = shown.task
    corrects = task.steps & TaskStep.ALARM_FIRE and not may_be_fire(task)
    head = _("↩️ 热点 #{number} 已更正：不是森林火灾") if corrects else _("🛰 热点 #{number} 有结果")
    lines = [
        bold(head.format(number=task.id)),
        *where_and_when(shown, language, zone),
        *found_lines(shown, language, zone),
    ]
    if corrects:
        lines += ["", _("已为它发布了预警的，请核实后取消。")]
    return Screen("\n".join(lines))


def no_fire(task: Task, language: str) -> str:
    """Toast to whoever wants the drafted warning of what turned out to be no fire."""
    _ = translator(language)
    verdict = "" if task.verdict is None else verdict_name(task.verdict, language)
    return _("热点 #{number} 的结果是「{verdict}」，没有拟预警。").format(
        number=task.id, verdict=verdict
    )


def draft_text(
    shown: ShownTask, order: str, county: tuple[float, float, float, float] | None = None
) -> str:
    """The text of the drafted warning, in Chinese: where the fire is, then what to do.

    :param county: the county's west, south, east and north, degrees; ``None``: it is not drawn.
    """
    task = shown.task
    if shown.village and task.village_m is not None:  # a guess is no part of a warning
        near = f"{shown.county}{shown.village}{_from_village(shown, 'zh').replace(' ', '')}附近"
    else:
        near = shown.county + ("境内" if county is None else _part_of(task, county))
    spot = f"北纬{task.lat:.5f}°、东经{task.lon:.5f}°（WGS-84）"
    lon, lat = wgs84_to_gcj02(task.lon, task.lat)
    return f"{near}发现火情。\n位置：{spot}；高德、腾讯地图：{lat:.5f},{lon:.5f}。\n{order}"


def chinese_maps(task: Task, language: str) -> str:
    """Line: the same place as Chinese web maps draw it."""
    _ = translator(language)
    lon, lat = wgs84_to_gcj02(task.lon, task.lat)
    return _("高德、腾讯地图：{spot}").format(spot=f"<code>{lat:.5f},{lon:.5f}</code>")


def _from_village(shown: ShownTask, language: str) -> str:
    """How far from the village, and in which direction where that is known: 东北 2.4 公里."""
    task = shown.task
    assert task.village_m is not None
    away = distance(task.village_m, language)
    if shown.village_spot is None:
        return away
    way = direction(bearing_deg(*shown.village_spot, task.lon, task.lat), language)
    return f"{way} {away}"


def _part_of(task: Task, county: tuple[float, float, float, float]) -> str:
    """In which part of its county a fire is: 东北部; 中部 in the middle third of it."""
    west, south, east, north = county
    x = (task.lon - west) / max(1e-9, east - west) - 0.5
    y = (task.lat - south) / max(1e-9, north - south) - 0.5
    if max(abs(x), abs(y)) < 1 / 6:
        return "中部"
    middle = (west + east) / 2, (south + north) / 2
    return direction(bearing_deg(*middle, task.lon, task.lat), "zh") + "部"


def _draft_button(task: Task, language: str) -> Button:
    return Button(
        translator(language)("⚠️ 发布森林火灾预警（已拟好）"), HotspotDraft(task.id).encode()
    )


def _line(shown: ShownTask, language: str, now: datetime, *, plain: bool = False) -> str:
    _ = translator(language)
    task = shown.task
    late = " ⏰" if now >= task.due_at else ""
    known = shown.village and task.village_m is not None
    where = name(shown.village) if known else f"{task.lat:.3f},{task.lon:.3f}"
    open_for = ago((now - task.opened_at).total_seconds(), language)
    words = (
        _("#{number} {where} · {time} · {state}")
        if plain
        else _("#{number} {where} · {pixels} 像元 · {time} · {state}")
    )
    line = words.format(
        number=task.id,
        where=where,
        pixels=task.pixels,
        time=open_for,
        state=state_line(shown, language),
    )
    return line + late
