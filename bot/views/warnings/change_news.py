"""What changed of a warning, in words: to whoever goes on, whom it is no more for, in groups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from alerts.calls import Included
from alerts.expiry.model import minute_of
from alerts.lifecycle import ChangeKind, Terms
from alerts.model import Alert, Hazard, Level
from bot.locale import translator
from bot.views.clock import BEIJING, clock, day_clock, lead
from bot.views.screen import Screen, bold, escape, name
from bot.views.vocabulary import grade_name, level_mark, level_name, with_thing
from bot.views.warnings.call import answer_button
from bot.views.warnings.left_out import no_more_for_group, no_more_here, nothing_to_do
from bot.views.warnings.parts import heading, holds_until


def raised_line(hazard: Hazard, before: Level, now: Level, language: str) -> str:
    """That the level rose, in bold (HTML): ⬆️ 由橙色升级为红色; of a response ⬆️ 由Ⅲ级提升至Ⅱ级."""
    return bold(f"⬆️ {raised_words(hazard, before, now, language)}")


def raised_words(hazard: Hazard, before: Level, now: Level, language: str) -> str:
    """The same, plain: 由橙色升级为红色."""
    _ = translator(language)
    words = _("由{before}提升至{now}") if hazard.response else _("由{before}升级为{now}")
    return words.format(
        before=grade_name(hazard, before, language), now=grade_name(hazard, now, language)
    )


def next_stage_line(terms: Terms, language: str) -> str:
    """That the next stage of what was planned runs, in bold (HTML): ⏩ 进入「提前 6 小时」阶段."""
    _ = translator(language)
    if not terms.stage:
        return bold(_("⏩ 不等后面的阶段，现在全部叫应"))
    words = _("⏩ 进入「提前 {lead}」阶段")
    return bold(words.format(lead=lead(terms.stage, language)))


def what_changed(
    before: Terms,
    after: Terms,
    kinds: Sequence[ChangeKind],
    language: str,
    *,
    hazard: Hazard,
    added: Sequence[str] = (),
    removed: Sequence[str] = (),
    zone: tzinfo = BEIJING,
) -> list[str]:
    """What changed of a warning, a line for each (HTML).

    :param added: the names of the areas or places that it is for besides; ``removed``: no more.
    """
    _ = translator(language)
    lines = []
    if ChangeKind.UPGRADE in kinds:
        lines.append(raised_line(hazard, before.level, after.level, language))
    if ChangeKind.STAGE in kinds:
        lines.append(next_stage_line(after, language))
    if ChangeKind.DOWNGRADE in kinds:
        words = _("⬇️ 由{before}降低至{now}") if hazard.response else _("⬇️ 由{before}降为{now}")
        lines.append(
            bold(
                words.format(
                    before=grade_name(hazard, before.level, language),
                    now=grade_name(hazard, after.level, language),
                )
            )
        )
    if ChangeKind.ADD_AREA in kinds:
        lines.append(_("➕ 增加：{places}").format(places=_names(added, language)))
    if ChangeKind.NARROW in kinds:
        lines.append(_("➖ 不再包括：{places}").format(places=_names(removed, language)))
    if after.description != before.description:
        lines.append(_("✏️ 内容更正为：") + "\n" + escape(after.description))
    if after.lead_minutes != before.lead_minutes and after.lead_minutes:
        within = lead(after.lead_minutes, language)
        lines.append(_("⏱ 预计 {lead}内发生").format(lead=within))
    if minute_of(after.expires_at) != minute_of(before.expires_at):
        words = _("⏱ 有效期改为至 {now}（原 {before}）")
        if after.expires_at > before.expires_at:
            words = _("⏱ 有效期延长至 {now}（原 {before}）")
        lines.append(
            words.format(
                now=day_clock(after.expires_at, zone), before=day_clock(before.expires_at, zone)
            )
        )
    return lines


MOST_NAMES = 5
"""Areas named in a line (ours)."""


def _names(names: Sequence[str], language: str) -> str:
    _ = translator(language)
    shown = "、".join(name(one) for one in names[:MOST_NAMES])
    if len(names) > MOST_NAMES:
        shown += _("等{count}处").format(count=len(names))
    return shown


def changed_message(
    alert: Alert,
    lines: Sequence[str],
    language: str,
    place: str,
    *,
    call_id: int | None,
    answered: bool,
    posts: str = "",
    by: str = "",
    included: Included | None = None,
    moved: bool = False,
    over: str = "",
    zone: tzinfo = BEIJING,
) -> Screen:
    """To whoever goes on: only what changed. Who has not answered finds the button here, too.

    :param lines: of ``what_changed``.
    :param call_id: of the reader; ``None`` in a group.
    :param posts: where the reader answers for, if that is several places.
    :param included: as for ``call_message``.
    :param moved: it was lowered, and people were to move before, or to prepare for it.
    :param over: what became of it since, in place of how long it holds.
    """
    _ = translator(language)
    head = with_thing(_("📝 {thing}有变化"), alert.hazard, language)
    parts = [heading(alert, bold(head), place, language), "\n".join(lines)]
    if posts:
        parts.append(bold(_("📍 您负责：{places}（一次回应，各处都算）").format(places=posts)))
    at = _("{time} 更新").format(time=clock(alert.changed_at, zone))
    parts.append(f"{at} 👤 {escape(by)}" if by else at)
    if moved:
        # Whoever was moved away must not read "lowered" as "go home".
        parts.append(_("已转移的群众：未接到返回通知，不得返回。"))
    if over:
        parts.append(bold(over))
    elif not any(day_clock(alert.expires_at, zone) in line for line in lines):
        parts.append(holds_until(alert, language, zone))
    if call_id is None:
        return Screen("\n\n".join(parts))
    if answered:
        parts.append(_("您已回应，不用再按。要做什么，看上面那一条（已更新）。"))
        return Screen("\n\n".join(parts))
    parts.append(bold("👇 " + _("看到请立即按「收到」")))
    return Screen("\n\n".join(parts), answer_button(alert, call_id, language, zone, included))


def narrowed_message(
    alert: Alert,
    language: str,
    place: str,
    *,
    by: str = "",
    group: bool = False,
    still: Sequence[str] = (),
    relieved: bool = False,
    moved: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """It is no more for where the reader is: what follows, and which other warnings hold there.

    :param still: the titles (HTML) of those.
    :param relieved: a response was lowered, and its list has the reader no more.
    :param moved: a version of the warning had people move, or prepare to.
    """
    _ = translator(language)
    shout = (no_more_for_group if group else no_more_here)(alert.hazard, language)
    rest = nothing_to_do(alert.hazard, language)
    if relieved:
        shout = _("➖ 响应等级降低，不再叫应您")
    if not alert.in_force:  # it ended before this left
        rest = _("不用再执行，也不用再回应。")
    lines = [heading(alert, bold(shout), place, language), ""]
    lines.append(rest)
    if moved:
        lines.append(_("已转移的群众：未接到返回通知，不得返回。"))
    if group:
        lines.append(_("请互相转告。"))
    lines += still_in_force(still, language)
    at = _("{time} 更新").format(time=clock(alert.changed_at, zone))
    lines += ["", f"{at} 👤 {escape(by)}" if by else at]
    return Screen("\n".join(lines))


def still_in_force(titles: Sequence[str], language: str) -> list[str]:
    """Which other warnings go on for the reader (HTML); nothing where none does."""
    if not titles:
        return []
    _ = translator(language)
    return ["", bold(_("❗ 下面的预警仍然有效，继续执行：")), *titles]


def level_words(level: Level, language: str) -> str:
    """A level with its mark: 🔴 红色."""
    return f"{level_mark(level)} {level_name(level, language)}"
