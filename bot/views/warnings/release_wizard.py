"""Releasing a warning by taps: level, hazard, area, text, lead time, preview."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import tzinfo

from alerts.model import WARNED_OF, Alert, Draft, Hazard, Level, State
from alerts.preview import Preview
from alerts.release import Released
from alerts.templates import lead_choices
from bot.actions.areas import WaterStep, WaterTap, list_below
from bot.actions.changes import DraftAsChange
from bot.actions.release import ReleaseStep, ReleaseTap, open_area
from bot.actions.responses import MENU, RaiseResponse
from bot.actions.warnings import LookAt, RefuseAlert, StatusOf
from bot.locale import translator
from bot.views.channels import ChannelTime, time_line
from bot.views.clock import BEIJING, day_clock, lead, span
from bot.views.division_menu import DivisionMenu, menu_rows
from bot.views.screen import (
    Button,
    ForceReply,
    Inline,
    Rows,
    Screen,
    bold,
    escape,
    quote,
    shorten,
)
from bot.views.vocabulary import (
    grade_name,
    hazard_name,
    headline,
    level_mark,
    level_name,
    state_name,
)
from bot.views.warnings.departments import wanted_line
from bot.views.warnings.parts import body, confirm_words, exercise_mark, plain_title, title
from bot.views.warnings.progress import nobody_to_call
from bot.views.warnings.proposal import Proposal, proposal_lines
from bot.views.warnings.stages import stage_button
from contacts.divisions.gazetteer import Candidate


def stop_button(language: str) -> Button:
    """The button that leaves the wizard."""
    _ = translator(language)
    return Button(_("✖️ 取消"), ReleaseTap(ReleaseStep.STOP).encode())


def ask_level(language: str, hazard: Hazard | None = None) -> Screen:
    """Step 1: ask for the colour; of a response, for its level."""
    _ = translator(language)
    of = Hazard.RAINSTORM if hazard is None else hazard
    rows = tuple(
        (
            Button(
                f"{level_mark(level)} {grade_name(of, level, language)}",
                ReleaseTap(ReleaseStep.LEVEL, level.value).encode(),
            ),
        )
        for level in Level
    )
    if of.response:
        text = bold(_("🚨 启动应急响应")) + "\n" + _("什么等级？")
        return Screen(text, Inline((*rows, (stop_button(language),))))
    text = bold(_("⚠️ 发布预警")) + "\n" + _("第 1 步：什么等级？")
    response = Button(_("🚨 应急响应…"), RaiseResponse(MENU).encode())
    return Screen(text, Inline((*rows, (response,), (stop_button(language),))))


def ask_hazard(level: Level, language: str) -> Screen:
    """Step 2: ask for the hazard."""
    _ = translator(language)
    buttons = [
        Button(hazard_name(hazard, language), ReleaseTap(ReleaseStep.HAZARD, hazard.value).encode())
        for hazard in WARNED_OF
    ]
    rows = [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
    text = f"{level_mark(level)} {level_name(level, language)}\n" + _("第 2 步：什么灾害？")
    return Screen(text, Inline((*rows, (stop_button(language),))))


def ask_text(
    level: Level, hazard: Hazard, language: str, place: str, texts: Sequence[str]
) -> Screen:
    """Step 4: ask for the text: one of the template's, or own words."""
    _ = translator(language)
    lines = [
        bold(f"{level_mark(level)} {headline(level, hazard, place, language)}"),
        _("发什么内容？") if hazard.response else _("第 4 步：发什么内容？"),
    ]
    buttons = []
    for number, text in enumerate(texts):
        lines += ["", f"<b>{number + 1}</b>", quote("\n".join(map(_, text.splitlines())))]
        shown = Button(
            _("用第 {number} 条").format(number=number + 1),
            ReleaseTap(ReleaseStep.TEXT, str(number)).encode(),
        )
        buttons.append(shown)
    own = Button(_("✏️ 自己写"), ReleaseTap(ReleaseStep.TEXT, "own").encode())
    rows = (tuple(buttons), (own,), (stop_button(language),))
    return Screen("\n".join(lines), Inline(tuple(row for row in rows if row)))


