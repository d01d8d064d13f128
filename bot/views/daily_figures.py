"""The figures of a day in words: what was, what is left; nothing of what was not. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from alerts.loop.daily.figures import Figure, Figures
from bot.locale import N_, translator
from bot.views.clock import span
from bot.views.figures import moved_figures, percent

NAMES: Mapping[Figure, str] = {
    Figure.WARNINGS: N_("发布预警（条）"),
    Figure.CALLS: N_("叫应（人次）"),
    Figure.ANSWERED: N_("回应（人次）"),
    Figure.PROXIED: N_("其中代答"),
    Figure.WAITING: N_("未回应"),
    Figure.UNREACHABLE: N_("其中联系不上"),
    Figure.EXERCISE_CALLS: N_("演练叫应"),
    Figure.EXERCISE_ANSWERED: N_("演练回应"),
    Figure.REPORTS: N_("反馈（人次）"),
    Figure.CANNOT: N_("无法执行"),
    Figure.HELP: N_("需要支援"),
    Figure.HELP_OPEN: N_("求援未解决"),
    Figure.HOUSEHOLDS: N_("转移（户）"),
    Figure.PERSONS: N_("转移（人）"),
    Figure.TARGET_HOUSEHOLDS: N_("应转（户）"),
    Figure.TARGET_PERSONS: N_("应转（人）"),
    Figure.EVACUATED_HOUSEHOLDS: N_("累计已转（户）"),
    Figure.EVACUATED_PERSONS: N_("累计已转（人）"),
    Figure.AWAY_HOUSEHOLDS: N_("已在外（户）"),
    Figure.AWAY_PERSONS: N_("已在外（人）"),
    Figure.LEFT_HOUSEHOLDS: N_("未转（户）"),
    Figure.LEFT_PERSONS: N_("未转（人）"),
    Figure.CUT_OFF: N_("三断村"),
    Figure.FIELD_REPORTS: N_("现场上报"),
    Figure.DISTRESS: N_("求救"),
    Figure.TASKS_NEW: N_("新增任务"),
    Figure.TASKS_DUE: N_("到期任务"),
    Figure.TASKS_DONE: N_("销号任务"),
    Figure.TASKS_OPEN: N_("未完成任务"),
    Figure.TASKS_OVERDUE: N_("超期任务"),
    Figure.TASKS_SUPERVISED: N_("挂牌督办"),
    Figure.PATROLLERS: N_("巡护（人次）"),
    Figure.POSITIONS: N_("报位（次）"),
    Figure.PATROL_SECONDS: N_("巡护（小时）"),
    Figure.HOTSPOTS: N_("新增热点"),
    Figure.HOTSPOTS_SETTLED: N_("已核查热点"),
    Figure.FIRES: N_("其中火情"),
    Figure.HOTSPOTS_OPEN: N_("未核查热点"),
    Figure.SILENT_SOURCES: N_("中断的信息源"),
    Figure.DUTY_GAPS: N_("值班空岗（次）"),
    Figure.DUTY_GAP_SECONDS: N_("空岗（小时）"),
}
"""Of each figure that is shown in a column of its own; two more make the share of routes."""

GROUPS: Mapping[str, tuple[Figure, ...]] = {
    N_("叫应"): (
        Figure.WARNINGS,
        Figure.CALLS,
        Figure.ANSWERED,
        Figure.PROXIED,
        Figure.WAITING,
        Figure.UNREACHABLE,
        Figure.EXERCISE_CALLS,
        Figure.EXERCISE_ANSWERED,
    ),
    N_("反馈、转移"): (
        Figure.REPORTS,
        Figure.CANNOT,
        Figure.HELP,
        Figure.HELP_OPEN,
        Figure.HOUSEHOLDS,
        Figure.PERSONS,
        Figure.TARGET_HOUSEHOLDS,
        Figure.TARGET_PERSONS,
        Figure.EVACUATED_HOUSEHOLDS,
        Figure.EVACUATED_PERSONS,
        Figure.AWAY_HOUSEHOLDS,
        Figure.AWAY_PERSONS,
        Figure.LEFT_HOUSEHOLDS,
        Figure.LEFT_PERSONS,
        Figure.CUT_OFF,
        Figure.FIELD_REPORTS,
        Figure.DISTRESS,
    ),
    N_("任务"): (
        Figure.TASKS_NEW,
        Figure.TASKS_DUE,
        Figure.TASKS_DONE,
        Figure.TASKS_OPEN,
        Figure.TASKS_OVERDUE,
        Figure.TASKS_SUPERVISED,
    ),
    N_("巡护"): (Figure.PATROLLERS, Figure.POSITIONS, Figure.PATROL_SECONDS),
    N_("热点"): (
        Figure.HOTSPOTS,
        Figure.HOTSPOTS_SETTLED,
        Figure.FIRES,
        Figure.HOTSPOTS_OPEN,
    ),
    N_("信息源、值班"): (Figure.SILENT_SOURCES, Figure.DUTY_GAPS, Figure.DUTY_GAP_SECONDS),
}
"""The figures by what they are about; answers' times are of the first, the share of the fourth."""

