"""Starting a roll call by taps: area, whom, how long, and the preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alerts.patrol.roll_calls.calling import RollCallPreview
from alerts.patrol.roll_calls.model import MINUTES, Whom
from bot.actions.roll_calls import RollCallArea, RollCallDraft, RollCallStart, RollCallStop
from bot.locale import N_, translator
from bot.views.clock import ago, span
from bot.views.division_menu import DivisionMenu, menu_rows
from bot.views.screen import Button, Inline, Screen, bold, shorten
from contacts.divisions.gazetteer import Candidate

_WHOM: Mapping[Whom, str] = {
    Whom.PATROL: N_("全体三员"),
    Whom.RANGERS: N_("巡护员"),
    Whom.LOOKOUTS: N_("瞭望员"),
    Whom.CHECKPOINTS: N_("检查站"),
    Whom.VILLAGE: N_("村责任人"),
    Whom.EVERYONE: N_("所有人"),
}

_WORDS: Mapping[str, Whom] = {
    word: whom
    for whom, words in {
        Whom.PATROL: "全体三员 三员 巡护 巡护员 patrol patrollers",
        Whom.RANGERS: "护林员 护林 rangers ranger",
        Whom.LOOKOUTS: "瞭望员 瞭望 lookouts lookout",
        Whom.CHECKPOINTS: "检查站 检查站员 检查员 checkpoints checkpoint",
        Whom.VILLAGE: "村责任人 责任人 包保责任人 village",
        Whom.EVERYONE: "所有人 全体 everyone all",
    }.items()
    for word in words.split()
}


def whom_name(whom: Whom, language: str) -> str:
    """Who is called, in words: 巡护员."""
    return translator(language)(_WHOM[whom])


def parse_whom(word: str) -> Whom | None:
    """Who is meant by a word of ``/rollcall``; ``None`` when it means nobody."""
    return _WORDS.get(word.strip().lower())


def ask_area(language: str, area: DivisionMenu, *, page: int = 0) -> Screen:
    """Ask for the area: this division, or another."""
    _ = translator(language)
    lines = [bold(_("📣 点名：哪个区域？")), _("也可以直接打字写名称。"), bold(f"📍 {area.path}")]
    here = Button(_("✅ 确认此区域"), RollCallDraft(area.code).encode())
    rows = menu_rows(area, page, language, go=RollCallArea)
    return Screen("\n".join(lines), Inline(((here,), *rows, (_stop(language),))))


def which_area(
    text: str,
    candidates: Sequence[Candidate],
    language: str,
    whom: Whom | None,
    minutes: int | None,
    *,
    unknown: bool = False,
) -> Screen:
    """There is no such place, or there are several of this name."""
    _ = translator(language)
    wanted = shorten(text, 30)
    draft = [_("📣 点名")]
    if whom is not None:
        draft.append(whom_name(whom, language))
    if minutes is not None:
        draft.append(_("{count} 分钟").format(count=minutes))
    about = " · ".join(draft)
    if not candidates:
        head = _("没有找到「{text}」。").format(text=wanted)
        how = _("请写区划名称（如 敦化市、敦化市大石头镇）或 12 位代码。")
        return Screen("\n".join([about, bold(head), how]))
    rows = [
        (Button(found.path, RollCallDraft(found.division.code, whom, minutes).encode()),)
        for found in candidates
    ]
    words = _("没有「{text}」。您是不是要找：") if unknown else _("「{text}」是哪一处？")
    head = words.format(text=wanted)
    return Screen(f"{about}\n{bold(head)}", Inline((*rows, (_stop(language),))))


def ask_whom(code: str, place: str, language: str) -> Screen:
    """Ask who is to be called."""
    _ = translator(language)
    lines = [bold(_("📣 点名 · {place}").format(place=place)), _("点谁？")]
    buttons = [
        Button(whom_name(whom, language), RollCallDraft(code, whom).encode()) for whom in Whom
    ]
    rows = [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
    return Screen("\n".join(lines), Inline((*rows, (_stop(language),))))


def ask_minutes(code: str, whom: Whom, place: str, language: str) -> Screen:
    """Ask within how many minutes they are to answer."""
    _ = translator(language)
    head = _("📣 点名 · {place} · {whom}").format(place=place, whom=whom_name(whom, language))
    buttons = tuple(
        Button(_("{count} 分钟").format(count=minutes), RollCallDraft(code, whom, minutes).encode())
        for minutes in MINUTES
    )
    rows = (buttons[:2], buttons[2:], (_stop(language),))
    return Screen("\n".join([bold(head), _("几分钟内报位？")]), Inline(rows))


def preview(
    draft: RollCallDraft, counts: RollCallPreview, seconds: float, place: str, language: str
) -> Screen:
    """Whom it would ask, how long the sending takes, and the button that starts it."""
    _ = translator(language)
    assert draft.whom is not None and draft.minutes is not None
    whom = whom_name(draft.whom, language)
    lines = [
        bold(_("📣 点名 · {place} · {whom}").format(place=place, whom=whom)),
        _("⏱ {time}内报位").format(time=ago(60 * draft.minutes, language)),
        _("👥 应到 {persons} 人").format(persons=counts.persons),
        _("🚀 约 {span}发完").format(span=span(max(1, seconds), language)),
    ]
    if counts.persons > counts.reachable:
        missing = counts.persons - counts.reachable
        lines.append(_("⚠️ {count} 人联系不上，请打电话").format(count=missing))
    start = RollCallStart(draft.code, draft.whom, draft.minutes)
    rows = (
        (Button(_("✅ 开始点名"), start.encode()),),
        (
            Button(_("改区域"), RollCallArea(draft.code).encode()),
            Button(_("改人员"), RollCallDraft(draft.code).encode()),
            Button(_("改时间"), RollCallDraft(draft.code, draft.whom).encode()),
        ),
        (_stop(language),),
    )
    return Screen("\n".join(lines), Inline(rows))


def stopped(language: str) -> Screen:
    """The wizard was left; nobody was called."""
    _ = translator(language)
    return Screen(_("没有点名。要重新开始，发 /rollcall。"))


def _stop(language: str) -> Button:
    return Button(translator(language)(N_("✖️ 取消")), RollCallStop().encode())
