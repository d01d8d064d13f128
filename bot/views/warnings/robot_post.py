"""A warning in a group of WeCom, Feishu or DingTalk: plain text, nothing to press."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from alerts.lifecycle import ChangeKind
from alerts.model import Alert
from bot.locale import translator
from bot.views.clock import BEIJING, ago
from bot.views.vocabulary import called_name, headline, kind_name, mark_of, thing_name
from bot.views.warnings.left_out import no_more_for_group
from bot.views.warnings.parts import exercise_mark, state_line
from bot.views.warnings.silent_list import SilentCall

NAMED = 30
"""Silent persons named in one post; the rest are counted."""


def robot_post(
    alert: Alert,
    place: str,
    sender: str,
    language: str,
    *,
    kinds: Sequence[ChangeKind] = (),
) -> str:
    """The warning.

    :param sender: in whose name it is released; may be empty.
    :param kinds: what was changed of it last, if anything was.
    """
    _ = translator(language)
    lines = [_title(alert, place, language)]
    if kinds:
        done = _("、").join(kind_name(kind, language) for kind in kinds)
        lines.append(
            _("📝 {thing}有变化：{kinds}").format(
                thing=thing_name(alert.hazard, language), kinds=done
            )
        )
    lines += [_(line) for line in alert.description.strip().splitlines() if line.strip()]
    if sender:
        lines.append(_("发布：{sender}").format(sender=sender))
    lines += [
        "",
        _(
            "被叫应的人请通过收到叫应的渠道回复（电话、短信、Telegram 等），"
            "在本群回复「收到」不算。"
        ),
    ]
    return "\n".join(lines)


def robot_chase(
    alert: Alert,
    place: str,
    silent: Sequence[SilentCall],
    language: str,
    *,
    total: int,
    minutes: int,
    longest: int,
) -> str:
    """Names those who have not answered; no telephone numbers: not all may read them.

    :param longest: bytes of UTF-8; as many are named as fit, the rest are counted.
    """
    _ = translator(language)
    head = [
        _title(alert, place, language),
        _("‼️ {time}了，还有 {total} 人没有回应").format(
            time=ago(60 * max(1, minutes), language), total=total
        ),
    ]
    names = [
        _("• {who}（{post}）").format(
            who=row.person.name,
            post=f"{row.place} {called_name(row.call, row.person, language)}",
        )
        for row in silent[:NAMED]
    ]
    asked = _(
        "请被点到的人立即通过收到叫应的渠道回复（电话、短信、Telegram 等），"
        "身边的人帮忙叫一声。在本群回复「收到」不算。"
    )
    while True:
        more = total - len(names)
        rest = [_("……另有 {count} 人").format(count=more)] if more > 0 else []
        text = "\n".join([*head, *names, *rest, asked])
        if len(text.encode()) <= longest or not names:
            return text
        names.pop()


def robot_over(alert: Alert, place: str, language: str, zone: tzinfo = BEIJING) -> str:
    """That the warning is over, or is no more for the group's division."""
    if alert.in_force:
        words = no_more_for_group(alert.hazard, language)
        return "\n".join((_title(alert, place, language), words))
    return "\n".join((_title(alert, place, language), state_line(alert, language, zone)))


def _title(alert: Alert, place: str, language: str) -> str:
    mark = exercise_mark(alert.exercise, language)
    words = headline(alert.level, alert.hazard, place, language)
    return f"{mark}{mark_of(alert.hazard, alert.level)} {words}"