TROUBLES = (
    Figure.DISTRESS,
    Figure.WAITING,
    Figure.LEFT_PERSONS,
    Figure.HELP_OPEN,
    Figure.CUT_OFF,
    Figure.FIRES,
    Figure.HOTSPOTS_OPEN,
    Figure.TASKS_OVERDUE,
    Figure.TASKS_SUPERVISED,
    Figure.DUTY_GAPS,
    Figure.SILENT_SOURCES,
)
"""What a tier above looks at first, the gravest first."""


def figure_lines(figures: Figures, place: Callable[[str], str], language: str) -> Iterator[str]:
    """A line for each kind of thing that was.

    :param place: the name of a division.
    """
    _ = translator(language)
    for line in (
        _warnings(figures, language),
        _calls(figures, language),
        _seconds(figures, place, language),
        _exercises(figures, language),
        _reports(figures, language),
        _counted("🏠 ", figures, (Figure.HOUSEHOLDS, Figure.PERSONS), language, _moved),
        _evacuation(figures, language),
        _one(_("⛔ 三断 {count} 个村"), figures[Figure.CUT_OFF]),
        _tasks(figures, language),
        _patrol(figures, language),
        _hotspots(figures, language),
        _one(_("📷 现场上报 {count} 条"), figures[Figure.FIELD_REPORTS]),
        _one(_("🆘 求救 {count} 次"), figures[Figure.DISTRESS]),
        _one(_("📡 信息源中断 {count} 个"), figures[Figure.SILENT_SOURCES]),
        _gaps(figures, language),
    ):
        if line:
            yield line


def trouble_words(figures: Figures, language: str, most: int = 3) -> str:
    """What is wrong, in a few words, the gravest first; empty: nothing is."""
    _ = translator(language)
    found = [figure for figure in TROUBLES if figures[figure] > 0]
    words = _("，").join(f"{_(_short(figure))} {figures[figure]}" for figure in found[:most])
    return words + "…" if len(found) > most else words


def short_words(figures: Figures, language: str) -> str:
    """A division's day for a button: what is wrong, else who answered, else nothing."""
    _ = translator(language)
    if troubles := trouble_words(figures, language, 2):
        return troubles
    if figures[Figure.CALLS]:
        words = _("回应 {answered}/{calls}")
        return words.format(answered=figures[Figure.ANSWERED], calls=figures[Figure.CALLS])
    return _("平稳")


def gravity(figures: Figures) -> tuple[int, ...]:
    """What to sort by, the worst greatest."""
    return tuple(max(0, figures[figure]) for figure in TROUBLES)


def median_words(figures: Figures, language: str) -> str:
    """The median of the answers: 1 分 12 秒; empty without answers."""
    return "" if figures.median is None else span(figures.median, language)


def route_share(figures: Figures) -> str:
    """How much of their routes and zones those who were out have seen; empty: they have none."""
    cells = figures[Figure.ROUTE_CELLS]
    return percent(figures[Figure.ROUTE_VISITED], cells) if cells else ""


def hours(seconds: int) -> float:
    """For a column of numbers: hours, to a tenth."""
    return round(seconds / 3600, 1)


def day_words(day: date, language: str) -> str:
    """A day as it is read: 11月29日."""
    return f"{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%B}"


def _short(figure: Figure) -> str:
    return _SHORT.get(figure, NAMES[figure])


_SHORT = {
    Figure.TASKS_OVERDUE: N_("超期任务"),
    Figure.DUTY_GAPS: N_("值班空岗"),
    Figure.FIRES: N_("火情"),
    Figure.LEFT_PERSONS: N_("未转人数"),
}


def _one(words: str, count: int) -> str:
    return words.format(count=count) if count else ""


def _warnings(figures: Figures, language: str) -> str:
    _ = translator(language)
    return _one(_("⚠️ 发布预警 {count} 条"), figures[Figure.WARNINGS])


def _calls(figures: Figures, language: str) -> str:
    _ = translator(language)
    if not figures[Figure.CALLS] and not figures[Figure.ANSWERED] and not figures[Figure.WAITING]:
        return ""
    answered = _("回应 {count}").format(count=figures[Figure.ANSWERED])
    if figures[Figure.PROXIED]:
        answered += _("（代答 {count}）").format(count=figures[Figure.PROXIED])
    waiting = _("未回应 {count}").format(count=figures[Figure.WAITING])
    if figures[Figure.UNREACHABLE]:
        waiting += _("（联系不上 {count}）").format(count=figures[Figure.UNREACHABLE])
    parts = [answered] if figures[Figure.CALLS] or figures[Figure.ANSWERED] else []
    parts += [waiting] if figures[Figure.WAITING] else []
    if not figures[Figure.CALLS]:
        return _("📣 以前的叫应：{words}").format(words=_("，").join(parts))
    called = _("📣 叫应 {count} 人次").format(count=figures[Figure.CALLS])
    return _("，").join((called, *parts))


def _seconds(figures: Figures, place: Callable[[str], str], language: str) -> str:
    _ = translator(language)
    if figures.median is None or figures.slowest is None:
        return ""
    return _("⏱ 回应用时：半数在 {median}内，最慢 {slowest}（{place}）").format(
        median=median_words(figures, language),
        slowest=span(figures.slowest.seconds, language),
        place=place(figures.slowest.division_code),
    )