def ask_own_text(level: Level, hazard: Hazard, language: str, place: str, most: int) -> Screen:
    """Ask for the text in the commander's own words."""
    _ = translator(language)
    about = bold(f"{level_mark(level)} {headline(level, hazard, place, language)}")
    words = _("请写预警内容（最多 {most} 字）").format(most=most)
    hint = _("先写要做什么，再写为什么。例如：立即转移河边低洼处群众，今晚有暴雨。")
    if hazard.response:
        words = _("请写响应要求（最多 {most} 字）").format(most=most)
        hint = _("例如：各成员单位 20 时前到市指挥部集中。")
    return Screen(f"{about}\n{bold(words)}\n{hint}", ForceReply(_("立即转移…")))


def ask_lead(level: Level, hazard: Hazard, language: str, place: str) -> Screen:
    """Step 5: ask how much time is left, which decides what each post is told to do."""
    _ = translator(language)
    about = bold(f"{level_mark(level)} {headline(level, hazard, place, language)}")
    buttons = [
        Button(
            _("{lead}内").format(lead=lead(minutes, language)),
            ReleaseTap(ReleaseStep.LEAD, str(minutes)).encode(),
        )
        for minutes in lead_choices()
    ]
    none = Button(_("不写时间"), ReleaseTap(ReleaseStep.LEAD, "none").encode())
    last = ((none, stage_button(language)), (stop_button(language),))
    rows = (tuple(buttons[:3]), tuple(buttons[3:]), *last)
    asks = bold(_("第 5 步：预计多久内发生？"))
    text = "\n".join([about, asks, _("12 小时点名、6 小时预置、2 小时转移。")])
    return Screen(text, Inline(rows))


def preview(
    draft: Draft,
    counts: Preview,
    seconds: float,
    language: str,
    place: str,
    *,
    nonce: str = "",
    same: Sequence[tuple[Alert, str]] = (),
    where: str = "",
    signalled: bool = False,
    only: str = "",
    places: bool = False,
    channels: Sequence[ChannelTime] = (),
    zone: tzinfo = BEIJING,
    drawn: Sequence[str] = (),
    datum: Button | None = None,
) -> Screen:
    """The preview: what would go out, to how many, how soon; and the confirm button.

    :param seconds: to send it all at today's pace.
    :param nonce: of this draft, for the button.
    :param same: the same warnings already in force, with the names of their areas.
    :param where: the paths of the areas, when their names alone do not say where they lie.
    :param signalled: whether it may quote somebody's signal, which is chosen here.
    :param only: the places that it is for alone, in words.
    :param places: whether there are any in its areas, to choose from.
    :param channels: by which others than Telegram people are called.
    :param drawn: what is said of the drawing that its areas were taken from (HTML).
    :param datum: the button that reads the drawing in other coordinates.
    """
    _ = translator(language)
    # An exercise is marked once, at the very beginning, as every message about it will be.
    mark = exercise_mark(draft.exercise, language)
    words = headline(draft.level, draft.hazard, place, language)
    before = _("启动前请核对") if draft.hazard.response else _("发布前请核对")
    parts = [
        bold(f"{mark} {before}".strip()),
        bold(f"{level_mark(draft.level)} {words}") + (f"\n📍 {escape(where)}" if where else ""),
        body(draft, language),
    ]
    parts += _whom_and_when(draft, only, drawn, language)
    least = 1 if counts.persons else 0  # "0 seconds" for somebody reads like a mistake
    figures = [
        _("👥 将叫应 {persons} 人").format(persons=counts.persons),
        _("📱 其中 Telegram 能送达 {reachable} 人").format(reachable=counts.reachable),
        *wanted_line(counts.departments, language),
        _("💬 工作群 {groups} 个").format(groups=counts.groups),
        _("🚀 约 {span}发完").format(span=span(max(seconds, least), language)),
        *(time_line(told, language) for told in channels),
    ]
    if counts.persons > counts.reachable:
        words = _("⚠️ {count} 人联系不上，将直接转替补和值班员")
        figures.append(words.format(count=counts.persons - counts.reachable))
    figures += _never_proven(counts.unproven, language)
    figures += nobody_to_call(counts.uncalled, language)
    if counts.groups_refuse:
        figures.append(_("⚠️ {count} 个工作群联系不上").format(count=counts.groups_refuse))
    parts.append("\n".join(figures))
    if not counts.persons:
        parts.append(bold(_("⚠️ 这个区域没有可叫应的人，请先导入通讯录。")))
    if counts.second_person:
        parts.append(_("🔐 须由第二名指挥员确认后才会发出（全市全省，或一小时内合计相当于全市）。"))
    if signalled and not draft.issued_by:
        parts.append(_("📡 没有引用气象信号"))
    if draft.exercise:
        parts.append(_("这是演练：每条消息都带【演练】。"))
    elif _SAYS_EXERCISE.search(draft.text):
        parts.append(bold(_("❗ 内容写着演练，但这是正式的。要演练，请按「改为演练」。")))
    if same:
        parts.append("\n".join(_same_lines(same, language, zone)))
    asked = (draft, place, counts.persons, nonce, language)
    buttons = _preview_buttons(*asked, signalled=signalled, places=places, datum=datum)
    return Screen("\n\n".join(parts), _with_same(buttons, same, language))


