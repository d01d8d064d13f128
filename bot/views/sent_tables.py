"""A table that somebody sent in the chat: what it would do, what was done, why not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from alerts.loop.sent_tables import MOST_BYTES, Comparison
from alerts.loop.tasks.round_trip import RoundTrip
from alerts.loop.tasks.task_file import TASK_COLUMNS
from alerts.loop.tasks.task_import import TaskImport
from bot.actions.tables import TableLeave, TableTake
from bot.locale import translator
from bot.views.clock import BEIJING, day_clock
from bot.views.roster.evacuation_import_text import evacuation_file_text, sent_lines
from bot.views.roster.patrol_import_text import cell_problem_text
from bot.views.screen import Button, Inline, Screen, bold, cut, escape, shorten
from bot.views.tasks.round_trip_text import back_lines
from bot.views.tasks.words import list_name
from bot.views.vocabulary import role_name
from contacts.divisions.gazetteer import Gazetteer
from data.errors import InvalidInput

_SHOWN = 12
_LONGEST = 3_600


def preview(
    name: str,
    found: Comparison,
    gazetteer: Gazetteer,
    nonce: str,
    language: str,
    zone: tzinfo = BEIJING,
) -> Screen:
    """What a table would do, and the button that alone does it; or why nothing is done.

    :param name: of the file.
    """
    _ = translator(language)
    lines = lines_of(found, gazetteer, language, zone)
    if found.refused:
        title = bold(_("❌ {file}：有误，什么都没有写入").format(file=escape(shorten(name, 60))))
        return _screen(title, lines, _("改好后再发一次。"))
    title = bold(_("📄 {file}：导入前请核对").format(file=escape(shorten(name, 60))))
    if not found.anything:
        return _screen(title, lines, _("与已登记的完全相同，没有改动。"))
    if found.before is not None:
        at = day_clock(found.before, zone)
        lines.insert(0, _("⚠️ 这个文件 {time} 已导入过，再导会再列一遍。").format(time=at))
    words = _("✅ 确实如此，导入") if found.doubtful else _("✅ 导入")
    rows = (
        (Button(words, TableTake(nonce).encode()),),
        (Button(_("✖️ 不导入"), TableLeave(nonce).encode()),),
    )
    return _screen(title, lines, "", Inline(rows))


def done(
    name: str,
    found: Comparison,
    gazetteer: Gazetteer,
    language: str,
    zone: tzinfo = BEIJING,
) -> Screen:
    """It was written."""
    _ = translator(language)
    title = bold(_("✅ 已导入：{file}").format(file=escape(shorten(name, 60))))
    return _screen(title, lines_of(found, gazetteer, language, zone), "")


def lines_of(
    found: Comparison, gazetteer: Gazetteer, language: str, zone: tzinfo = BEIJING
) -> list[str]:
    """What stands in the file, line by line, plain."""
    _ = translator(language)
    lines = [_("第 {row} 行：不归您管").format(row=row) for row in found.outside[:_SHOWN]]
    if len(found.outside) > _SHOWN:
        lines.append(_("……另有 {more} 处未列出").format(more=len(found.outside) - _SHOWN))
    if found.cards is not None:
        return lines + sent_lines(found.cards, gazetteer, language)
    if found.back is not None:
        return lines + _back(found.back, language, zone)
    assert found.tasks is not None
    return lines + _tasks(found.tasks, gazetteer, language, zone)


def _tasks(found: TaskImport, gazetteer: Gazetteer, language: str, zone: tzinfo) -> list[str]:
    _ = translator(language)
    if found.problems.total:
        told = found.problems.shown[:_SHOWN]
        return [cell_problem_text(each, TASK_COLUMNS, "", language).strip() for each in told]
    lines = [_("清单任务：新增 {count} 项").format(count=len(found.rows))]
    for row in found.rows[:_SHOWN]:
        post = row.new.responsible
        lines.append(
            "· "
            + " ".join(
                filter(
                    None,
                    (
                        list_name(row.new.in_list, language),
                        shorten(row.new.title, 40),
                        gazetteer.name(post.division_code),
                        row.name or role_name(post.role, language),
                        day_clock(row.new.due_at, zone),
                    ),
                )
            )
        )
    if len(found.rows) > _SHOWN:
        lines.append(_("……另有 {more} 处未列出").format(more=len(found.rows) - _SHOWN))
    for row in found.vacant[:_SHOWN]:
        lines.append(_("第 {row} 行：责任岗位空缺，会发给上一级").format(row=row.row))
    if found.ignored_columns:
        names = ", ".join(found.ignored_columns)
        lines.append(_("不用的列：{columns}").format(columns=names))
    return lines


def _back(found: RoundTrip, language: str, zone: tzinfo) -> list[str]:
    return list(back_lines(found, language, zone))


def unreadable(error: InvalidInput, name: str, language: str) -> Screen:
    """The file as a whole cannot be used."""
    return Screen("❌ " + escape(evacuation_file_text(error, name, language)))


def too_large(name: str, language: str) -> Screen:
    """It is larger than what is taken in the chat."""
    _ = translator(language)
    words = _("❌ {file} 太大：聊天里的表格最多 {most} MB，请拆开再发，或由管理员用命令行导入。")
    return Screen(words.format(file=escape(shorten(name, 60)), most=MOST_BYTES // 1024 // 1024))


def not_had(language: str) -> Screen:
    """The file could not be fetched from Telegram."""
    return Screen(translator(language)("没有取到文件，什么都没有写入。请再发一次。"))


def left(language: str) -> Screen:
    """Nothing is written."""
    return Screen(translator(language)("✖️ 没有导入，什么都没有改。"))


def lost(language: str) -> str:
    """The button under a preview that waits no more: a toast."""
    return translator(language)("这个表格已经导入过，或超过 10 分钟了。要导入，请再发一次文件。")


def others_now(language: str) -> str:
    """What it would do is something else by now: a toast."""
    return translator(language)("核对以后有变化，没有写入。请看新的，再按一次。")


def _screen(title: str, lines: Sequence[str], end: str, keyboard: Inline | None = None) -> Screen:
    told = [escape(line) for line in lines]
    kept = [title, *told]
    while len(kept) > 2 and sum(map(len, kept)) > _LONGEST:
        kept.pop()
    if len(kept) <= len(told):
        kept.append("…")
    return Screen(cut("\n".join(filter(None, (*kept, end))), 4_000), keyboard)