def _exercises(figures: Figures, language: str) -> str:
    _ = translator(language)
    if not figures[Figure.EXERCISE_CALLS] and not figures[Figure.EXERCISE_ANSWERED]:
        return ""
    words = _("🎯 演练：叫应 {calls}，回应 {answered}")
    return words.format(
        calls=figures[Figure.EXERCISE_CALLS], answered=figures[Figure.EXERCISE_ANSWERED]
    )


def _reports(figures: Figures, language: str) -> str:
    _ = translator(language)
    parts = [
        _("反馈 {count} 人次").format(count=figures[Figure.REPORTS])
        if figures[Figure.REPORTS]
        else "",
        _one(_("无法执行 {count}"), figures[Figure.CANNOT]),
        _one(_("需要支援 {count}"), figures[Figure.HELP]),
        _one(_("求援未解决 {count}"), figures[Figure.HELP_OPEN]),
    ]
    words = _("，").join(part for part in parts if part)
    return f"📝 {words}" if words else ""


def _counted(
    mark: str,
    figures: Figures,
    these: tuple[Figure, Figure],
    language: str,
    words: Callable[[int, int, str], str],
) -> str:
    first, second = (figures[figure] for figure in these)
    return mark + words(first, second, language) if first or second else ""


def _moved(households: int, persons: int, language: str) -> str:
    _ = translator(language)
    figures = moved_figures(households or None, persons or None, language)
    return _("转移 {figures}").format(figures=figures)


def _evacuation(figures: Figures, language: str) -> str:
    """How far the warnings with evacuation cards have got: 应转, 已转, 未转."""
    _ = translator(language)
    if not (figures[Figure.TARGET_HOUSEHOLDS] or figures[Figure.TARGET_PERSONS]):
        return ""

    def told(households: Figure, persons: Figure) -> str:
        return moved_figures(figures[households], figures[persons], language)

    parts = [
        _("🏘 应转 {target}").format(target=told(Figure.TARGET_HOUSEHOLDS, Figure.TARGET_PERSONS)),
        _("累计已转 {moved}").format(
            moved=told(Figure.EVACUATED_HOUSEHOLDS, Figure.EVACUATED_PERSONS)
        ),
    ]
    if figures[Figure.AWAY_HOUSEHOLDS]:
        words = _("已在外 {away}")
        parts.append(words.format(away=told(Figure.AWAY_HOUSEHOLDS, Figure.AWAY_PERSONS)))
    words = _("未转 {left}")
    parts.append(words.format(left=told(Figure.LEFT_HOUSEHOLDS, Figure.LEFT_PERSONS)))
    return _("，").join(parts)


def _tasks(figures: Figures, language: str) -> str:
    _ = translator(language)
    parts = [
        _one(_("新增 {count}"), figures[Figure.TASKS_NEW]),
        _one(_("到期 {count}"), figures[Figure.TASKS_DUE]),
        _one(_("销号 {count}"), figures[Figure.TASKS_DONE]),
        _one(_("未完成 {count}"), figures[Figure.TASKS_OPEN]),
        _one(_("超期 {count}"), figures[Figure.TASKS_OVERDUE]),
        _one(_("挂牌督办 {count}"), figures[Figure.TASKS_SUPERVISED]),
    ]
    words = _("，").join(part for part in parts if part)
    return _("📋 任务：{words}").format(words=words) if words else ""


def _patrol(figures: Figures, language: str) -> str:
    _ = translator(language)
    if not figures[Figure.PATROLLERS] and not figures[Figure.POSITIONS]:
        return ""
    parts = [
        _("🚶 巡护 {count} 人次").format(count=figures[Figure.PATROLLERS]),
        _("{hours} 小时").format(hours=hours(figures[Figure.PATROL_SECONDS])),
        _("报位 {count} 次").format(count=figures[Figure.POSITIONS]),
    ]
    if share := route_share(figures):
        parts.append(_("走过责任区 {share}").format(share=share))
    return _("，").join(parts)


def _hotspots(figures: Figures, language: str) -> str:
    _ = translator(language)
    settled = _one(_("已核查 {count}"), figures[Figure.HOTSPOTS_SETTLED])
    if figures[Figure.FIRES]:
        settled += _("（火情 {count}）").format(count=figures[Figure.FIRES])
    parts = [
        _one(_("新增 {count}"), figures[Figure.HOTSPOTS]),
        settled,
        _one(_("未核查 {count}"), figures[Figure.HOTSPOTS_OPEN]),
    ]
    words = _("，").join(part for part in parts if part)
    return _("🛰 热点：{words}").format(words=words) if words else ""


def _gaps(figures: Figures, language: str) -> str:
    _ = translator(language)
    if not figures[Figure.DUTY_GAPS]:
        return ""
    words = _("🪑 值班空岗 {count} 次，共 {time}")
    return words.format(
        count=figures[Figure.DUTY_GAPS], time=span(figures[Figure.DUTY_GAP_SECONDS], language)
    )
