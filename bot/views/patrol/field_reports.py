"""Reports from the spot (pictures, voice): to the sender, to the command group, and /feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from alerts.loop.tasks.model import CauseKind
from alerts.patrol.field_reports.model import CRY_KIND, FieldReport
from alerts.patrol.field_reports.reporting import Reported
from alerts.patrol.positions.model import Position
from bot.actions.field_reports import FeedPage, FeedShow
from bot.actions.tasks import TaskOf
from bot.locale import N_, translator
from bot.views.clock import BEIJING, ago, clock, day_clock
from bot.views.paging import last_page, page_buttons
from bot.views.patrol.positions import coordinates, who_and_where
from bot.views.screen import Button, Inline, Screen, bold, escape, name, quote, shorten
from bot.views.telephones import FIRE_LINE, nobody_told
from contacts.people import Person
from contacts.phones import display

PAGE_SIZE = 6

_KINDS = {
    "photo": N_("照片"),
    "video": N_("视频"),
    "video_note": N_("视频"),
    "voice": N_("语音"),
    "document": N_("文件"),
    CRY_KIND: N_("呼救"),
}


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One line of /feed; ``parts``: how many pictures its album has."""

    report: FieldReport
    person: Person
    place: str
    parts: int = 1


def recorded(reported: Reported, language: str, duty: str = FIRE_LINE) -> Screen:
    """To the sender: it was recorded, and who gets it; nobody: whom to ring (``duty``)."""
    _ = translator(language)
    if reported.groups:
        told = [name(group.title) for group in reported.groups[:3]]
        if reported.officers:
            told.append(_("值班员 {count} 人").format(count=len(reported.officers)))
        return Screen(_("✅ 已上报，已转给：{groups}").format(groups=_("、").join(told)))
    if reported.officers:
        count = len(reported.officers)
        return Screen(_("✅ 已上报，已转给值班员 {count} 人").format(count=count))
    return Screen(nobody_told(duty, language))


def report(
    sent: FieldReport,
    person: Person,
    place: str,
    position: Position | None,
    language: str,
    *,
    caption: str | None = None,
    about: str = "",
    show_phone: bool = True,
    elsewhere: bool = False,
    late_seconds: float = 0.0,
    listable: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To those in charge: who, where, when, what; as the picture's caption or by itself.

    :param about: the warning it belongs to.
    :param elsewhere: the file is with another bot and cannot be shown here.
    :param late_seconds: how long it was on its way, when that was long.
    :param listable: with the button that makes a task of it: in an officer's own chat.
    """
    _ = translator(language)
    words_only = sent.kind == CRY_KIND
    head = _("🆘 有人呼救 {time}") if words_only else _("📷 现场上报 {time}")
    head = head.format(time=clock(sent.at, zone))
    lines = [bold(head)]
    if late_seconds:
        late = _("⏰ {time} 发出，{ago}后才收到").format(
            time=clock(sent.at, zone), ago=ago(late_seconds, language)
        )
        lines.append(bold(late))
    lines.append(who_and_where(person, place, language))
    if show_phone:
        lines.append(display(person.phone))
    if about:
        lines.append(_("所属：{headline}").format(headline=name(about)))
    if position is not None:
        lines.append(coordinates(position, language, zone))
    if words := caption or sent.caption:
        lines.append(quote(words) if words_only else escape(words))
    if words_only:
        lines.append(_("本人打字发来，请马上打电话问清。"))
    if elsewhere:
        lines.append(
            _("（{kind}由另一个机器人接收，这里不能显示）").format(kind=kind(sent, language))
        )
    return Screen("\n".join(lines), _to_list(sent, language) if listable else None)


def _to_list(sent: FieldReport, language: str) -> Inline:
    """📌: what was reported becomes a task of the list of problems."""
    _ = translator(language)
    words = _("📌 转为清单")
    return Inline(((Button(words, TaskOf(CauseKind.FIELD_REPORT, sent.id).encode()),),))


def feed(
    entries: Sequence[FeedEntry],
    total: int,
    page: int,
    place: str,
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """Answer to /feed: the latest reports of a division, each with the button that shows it."""
    _ = translator(language)
    if not total:
        return Screen(_("📷 {place}还没有现场上报。").format(place=name(place)))
    head = _("📷 {place}现场上报 {count} 条").format(place=name(place), count=total)
    lines = [bold(head)]
    shows = []
    for number, entry in enumerate(entries, start=page * PAGE_SIZE + 1):
        what = kind(entry.report, language) + (f"×{entry.parts}" if entry.parts > 1 else "")
        when = day_clock(entry.report.at, zone)
        lines.append(f"{number}. {when} {name(entry.person.name)} · {name(entry.place)} · {what}")
        if entry.report.caption:
            lines.append("    " + escape(shorten(entry.report.caption, 40)))
        shows.append(
            Button(_("👁 看 {number}").format(number=number), FeedShow(entry.report.id).encode())
        )
    rows = [tuple(shows[start : start + 3]) for start in range(0, len(shows), 3)]
    turn = page_buttons(page, last_page(total, PAGE_SIZE), FeedPage, language)
    return Screen("\n".join(lines), Inline((*rows, turn)))


def kind(sent: FieldReport, language: str) -> str:
    """What was sent, in a word: a picture, a video, a voice message, a file."""
    _ = translator(language)
    return _(_KINDS.get(sent.kind, _KINDS["document"]))
