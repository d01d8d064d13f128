"""Warnings planned in stages: asked for, previewed, shown; and the question before each stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.model import Draft, Level
from alerts.stages.plan import Plan, PlanState, Stage, StagePreview, StageState, StoredPlan
from bot.actions.release import ReleaseStep, ReleaseTap
from bot.actions.stages import PlanStep, PlanTap, StageAct, StageTap
from bot.actions.warnings import LookAt
from bot.locale import N_, translator
from bot.views.clock import BEIJING, clock, day_clock
from bot.views.clock import lead as lead_words
from bot.views.screen import Button, ForceReply, Inline, Screen, bold, escape
from bot.views.vocabulary import grade_name, headline, level_mark
from bot.views.warnings.parts import (
    body,
    confirm_words,
    exercise_mark,
    on_button,
    plain_title,
    title,
)

_STATES = {
    StageState.WAITING: N_("待发布"),
    StageState.ASKED: N_("等您决定"),
    StageState.RELEASED: N_("已发布"),
    StageState.SKIPPED: N_("已跳过"),
    StageState.OVERTAKEN: N_("已被后面的阶段代替"),
    StageState.MISSED: N_("过时未发"),
    StageState.CANCELLED: N_("已取消"),
}
_MARKS = {
    StageState.WAITING: "⏳",
    StageState.ASKED: "❓",
    StageState.RELEASED: "✅",
    StageState.SKIPPED: "⏭",
    StageState.OVERTAKEN: "➖",
    StageState.MISSED: "⚠️",
    StageState.CANCELLED: "✖️",
}
ONSET_HOURS = (6, 12, 24, 48, 72, 168)


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan with the name of its area, and whether its reader may decide about it."""

    stored: StoredPlan
    place: str
    decides: bool
    by: str = ""  # who planned it
    waits: bool = False  # a stage of it waits for a second person


def stage_name(minutes: int, language: str) -> str:
    """A stage: 提前 3 天, 提前 6 小时."""
    return translator(language)("提前 {lead}").format(lead=lead_words(minutes, language))


def stage_lines(plan: Plan, language: str, zone: tzinfo = BEIJING) -> list[str]:
    """The stages of a plan, a line each (HTML)."""
    _ = translator(language)
    lines = []
    for stage in plan.stages:
        line = f"{_MARKS[stage.state]} {stage_name(stage.lead, language)} · " + day_clock(
            plan.due_at(stage), zone
        )
        line += " · " + _(_STATES[stage.state])
        if stage.decided_at is not None and stage.state in (
            StageState.RELEASED,
            StageState.SKIPPED,
        ):
            line += " " + clock(stage.decided_at, zone)
        lines.append(line)
    return lines


def plan_line(plan: Plan, language: str, zone: tzinfo = BEIJING) -> str:
    """How a plan stands, in one line for cards (HTML): which stage runs, which comes next."""
    _ = translator(language)
    parts = []
    if plan.current is not None:
        parts.append(_("已发布到「{stage}」").format(stage=stage_name(plan.current.lead, language)))
    if plan.open:
        words = _("下一阶段「{stage}」{time}")
        following = plan.open[0]
        parts.append(
            words.format(
                stage=stage_name(following.lead, language),
                time=day_clock(plan.due_at(following), zone),
            )
        )
    elif plan.state is PlanState.CANCELLED:
        parts.append(_("计划已取消"))
    return "🗓 " + _("分阶段：") + _("；").join(parts or [_("没有待发的阶段")])


