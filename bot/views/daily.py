"""The daily report (日报) and its remarks (点评) as they are read in the chat. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from alerts.loop.daily.days import LATE, Period
from alerts.loop.daily.figures import NOTHING
from alerts.loop.daily.reading import DailyReport
from alerts.loop.daily.remarks import LONGEST_WORDS, Mark, Remark, RemarkOutcome
from bot.actions.daily import (
    DailySheet,
    DailyView,
    FileKind,
    RemarkAsk,
    RemarkList,
    RemarkMark,
    RemarkSend,
    written,
)
from bot.locale import N_, translator
from bot.views.clock import BEIJING, day_clock
from bot.views.daily_figures import (
    day_words,
    figure_lines,
    gravity,
    short_words,
    trouble_words,
)
from bot.views.paging import last_page, page_buttons
from bot.views.questions import confirm_words
from bot.views.screen import (
    Button,
    Inline,
    Screen,
    bold,
    escape,
    name,
    quote,
    shorten,
)

MOST_NAMED = 8
"""Divisions below that are named with what is wrong there (ours)."""

MOST_REMARKS = 3
ON_A_PAGE = 8

MARKS: Mapping[Mark, str] = {Mark.GOOD: N_("👍 好"), Mark.BAD: N_("👎 差")}
TITLES: Mapping[Period, str] = {
    Period.DAY: N_("日报"),
    Period.WEEK: N_("周报"),
    Period.MONTH: N_("月报"),
}

Place = Callable[[str], str]
"""The name of a division by its code."""


@dataclass(frozen=True, slots=True)
class SaidRemark:
    """A remark with the name of whoever made it."""

    remark: Remark
    by: str


def mark_words(mark: Mark, language: str) -> str:
    """👍 好."""
    return translator(language)(MARKS[mark])


def title(report: DailyReport, place: Place, language: str) -> str:
    """敦化市 日报 11月29日; of more days, the first and the last."""
    _ = translator(language)
    days = day_words(report.day, language)
    if report.period is not Period.DAY and report.days[0] != report.day:
        days = _("{first}至{last}").format(first=day_words(report.days[0], language), last=days)
    words = _("{place} {title} {days}")
    return words.format(
        place=place(report.division_code), title=_(TITLES[report.period]), days=days
    )


def report_screen(
    report: DailyReport,
    place: Place,
    language: str,
    *,
    remarks: Sequence[SaidRemark] = (),
    remarks_below: bool = False,
    missed: int = 0,
    zone: tzinfo = BEIJING,
) -> Screen:
    """A division's day, week or month; a day without anything is one line.

    :param remarks: those on the division itself.
    :param remarks_below: the reader may remark on those below, and there are some.
    :param missed: days before it that were made afterwards, and not sent.
    """
    _ = translator(language)
    head = f"📊 {bold(title(report, place, language))}"
    notes = _notes(report, place, language, missed, zone)
    lines = [*figure_lines(report.figures, lambda code: name(place(code)), language)]
    said = _remarks(remarks, place, language)
    if not lines and not notes and not said:
        text = head + _("：没有预警、叫应、任务和热点，无异常。")
    else:
        since = day_clock(report.span.since, zone)
        until = day_clock(report.span.until, zone)
        time = _("{since} 至 {until}").format(since=since, until=until)
        if report.so_far:
            time += _("（到目前为止）")
        text = "\n".join(
            (
                head,
                time,
                *notes,
                *(lines or [_("没有预警、叫应、任务和热点，无异常。")]),
                *_watched(report, place, language),
                *said,
            )
        )
    return Screen(text, _keyboard(report, language, remarks_below=remarks_below))


def _notes(
    report: DailyReport, place: Place, language: str, missed: int, zone: tzinfo
) -> list[str]:
    _ = translator(language)
    notes = []
    made_at, due_at = report.made_at, report.span.until
    if report.period is Period.DAY and made_at is not None and made_at - due_at >= LATE:
        words = _("⏰ 应在 {due} 统计，程序当时停着，{made} 补出。")
        notes.append(words.format(due=day_clock(due_at, zone), made=day_clock(made_at, zone)))
    if missed:
        words = _("停机期间另有 {count} 天没有发，已经补算，可按「前一天」查看。")
        notes.append(words.format(count=missed))
    if report.unread:
        named = "、".join(name(place(code)) for code in report.unread[:MOST_NAMED])
        if len(report.unread) > MOST_NAMED:
            named += _("等 {count} 个").format(count=len(report.unread))
        words = _("📭 没有人能收到日报：{places}。请核对当班表和绑定。")
        notes.append(words.format(places=named))
    return notes


def _watched(report: DailyReport, place: Place, language: str) -> list[str]:
    """Those below where something is wrong, the worst first."""
    _ = translator(language)
    own = report.division_code
    found = [
        (code, figures)
        for code, figures in report.below.items()
        if trouble_words(figures, language)
    ]
    if not found or [code for code, _figures in found] == [own]:
        return []
    found.sort(key=lambda pair: (gravity(pair[1]), pair[0]), reverse=True)
    lines = [bold(_("需要关注"))]
    for code, figures in found[:MOST_NAMED]:
        called = _("本级") if code == own else name(place(code))
        words = trouble_words(figures, language)
        lines.append(_("· {place}：{words}").format(place=called, words=words))
    if len(found) > MOST_NAMED:
        lines.append(_("· 还有 {count} 个，见表格").format(count=len(found) - MOST_NAMED))
    return lines


def _remarks(remarks: Sequence[SaidRemark], place: Place, language: str) -> list[str]:
    _ = translator(language)
    lines = []
    for said in remarks[-MOST_REMARKS:]:
        mark = mark_words(said.remark.mark, language)
        who = f"{name(place(said.remark.from_code))} {name(said.by)}".strip()
        lines.append(_("💬 {who}点评：{mark}").format(who=who, mark=mark))
        if said.remark.words:
            lines.append(quote(said.remark.words))
    return lines


def _keyboard(report: DailyReport, language: str, *, remarks_below: bool) -> Inline:
    _ = translator(language)
    code, period, day = report.division_code, report.period, report.day
    rows: list[tuple[Button, ...]] = []
    if remarks_below:
        rows.append((Button(_("💬 点评下级"), RemarkList(code, written(day)).encode()),))
    rows.append(
        (
            Button(_("📊 表格"), DailySheet(code, written(day), period, FileKind.XLSX).encode()),
            Button(_("📄 PDF 曲线"), DailySheet(code, written(day), period, FileKind.PDF).encode()),
        )
    )
    rows.append(
        tuple(
            Button(_(words), DailyView(code, written(day), other).encode())
            for other, words in (
                (Period.DAY, N_("当天")),
                (Period.WEEK, N_("本周")),
                (Period.MONTH, N_("本月")),
            )
            if other is not period
        )
    )
    before = report.days[0] - timedelta(days=1)
    turn = [Button(_(_BEFORE[period]), DailyView(code, written(before), period).encode())]
    if not report.so_far:
        after = day + timedelta(days=1)
        turn.append(Button(_(_AFTER[period]), DailyView(code, written(after), period).encode()))
    rows.append(tuple(turn))
    return Inline(tuple(rows))


_BEFORE = {
    Period.DAY: N_("⬅️ 前一天"),
    Period.WEEK: N_("⬅️ 前一周"),
    Period.MONTH: N_("⬅️ 前一月"),
}
_AFTER = {
    Period.DAY: N_("后一天 ➡️"),
    Period.WEEK: N_("后一周 ➡️"),
    Period.MONTH: N_("后一月 ➡️"),
}


# -- remarks ---------------------------------------------------------------------------------------


def remark_list(
    report: DailyReport,
    below: Sequence[str],
    page: int,
    place: Place,
    language: str,
) -> Screen:
    """The divisions right below, a button each: what was remarked, and how the day was.

    :param below: their codes, all of them.
    """
    _ = translator(language)
    last = last_page(len(below), ON_A_PAGE)
    page = min(page, last)
    marked = {said.division_code: said.mark for said in report.remarks}
    rows = []
    for code in below[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]:
        mark = {None: "", Mark.GOOD: "👍 ", Mark.BAD: "👎 "}[marked.get(code)]
        figures = report.below.get(code, NOTHING)
        words = _("{place}：{words}").format(
            place=mark + shorten(place(code), 14), words=short_words(figures, language)
        )
        rows.append((Button(words, RemarkAsk(code, written(report.day)).encode()),))
    turn = page_buttons(
        page,
        last,
        lambda to: RemarkList(report.division_code, written(report.day), to),
        language,
    )
    back = Button(
        _("⬅️ 返回日报"),
        DailyView(report.division_code, written(report.day), Period.DAY).encode(),
    )
    head = bold(_("💬 点评 {title}").format(title=title(report, place, language)))
    text = head + "\n" + _("点一个单位，评「好」或「差」，可以写一句话；对方会收到。")
    return Screen(text, Inline((*rows, *((turn,) if turn else ()), (back,))))


def ask_remark(
    report: DailyReport,
    former: SaidRemark | None,
    above: str,
    place: Place,
    language: str,
) -> Screen:
    """How was this division's day?

    :param former: what the reader's own division has said about it.
    :param above: the division that the list before was of.
    """
    _ = translator(language)
    code, day = report.division_code, written(report.day)
    lines = [bold(_("💬 点评 {title}").format(title=title(report, place, language)))]
    figures = [*figure_lines(report.figures, lambda each: name(place(each)), language)]
    lines += figures or [_("没有预警、叫应、任务和热点，无异常。")]
    if former is not None:
        mark = mark_words(former.remark.mark, language)
        words = _("已由{by}点评：{mark}。再评会替换它，对方再收到一次。")
        lines.append(words.format(by=name(former.by), mark=mark))
        if former.remark.words:
            lines.append(quote(former.remark.words))
    marks = tuple(
        Button(mark_words(mark, language), RemarkMark(code, day, mark).encode()) for mark in Mark
    )
    back = Button(_("⬅️ 返回"), RemarkList(above, day).encode())
    return Screen("\n".join(lines), Inline((marks, (back,))))


def ask_words(code: str, day: date, mark: Mark, place: Place, language: str) -> Screen:
    """One sentence to go with the mark."""
    _ = translator(language)
    head = _("{mark}：{place} {day}").format(
        mark=mark_words(mark, language), place=place(code), day=day_words(day, language)
    )
    words = _("请写一句点评（最多 {most} 字），看过再发给对方；也可以不写，直接发。")
    return Screen(
        bold(head) + "\n" + words.format(most=LONGEST_WORDS),
        Inline(
            (
                (Button(_("✅ 不写，直接发"), RemarkSend(code, written(day), mark).encode()),),
                (Button(_("⬅️ 返回"), RemarkAsk(code, written(day)).encode()),),
            )
        ),
    )


def confirm_remark(
    code: str, day: date, mark: Mark, words: str, nonce: str, place: Place, language: str
) -> Screen:
    """The words are as they were typed: are they sent?"""
    _ = translator(language)
    head = _("把点评发给 {place}（{day}，{mark}）？").format(
        place=place(code), day=day_words(day, language), mark=mark_words(mark, language)
    )
    again = RemarkMark(code, written(day), mark)
    return confirm_words(head, words, _("✅ 发出"), nonce, again, language)


def remarked(
    outcome: RemarkOutcome,
    remark: Remark,
    told: int,
    above: str,
    place: Place,
    language: str,
) -> Screen:
    """What became of a remark."""
    _ = translator(language)
    about = _("{place} {day}：{mark}").format(
        place=place(remark.division_code),
        day=day_words(remark.day, language),
        mark=mark_words(remark.mark, language),
    )
    lines = [bold(_(_OUTCOMES[outcome])), escape(about)]
    if remark.words:
        lines.append(quote(remark.words))
    if outcome is not RemarkOutcome.ALREADY:
        lines.append(
            _("发给那里 {count} 人。").format(count=told)
            if told
            else _("那里现在没有人能收到，已记入日报；请核对当班表和绑定。")
        )
    back = Button(_("💬 继续点评"), RemarkList(above, written(remark.day)).encode())
    return Screen("\n".join(lines), Inline(((back,),)))


_OUTCOMES = {
    RemarkOutcome.SAID: N_("✅ 已点评"),
    RemarkOutcome.CHANGED: N_("✅ 已改点评"),
    RemarkOutcome.ALREADY: N_("ℹ️ 刚才已经这样点评过，没有重发"),
}


def remark_news(said: SaidRemark, place: Place, language: str) -> Screen:
    """What the tier above says, to those who read the division's report."""
    _ = translator(language)
    remark = said.remark
    head = _("💬 {above}点评{place} {day}日报：{mark}").format(
        above=place(remark.from_code),
        place=place(remark.division_code),
        day=day_words(remark.day, language),
        mark=mark_words(remark.mark, language),
    )
    lines = [bold(head)]
    if remark.words:
        lines.append(quote(remark.words))
    lines.append(f"—— {name(said.by)}")
    look = DailyView(remark.division_code, written(remark.day), Period.DAY)
    return Screen("\n".join(lines), Inline(((Button(_("📊 看日报"), look.encode()),),)))


def file_caption(report: DailyReport, place: Place, language: str, zone: tzinfo = BEIJING) -> str:
    """What stands under a file."""
    _ = translator(language)
    time = _("{since} 至 {until}").format(
        since=day_clock(report.span.since, zone), until=day_clock(report.span.until, zone)
    )
    return f"{bold(title(report, place, language))}\n{time}"


def file_name(report: DailyReport, place: Place, kind: FileKind, language: str) -> str:
    """敦化市日报20261129.xlsx; without what no file system takes."""
    _ = translator(language)
    days = written(report.day)
    if report.period is not Period.DAY:
        days = f"{written(report.days[0])}-{days}"
    called = f"{place(report.division_code)}{_(TITLES[report.period])}{days}"
    return "".join("_" if mark in '/\\:*?"<>|' else mark for mark in called) + f".{kind.value}"


def coming(language: str) -> str:
    """A toast: the file is being made."""
    _ = translator(language)
    return _("正在生成，稍后发来")
