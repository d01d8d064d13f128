"""What an import of zones, danger levels, season dates or patrol hours prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from itertools import groupby
from typing import Any

from alerts.patrol.zones.zone_file import ZoneFileProblem, ZoneProblem, ZoneReason
from alerts.patrol.zones.zone_import import ZoneReport
from alerts.plans.importing import PlanReport
from alerts.plans.sheets import PLAN_COLUMNS, PlanKind
from alerts.rivers.river_file import TABLE_COLUMNS
from alerts.rivers.river_import import RiverReport
from bot.locale import N_, translator
from bot.views.roster.import_text import file_problem_text, reason_text
from contacts.divisions.gazetteer import Gazetteer
from contacts.roster.columns import Column
from contacts.roster.rows import SHOWN, RowProblem
from data.errors import InvalidInput

_ZONES: Mapping[ZoneReason, str] = {
    ZoneReason.NOT_A_FEATURE: N_("没有图形（geometry）"),
    ZoneReason.NO_NAME: N_("没有名称（name）"),
    ZoneReason.NAME_TOO_LONG: N_("名称有 {length} 个字，最多 {most} 个"),
    ZoneReason.NAME_TWICE: N_("与第 {other} 个重名（同一区划内名称不能重复）"),
    ZoneReason.NO_OWNER: N_("没有写给谁：请填区划代码（division_code）或电话（phones）"),
    ZoneReason.DIVISION_UNKNOWN: N_("没有区划“{text}”"),
    ZoneReason.PHONE_INVALID: N_("“{text}”不是电话号码"),
    ZoneReason.PERSON_UNKNOWN: N_("通讯录里没有电话 {text}：请先导入人员"),
    ZoneReason.MARK_UNKNOWN: N_("不认识坐标系“{text}”：请填 wgs84 或 gcj02"),
    ZoneReason.BUFFER_INVALID: N_("路线宽度（buffer_m）“{text}”不对：应为 1 到 {most} 米"),
    ZoneReason.ACTIVE_INVALID: N_("active 应为 true 或 false"),
    ZoneReason.NUMBER_INVALID: N_("序号“{text}”不对：应为从河源数起的整数"),
    ZoneReason.GEOMETRY_UNKNOWN: N_("图形“{text}”不能用：应为多边形或折线"),
    ZoneReason.TOO_MANY_POINTS: N_("有 {total} 个点，最多 {most} 个：请简化或拆开"),
    ZoneReason.NOT_NUMBERS: N_("坐标不是 [经度, 纬度] 数字"),
    ZoneReason.SWAPPED: N_("经纬度写反了（{lon:.4f}, {lat:.4f}）：应经度在前、纬度在后"),
    ZoneReason.NOT_DEGREES: N_("坐标（{lon:.0f}, {lat:.0f}）不是度：请用经纬度（WGS-84）"),
    ZoneReason.OUTSIDE_PROVINCE: N_("有点在省外（{lon:.4f}, {lat:.4f}）"),
    ZoneReason.UNCLOSED: N_("多边形没有闭合：最后一点应与第一点相同"),
    ZoneReason.TOO_FEW_POINTS: N_("点太少：多边形至少 4 个，路线至少 2 个"),
    ZoneReason.SELF_CROSSING: N_("边线自己交叉，在（{lon:.5f}, {lat:.5f}）附近"),
    ZoneReason.PARTS_OVERLAP: N_("各部分互相重叠，或洞在外圈之外"),
    ZoneReason.NO_LENGTH: N_("各点在同一处或同一直线上，围不成区域"),
}

_FILES: Mapping[Enum, str] = {
    ZoneFileProblem.NOT_GEOJSON: N_("{file} 不是 GeoJSON（FeatureCollection）"),
    ZoneFileProblem.NO_FEATURES: N_("{file} 里没有任何巡护区"),
    ZoneFileProblem.TOO_MANY_FEATURES: N_(
        "{file} 有 {total} 个图形，最多 {most} 个：请拆成几个文件"
    ),
}

_PLANS: Mapping[PlanKind, str] = {
    PlanKind.DANGER: N_("火险等级"),
    PlanKind.SEASON: N_("防火期"),
    PlanKind.SHIFTS: N_("巡护班次"),
    PlanKind.CLOSED: N_("禁火期"),
}


def patrol_file_text(error: InvalidInput, file: str, language: str) -> str:
    """One sentence about a file that cannot be used at all."""
    if isinstance(error.code, Enum) and error.code in _FILES:
        _ = translator(language)
        return _(_FILES[error.code]).format(file=file, **error.facts)
    return file_problem_text(error, language)


def zone_lines(report: ZoneReport, gazetteer: Gazetteer, language: str) -> Iterator[str]:
    """The whole answer to an import of zones."""
    _ = translator(language)
    if report.problems:
        for problem in report.problems[:SHOWN]:
            yield zone_problem_text(problem, report.file, language)
        yield from refused_lines(len(report.problems), SHOWN, language)
        return
    yield _("巡护区：新增 {new}，变更 {changed}，不变 {unchanged}").format(
        new=len(report.new), changed=len(report.changed), unchanged=report.unchanged
    )
    if report.converted:
        yield _("其中 {count} 个已从 GCJ-02 换算为 WGS-84。").format(count=report.converted)
    for zone in report.far[:SHOWN]:
        yield _("⚠️ 「{name}」离{county}有 {km} 公里：是不是画错了地方，或写错了区划？").format(
            name=zone.name, county=gazetteer.name(zone.county), km=round(zone.metres / 1000)
        )
    if report.chinese_map:
        yield _("⚠️ 文件由奥维画成：若用的是国内地图，坐标是 GCJ-02，差几百米，请加 --gcj02 重导。")
    yield ending_line(report.dry_run, report.written, report.file, language)


def river_lines(report: RiverReport, language: str) -> Iterator[str]:
    """The whole answer to an import of rivers."""
    _ = translator(language)
    if report.problems:
        for problem in report.problems[:SHOWN]:
            yield zone_problem_text(problem, report.file, language)
        yield from refused_lines(len(report.problems), SHOWN, language)
        return
    if report.rows is not None and report.rows.total:
        for cell in report.rows.shown:
            yield cell_problem_text(cell, TABLE_COLUMNS, report.file, language)
        yield from refused_lines(report.rows.total, len(report.rows.shown), language)
        return
    yield _("河段：新增 {new}，变更 {changed}，不变 {unchanged}").format(
        new=len(report.new), changed=len(report.changed), unchanged=report.unchanged
    )
    for river, parts in groupby((*report.new, *report.changed), key=lambda part: part.river):
        named = [f"{part.number} {part.name}" for part in parts]
        more = _("等{count}段").format(count=len(named)) if len(named) > _NAMED else ""
        yield f"  {river}: " + _("、").join(named[:_NAMED]) + more
    if report.converted:
        yield _("其中 {count} 个已从 GCJ-02 换算为 WGS-84。").format(count=report.converted)
    if report.chinese_map:
        yield _("⚠️ 文件由奥维画成：若用的是国内地图，坐标是 GCJ-02，差几百米，请加 --gcj02 重导。")
    if report.new and report.rows is None:
        yield _("线要按水流方向画（从河源到河口），同一条河的各段按序号从上到下。")
    yield ending_line(report.dry_run, report.written, report.file, language)


_NAMED = 8


def zone_problem_text(problem: ZoneProblem, file: str, language: str) -> str:
    """One line about one feature of a zone file that cannot be used."""
    _ = translator(language)
    facts = dict(problem.facts)
    reason = zone_reason_text(problem.reason, facts, language)
    if facts.get("suggestion"):
        reason += _("，是不是 {suggestion}？").format(suggestion=facts["suggestion"])
    if problem.name:
        words = _("{file} 第 {number} 个「{name}」：{reason}")
    else:
        words = _("{file} 第 {number} 个：{reason}")
    return words.format(file=file, number=problem.feature, name=problem.name, reason=reason)


def zone_reason_text(reason: ZoneReason, facts: Mapping[str, Any], language: str) -> str:
    """What is wrong with a drawing, in a clause."""
    _ = translator(language)
    if reason is ZoneReason.SELF_CROSSING and "lon" not in facts:
        return _("边线自己交叉")
    return _(_ZONES[reason]).format(**facts)


def plan_lines(report: PlanReport, language: str) -> Iterator[str]:
    """The whole answer to an import of danger levels, season dates or patrol hours."""
    _ = translator(language)
    if report.problems.total:
        for problem in report.problems.shown:
            yield plan_problem_text(problem, report.plan, report.file, language)
        yield from refused_lines(report.problems.total, len(report.problems.shown), language)
        return
    if report.ignored_columns:
        yield _("不用的列：{columns}").format(columns=", ".join(report.ignored_columns))
    yield _("{kind}：新增 {new}，变更 {changed}，不变 {unchanged}").format(
        kind=_(_PLANS[report.plan]),
        new=report.new,
        changed=report.changed,
        unchanged=report.unchanged,
    )
    yield ending_line(report.dry_run, report.written, report.file, language)


def plan_problem_text(problem: RowProblem, plan: PlanKind, file: str, language: str) -> str:
    """One line about one bad cell of a plan."""
    return cell_problem_text(problem, PLAN_COLUMNS[plan], file, language)


def cell_problem_text(
    problem: RowProblem, columns: Sequence[Column], file: str, language: str
) -> str:
    """One line about one bad cell of a file with these columns."""
    _ = translator(language)
    reason = reason_text(problem, language)
    if not problem.column:
        return _("{file} 第 {row} 行：{reason}").format(file=file, row=problem.row, reason=reason)
    column = next(known for known in columns if known.name == problem.column)
    label = f"{column.label}（{column.name}）" if language.startswith("zh") else column.name
    return _("{file} 第 {row} 行 {column}：{reason}").format(
        file=file, row=problem.row, column=label, reason=reason
    )


def refused_lines(total: int, shown: int, language: str) -> Iterator[str]:
    """Lines below the problems: how many there are, and that nothing was imported."""
    _ = translator(language)
    if total > shown:
        yield _("……另有 {more} 处未列出").format(more=total - shown)
    yield _("共 {total} 处有误，什么都没有导入。改好后再导入一次。").format(total=total)


def ending_line(dry_run: bool, written: bool, file: str, language: str) -> str:
    """The last line: whether anything was written."""
    _ = translator(language)
    if dry_run:
        return _("这是试运行，什么都没有写入。")
    if not written:
        return _("与已登记的完全相同，没有改动。")
    return _("已导入 {file}。").format(file=file)