def ask_onset(draft_line: str, language: str) -> Screen:
    """Ask when it is expected: hours from now by button, or any time by typing.

    :param draft_line: which warning (HTML).
    """
    _ = translator(language)
    lines = [draft_line] if draft_line else []
    lines += [
        bold(_("🗓 预计什么时候发生？")),
        _("按下面的，或直接打字，如：明天14时、周五 14:00、7月3日14时、30小时后。"),
    ]
    buttons = [
        Button(
            _("{lead}后").format(lead=lead_words(hours * 60, language)),
            PlanTap(PlanStep.ONSET, str(hours)).encode(),
        )
        for hours in ONSET_HOURS
    ]
    stop = Button(_("✖️ 取消"), PlanTap(PlanStep.STOP).encode())
    return Screen("\n".join(lines), Inline((tuple(buttons[:3]), tuple(buttons[3:]), (stop,))))


def onset_unclear(text: str, language: str) -> Screen:
    """What was typed is no time."""
    _ = translator(language)
    words = _("没有看懂「{text}」是什么时候。请写如：明天14时、周五 14:00、7月3日14时、30小时后。")
    return Screen(words.format(text=escape(text[:30])), ForceReply())


def plan_preview(
    draft: Draft,
    onset_at: datetime,
    stages: Sequence[StagePreview],
    place: str,
    language: str,
    *,
    nonce: str,
    by_itself: bool,
    now: datetime,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The plan before it is kept: each stage with its time, level, audience and actions."""
    _ = translator(language)
    mark = exercise_mark(draft.exercise, language)
    words = headline(draft.level, draft.hazard, place, language)
    lines = [
        bold(f"{mark} {_('分阶段计划，确认前请核对')}".strip()),
        bold(f"{level_mark(draft.level)} {words}"),
        _("🕒 预计 {time} 发生").format(time=day_clock(onset_at, zone)),
        "",
        body(draft, language),
    ]
    for stage in stages:
        at = _("现在") if stage.due_at <= now else day_clock(stage.due_at, zone)
        grade = grade_name(draft.hazard, stage.level, language)
        lines += [
            "",
            bold(f"{level_mark(stage.level)} {stage_name(stage.lead, language)} · {at}"),
            _("{grade}，叫应 {persons} 人").format(grade=grade, persons=stage.persons),
        ]
        if stage.actions:
            lines.append(escape(_(stage.actions)))
    lines += [
        "",
        _("🤖 到时间自动发布，不再问我")
        if by_itself
        else _("🙋 每一阶段发布前先问我（不回答就不发）"),
    ]
    if any(stage.second_person for stage in stages):
        lines.append(_("🔐 须第二人确认的阶段，到时由第二名指挥员确认后才发出。"))
    if draft.exercise:
        lines.append(_("这是演练：每条消息都带【演练】。"))
    first, level = stages[0], draft.level
    counted = _("{count}个阶段").format(count=len(stages))
    if by_itself and first.due_at <= now:  # it goes out with this tap
        level, counted = first.level, _("叫应{persons}人").format(persons=first.persons)
    confirm = _confirm(_("✅ 确认计划"), draft, level, place, counted, language)
    switch = _("改为每次先问我") if by_itself else _("改为到时自动发")
    return Screen(
        "\n".join(lines),
        Inline(
            (
                (Button(confirm, PlanTap(PlanStep.CONFIRM, nonce).encode()),),
                (Button(switch, PlanTap(PlanStep.SELF, "0" if by_itself else "1").encode()),),
                (
                    Button(_("🕒 改时间"), PlanTap(PlanStep.ONSET).encode()),
                    Button(_("✖️ 取消"), PlanTap(PlanStep.STOP).encode()),
                ),
            )
        ),
    )


def plan_screen(shown: ShownPlan, language: str, zone: tzinfo = BEIJING, note: str = "") -> Screen:
    """A plan: its stages and what became of each; and what can be done with it.

    :param note: HTML that stands above it.
    """
    _ = translator(language)
    stored, plan = shown.stored, shown.stored.plan
    lines = [note, ""] if note else []
    lines += [
        title(stored.draft, shown.place, language),
        _("🗓 分阶段计划 {number} · 预计 {time} 发生").format(
            number=stored.id, time=day_clock(plan.onset_at, zone)
        ),
    ]
    if shown.by:
        lines.append(f"👤 {escape(shown.by)}")
    lines += ["", *stage_lines(plan, language, zone)]
    if plan.state is PlanState.CANCELLED:
        lines += ["", bold(_("✖️ 计划已取消，后面的阶段不再发布"))]
    elif plan.state is PlanState.DONE:
        lines += ["", bold(_("☑️ 没有待发的阶段了"))]
    elif shown.waits:
        lines += ["", _("🔐 这一阶段等第二人确认后发出；没有确认的，到时间再问")]
    elif plan.by_itself:
        lines += ["", _("🤖 到时间自动发布")]
    else:
        lines += ["", _("🙋 每一阶段发布前先问")]
    rows: list[tuple[Button, ...]] = []
    if stored.running and shown.decides:
        rows += _plan_rows(stored, language)
    if stored.alert_id is not None:
        rows.append((Button(_("📊 看预警"), LookAt(stored.alert_id).encode()),))
    return Screen("\n".join(lines), Inline(tuple(rows)) if rows else None)


def _plan_rows(stored: StoredPlan, language: str) -> list[tuple[Button, ...]]:
    _ = translator(language)

    def button(words: str, act: StageAct, lead: int | None = None) -> Button:
        return Button(words, StageTap(stored.id, act, lead).encode())

    following = stored.plan.open[0]
    stage = stage_name(following.lead, language)
    by_itself = stored.plan.by_itself
    return [
        (button(_("📣 现在发布「{stage}」…").format(stage=stage), StageAct.LOOK, following.lead),),
        (
            button(_("⏭ 跳过这一阶段"), StageAct.SKIP, following.lead),
            button(_("🕒 改时间"), StageAct.MOVE),
        ),
        (button(_("🚨 现在全部叫应"), StageAct.ALL),),
        (
            button(_("改为每次先问"), StageAct.ASK)
            if by_itself
            else button(_("改为到时自动发"), StageAct.SELF),
            button(_("✖️ 取消计划"), StageAct.CANCEL),
        ),
    ]


def ask_stage(
    shown: ShownPlan,
    stage: Stage,
    persons: int,
    told: Draft,
    language: str,
    *,
    again: bool,
    late: bool,
    zone: tzinfo = BEIJING,
) -> Screen:
    """Before a stage: is it to go out?

    :param told: what it would say, at the level that it has by then.
    :param again: it is due now; ``late``: it should have gone out by itself, and did not.
    """
    _ = translator(language)
    stored = shown.stored
    due = day_clock(stored.plan.due_at(stage), zone)
    name = stage_name(stage.lead, language)
    if late:
        head = _("❗ 「{stage}」阶段（{time}）没有自动发出，现在还发吗？")
    elif again:
        head = _("❗ 「{stage}」阶段到时间了（{time}），还没有决定：发不发？")
    else:
        head = _("🗓 「{stage}」阶段 {time} 到时间：发不发？")
    lines = [
        bold(head.format(stage=name, time=due)),
        title(told, shown.place, language),
        _("🕒 预计 {time} 发生").format(time=day_clock(stored.plan.onset_at, zone)),
        "",
        escape("\n".join(_(line) for line in told.text.splitlines())),
        "",
        _("👥 将叫应 {persons} 人").format(persons=persons),
    ]
    rows: list[tuple[Button, ...]] = []
    if shown.decides:
        send = confirm_words(told, shown.place, persons, language)
        rows = [
            (Button(send, StageTap(stored.id, StageAct.RELEASE, stage.lead).encode()),),
            (
                Button(_("⏭ 不发"), StageTap(stored.id, StageAct.SKIP, stage.lead).encode()),
                Button(_("🗓 看计划"), StageTap(stored.id, StageAct.SHOW).encode()),
            ),
        ]
    return Screen("\n".join(lines), Inline(tuple(rows)) if rows else None)


def _confirm(
    doing: str, draft: Draft, level: Level, place: str, counted: str, language: str
) -> str:
    """A button that releases, or plans to: which level, where, how many; read last."""
    _ = translator(language)
    return _("{doing} {mark}{level}·{place}·{counted}").format(
        doing=doing,
        mark=level_mark(level),
        level=grade_name(draft.hazard, level, language).removesuffix("色"),
        place=on_button(place, language),
        counted=counted,
    )


def ask_cancel_plan(shown: ShownPlan, language: str) -> Screen:
    """Ask whether the plan is off."""
    _ = translator(language)
    stored = shown.stored
    lines = [
        bold(_("确定取消这个分阶段计划？")),
        title(stored.draft, shown.place, language),
        _("后面的阶段不再发布。已发出的预警照旧有效，要解除请另按「解除预警」。"),
    ]
    yes = Button(_("✖️ 确定取消计划"), StageTap(stored.id, StageAct.CANCEL_NOW).encode())
    back = Button(_("⬅️ 返回"), StageTap(stored.id, StageAct.SHOW).encode())
    return Screen("\n".join(lines), Inline(((yes,), (back,))))


def ask_everything(shown: ShownPlan, persons: int, language: str) -> Screen:
    """Ask whether the whole warning goes out now."""
    _ = translator(language)
    stored = shown.stored
    lines = [
        bold(_("不等后面的阶段，现在全部叫应？")),
        title(stored.draft, shown.place, language),
        _("👥 将叫应 {persons} 人").format(persons=persons),
        _("后面的阶段不再发布。"),
    ]
    draft, counted = stored.draft, _("{persons}人").format(persons=persons)
    words = _confirm(_("🚨 全部叫应"), draft, draft.level, shown.place, counted, language)
    yes = Button(words, StageTap(stored.id, StageAct.ALL_NOW).encode())
    back = Button(_("⬅️ 返回"), StageTap(stored.id, StageAct.SHOW).encode())
    return Screen("\n".join(lines), Inline(((yes,), (back,))))


LISTED = 8


def plan_list(plans: Sequence[ShownPlan], language: str, zone: tzinfo = BEIJING) -> Screen:
    """Answer to /stages: the plans that run, and how to make one."""
    _ = translator(language)
    lines = [bold(_("🗓 分阶段预警"))]
    rows = []
    for shown in plans[:LISTED]:
        stored = shown.stored
        name = plain_title(stored.draft, shown.place, language)
        lines += [f"• {escape(name)}", "　" + plan_line(stored.plan, language, zone)]
        rows.append(
            (
                Button(
                    _("🗓 {title}").format(title=name),
                    StageTap(stored.id, StageAct.SHOW).encode(),
                ),
            )
        )
    if len(plans) > LISTED:
        lines.append(_("……另有 {count} 个").format(count=len(plans) - LISTED))
    if not plans:
        lines.append(_("现在没有进行中的计划。"))
    lines += [
        "",
        _("一行计划：<code>/stages 橙 暴雨 敦化市 明天14时</code>"),
        _("或在发布预警的「预计多久内发生」一步选「分阶段」。"),
    ]
    start = Button(_("⚠️ 用按钮发布"), ReleaseTap(ReleaseStep.START).encode())
    return Screen("\n".join(lines), Inline((*rows, (start,))))


def plan_lost(language: str) -> Screen:
    """A button of a plan that is not being made any more."""
    _ = translator(language)
    return Screen(_("这一步已失效，没有保存计划。重新开始请发 /stages。"))


def plan_stopped(language: str) -> Screen:
    """The plan is not made."""
    return Screen(translator(language)("没有保存计划，没有发布任何预警。"))


def stage_button(language: str) -> Button:
    """In the wizard's question for the lead time: plan it in stages."""
    return Button(translator(language)("🗓 分阶段发布…"), PlanTap(PlanStep.START).encode())