def _whom_and_when(draft: Draft, only: str, drawn: Sequence[str], language: str) -> list[str]:
    """The places it is for alone, the time that is left, and the drawing of its area (HTML)."""
    _ = translator(language)
    parts = []
    if only:
        parts.append(bold(_("🎯 只叫应：{places}的责任人").format(places=only)))
    if draft.lead_minutes:
        parts.append(_("⏱ 预计 {lead}内发生").format(lead=lead(draft.lead_minutes, language)))
    if drawn:
        parts.append("\n".join(drawn))
    return parts


_SAYS_EXERCISE = re.compile(r"演练|演习|\b(?:exercise|drill)\b", re.IGNORECASE)

_SAME_SHOWN = 3


def _same_lines(
    same: Sequence[tuple[Alert, str]], language: str, zone: tzinfo = BEIJING
) -> list[str]:
    """The same warnings in force (HTML)."""
    _ = translator(language)
    lines = [
        bold(_("⚠️ 应急响应已经启动，再启动会重复叫应。请改为变更已有的："))
        if same[0][0].hazard.response
        else bold(_("⚠️ 同样的预警已经有了，再发会重复叫应。请改为变更已有的："))
    ]
    for alert, place in same[:_SAME_SHOWN]:
        at = day_clock(alert.released_at or alert.created_at, zone)
        what = plain_title(alert, place, language)
        lines.append(f"• {escape(what)} · {at} · {state_name(alert.state, alert.hazard, language)}")
    if len(same) > _SAME_SHOWN:
        lines.append(_("……另有 {count} 个").format(count=len(same) - _SAME_SHOWN))
    return lines


def _with_same(buttons: Inline, same: Sequence[tuple[Alert, str]], language: str) -> Inline:
    _ = translator(language)
    change = [
        (
            Button(
                _("✏️ 改为变更已有的 {title}").format(
                    title=plain_title(alert, shorten(place, 8), language)
                ),
                DraftAsChange(alert.id).encode(),
            ),
        )
        for alert, place in same[:_SAME_SHOWN]
        if alert.in_force and not alert.places
    ]
    look = [
        (
            Button(
                _("👀 看已有的 {title}").format(
                    title=plain_title(alert, shorten(place, 12), language)
                ),
                LookAt(alert.id).encode(),
            ),
        )
        for alert, place in same[:_SAME_SHOWN]
    ]
    return Inline((*change, *buttons.rows[:1], *look, *buttons.rows[1:]))


def preview_outdated(language: str) -> Screen:
    """What a preview becomes when its button is pressed after the draft was changed."""
    _ = translator(language)
    return Screen(_("这份预览已作废：内容后来改过，没有发出。请看最新的预览。"))


def released_now(
    released: Released,
    alert: Alert | Draft,
    language: str,
    place: str,
    proposal: Proposal | None = None,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """After the confirm button: released, or waiting for the second person."""
    _ = translator(language)
    lines = [title(alert, place, language)]
    if released.state is State.PENDING:
        lines.append(bold(_("⏳ 等待第二人确认，尚未发出")))
        if proposal is not None:
            lines += proposal_lines(proposal, language, zone)
        withdraw = Button(_("↩️ 撤回"), RefuseAlert(released.alert_id).encode())
        return Screen("\n".join(lines), Inline(((withdraw,),)))
    response = alert.hazard.response
    lines.append(bold(_("✅ 已启动") if response else _("✅ 已发布")))
    lines.append(
        _("叫应 {calls} 人，{groups} 个群").format(calls=released.calls, groups=released.groups)
    )
    look = Button(_("📊 看态势"), StatusOf(released.alert_id).encode())
    return Screen("\n".join(lines), Inline(((look,),)))


def stopped(language: str) -> Screen:
    """The wizard was left; nothing was released."""
    _ = translator(language)
    return Screen(_("没有发布。要重新开始，按「⚠️ 发布预警」。"))


def wizard_lost(language: str) -> Screen:
    """Answer to a button of a wizard that is over: another one began, or it was left."""
    _ = translator(language)
    start = Button(_("⚠️ 重新开始"), ReleaseTap(ReleaseStep.START).encode())
    return Screen(_("这一步已失效，没有发布任何预警。"), Inline(((start,),)))


def warn_usage(language: str) -> Screen:
    """How to release in one line."""
    _ = translator(language)
    example = "/warn 红 暴雨 敦化市 立即转移低洼地群众"
    lines = [
        bold(_("一行发布：等级 灾害 区域 内容")),
        f"<code>{example}</code>",
        _("等级：红、橙、黄、蓝。区域可写名称或 12 位代码，几个地方用「、」隔开。"),
        _("只叫水库、学校等：区域后写「所有水库」，或直接写地点名称。"),
        _("发出前会先给您核对。演练写作：/warn 演练 红 暴雨 …"),
    ]
    start = Button(_("⚠️ 用按钮发布"), ReleaseTap(ReleaseStep.START).encode())
    return Screen("\n".join(lines), Inline(((start,),)))


def _preview_buttons(
    draft: Draft,
    place: str,
    persons: int,
    nonce: str,
    language: str,
    *,
    signalled: bool,
    places: bool,
    datum: Button | None,
) -> Inline:
    _ = translator(language)
    confirm = confirm_words(draft, place, persons, language)
    switch = _("改为实战") if draft.exercise else _("改为演练")
    change = {
        "level": _("改等级"),
        "hazard": _("改灾害"),
        "area": _("改区域"),
        "text": _("改内容"),
        "lead": _("改时间"),
    }
    if draft.hazard.response:  # it is of one command, and of now
        change = {what: change[what] for what in ("level", "area", "text")}
    if signalled:
        change["signal"] = _("改信号来源")
    edits = [
        Button(words, ReleaseTap(ReleaseStep.CHANGE, what).encode())
        for what, words in change.items()
    ]
    if places or draft.places:
        edits.append(Button(_("🎯 改叫应谁"), ReleaseTap(ReleaseStep.PLACE).encode()))
    edits += [] if datum is None else [datum]
    more = Button(_("➕ 再加一个区域"), ReleaseTap(ReleaseStep.MORE).encode())
    exercise = Button(
        switch, ReleaseTap(ReleaseStep.EXERCISE, "0" if draft.exercise else "1").encode()
    )
    return Inline(
        (
            (Button(confirm, ReleaseTap(ReleaseStep.CONFIRM, nonce).encode()),),
            (exercise,) if draft.hazard.response else (exercise, more),
            *(tuple(edits[at : at + 3]) for at in range(0, len(edits), 3)),
            (stop_button(language),),
        )
    )


def ask_area(
    language: str,
    area: DivisionMenu,
    *,
    page: int = 0,
    level: Level,
    hazard: Hazard,
    chosen: str = "",
    waters: bool = False,
) -> Screen:
    """Step 3: ask for the area: take this division, tick some below it, or go to another.

    :param chosen: the areas so far, in words.
    :param waters: whether there are rivers or reservoirs to choose by.
    """
    _ = translator(language)
    lines = [
        f"{level_mark(level)} {hazard_name(hazard, language)} "
        + grade_name(hazard, level, language),
        _("第 3 步：哪个区域？也可以直接打字写名称，水库、学校等地点也行。"),
        _("几个村、几个乡镇可以勾选；画好的图形（GeoJSON、KML 文件）直接发来。"),
        bold(f"📍 {area.path}"),
    ]
    if chosen:
        lines.append(_("已选：{names}").format(names=escape(chosen)))
    here = Button(_("✅ 确认此区域"), ReleaseTap(ReleaseStep.HERE, area.code).encode())
    more = [Button(_("☑️ 勾选几个"), list_below(area.code).encode())] if area.children else []
    if waters:
        more.append(Button(_("🌊 河流、水库"), WaterTap(WaterStep.LIST).encode()))
    rows = [tuple(more)] if more else []
    rows += menu_rows(area, page, language, go=open_area)
    return Screen("\n".join(lines), Inline(((here,), *rows, (stop_button(language),))))


def draft_line(level: Level, hazard: Hazard, language: str, *, exercise: bool = False) -> str:
    """Which draft a question is about (HTML)."""
    _ = translator(language)
    if hazard.response:
        words = _("✏️ 草稿，未启动：{mark} {title}")
        return exercise_mark(exercise, language) + words.format(
            mark=level_mark(level), title=headline(level, hazard, "", language)
        )
    words = _("✏️ 草稿，未发布：{mark} {hazard}{level}预警")
    return exercise_mark(exercise, language) + words.format(
        mark=level_mark(level),
        hazard=hazard_name(hazard, language),
        level=level_name(level, language),
    )


def area_ambiguous(
    text: str,
    candidates: Sequence[Candidate],
    total: int,
    language: str,
    *,
    draft: str = "",
) -> Screen:
    """Ask which of several places of one name is meant.

    :param draft: which draft asks it (HTML).
    """
    _ = translator(language)
    wanted = shorten(text, 30)
    lines = [draft] if draft else []
    lines += [bold(_("「{text}」有 {total} 处，是哪一处？").format(text=wanted, total=total))]
    if total > len(candidates):
        lines.append(_("只列出前 {count} 处；写上县名会更准。").format(count=len(candidates)))
    return Screen("\n".join(lines), _choices(candidates, language))


def area_unknown(
    text: str,
    candidates: Sequence[Candidate],
    language: str,
    *,
    draft: str = "",
    in_line: bool = False,
) -> Screen:
    """There is no such place; perhaps one of these is meant.

    :param draft: which draft asks for it (HTML).
    :param in_line: it was written in a line, where it may be the beginning of the text.
    """
    _ = translator(language)
    words = _("没有找到「{text}」。").format(text=shorten(text, 30))
    lines = [draft] if draft else []
    lines += [bold(words), _("请写区划名称（如 敦化市、敦化市大石头镇）或 12 位代码。")]
    as_text: Rows = ()
    if in_line:
        words = _("✏️ 不是地名，是内容")
        as_text = ((Button(words, ReleaseTap(ReleaseStep.TEXT, "name").encode()),),)
    if not candidates and not in_line:
        return Screen("\n".join(lines))
    if candidates:
        lines.append(_("您是不是要找："))
    return Screen("\n".join(lines), _choices(candidates, language, as_text))


def _choices(candidates: Sequence[Candidate], language: str, more: Rows = ()) -> Inline:
    rows = [
        (Button(found.path, ReleaseTap(ReleaseStep.HERE, found.division.code).encode()),)
        for found in candidates
    ]
    return Inline((*rows, *more, (stop_button(language),)))


def _never_proven(count: int, language: str) -> list[str]:
    """Of whom Telegram does not reach: whose numbers nobody has proven yet."""
    words = translator(language)("　其中 {count} 人的号码、账号没有核实过")
    return [words.format(count=count)] if count else []
