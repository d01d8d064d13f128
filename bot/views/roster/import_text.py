"""What an import of the roster prints: problems, changes and counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from bot.locale import N_, translator
from bot.views.equipment import count_line
from bot.views.forgiving_facts import ForgivingFacts
from bot.views.roster.change_text import ChangeWords
from bot.views.roster.reading_text import missing_lines, open_lines, reading_lines
from bot.views.vocabulary import role_name
from contacts.divisions.boundary_file import BoundaryRefusal, BoundaryReport
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.groups import Group
from contacts.people import Person
from contacts.places import Place
from contacts.roster.changes import Changed, Unusual
from contacts.roster.columns import COLUMNS, RosterKind
from contacts.roster.importing import ImportReport
from contacts.roster.rows import RowProblem, RowReason
from data.errors import InvalidInput
from data.files import FileProblem
from data.geo.boundaries import BoundaryProblem
from data.geo.drawing_files import DrawingProblem

LISTED = 20
"""How many new or changed things a report names; the rest are counted."""

_REASONS: Mapping[RowReason, str] = {
    RowReason.MISSING: N_("不能为空"),
    RowReason.FORMULA: N_("是公式或计算错误“{text}”：请改成文字或数值"),
    RowReason.TEXT_TOO_LONG: N_("有 {length} 个字，最多 {most} 个：是不是填错了格？"),
    RowReason.CONTROL_CHARACTER: N_("含有换行等看不见的字符：请删去"),
    RowReason.ROW_TOO_LONG: N_("这一行有 {cells} 格，表头只有 {columns} 列：多了逗号？"),
    RowReason.ROW_TOO_SHORT: N_("这一行只有 {cells} 格，表头有 {columns} 列：少了逗号？"),
    RowReason.SCIENTIFIC: N_(
        "“{text}”被表格软件改成了科学计数法，后面的数字已丢失：请把该列设为文本后重填"
    ),
    RowReason.PHONE_NOT_DIGITS: N_("“{text}”不是电话号码"),
    RowReason.PHONE_LENGTH: N_("“{text}”位数不对：手机号 11 位，固定电话要带区号"),
    RowReason.PHONE_NOT_CHINESE: N_("“{text}”既不是手机号也不是带区号的固定电话"),
    RowReason.PHONE_TWICE: N_("电话 {text} 与第 {other} 行重复：一个号码只能登记一人"),
    RowReason.CODE_INVALID: N_("“{text}”不是 12 位区划代码"),
    RowReason.CODE_TWICE: N_("区划代码 {text} 与第 {other} 行重复"),
    RowReason.DIVISION_UNKNOWN: N_("没有区划“{text}”"),
    RowReason.DIVISION_UNCLEAR: N_("“{text}”说不准是哪里：请写清县、乡镇和村，或加 --area"),
    RowReason.DIVISION_OUTSIDE: N_("{text} 不在 --area 所写的区域内"),
    RowReason.ROLE_UNKNOWN: N_(
        "不认识职务“{text}”：请填包保责任人、值班员等；只是称呼的请加 --role"
    ),
    RowReason.RANK_INVALID: N_("顺位“{text}”不对：请填 1 到 99 的整数，1 最先叫"),
    RowReason.TELEGRAM_ID_INVALID: N_("Telegram 编号“{text}”不对：应为正整数，不知道就留空"),
    RowReason.WECOM_INVALID: N_(
        "企业微信账号“{text}”不对：应是管理后台里的账号（字母、数字、_ - @ .），没有写“无”"
    ),
    RowReason.EMAIL_INVALID: N_("邮箱“{text}”不对：应如 name@example.gov.cn，没有写“无”"),
    RowReason.TELEGRAM_ID_TWICE: N_("Telegram 编号 {text} 与第 {other} 行重复"),
    RowReason.TELEGRAM_ID_BLOCKED: N_(
        "Telegram 编号 {text} 解除过绑定，已停用；确要恢复：jiaoying person unblock 原来那人的电话"
    ),
    RowReason.TELEGRAM_ID_TAKEN: N_("Telegram 编号 {text} 已绑定给 {name}"),
    RowReason.LANGUAGE_UNKNOWN: N_("不认识语言“{text}”：请填 zh 或 en，或留空"),
    RowReason.CHAT_ID_INVALID: N_("群号“{text}”不对：应为负整数，如 -1001234567890"),
    RowReason.CHAT_ID_TWICE: N_("群号 {text} 与第 {other} 行重复"),
    RowReason.PURPOSE_UNKNOWN: N_(
        "不认识用途“{text}”：请填 flood（防汛）、fire（防火）或 all（全部）"
    ),
    RowReason.LEVEL_UNKNOWN: N_(
        "不认识级别“{text}”：请填 province、city、county、township 或 village"
    ),
    RowReason.LEVEL_MISMATCH: N_("级别“{text}”与代码不符：按代码应为 {expected}"),
    RowReason.PARENT_MISMATCH: N_("上级“{text}”不存在或与代码不符"),
    RowReason.POINT_INVALID: N_("“{text}”不是经纬度（度，WGS-84）"),
    RowReason.TIME_INVALID: N_("“{text}”不是时间：请写成 2026-07-01 08:00"),
    RowReason.TIME_ORDER: N_("结束时间不晚于开始时间"),
    RowReason.PERSON_UNKNOWN: N_("通讯录里没有电话 {text}：请先导入人员"),
    RowReason.SHIFT_TWICE: N_("与第 {other} 行是同一班"),
    RowReason.DATE_INVALID: N_("“{text}”不是日期：请写成 2026-09-15"),
    RowReason.DATE_ORDER: N_("结束日期早于开始日期"),
    RowReason.TASK_UNKNOWN: N_("没有编号是“{text}”的任务：新任务的编号空着"),
    RowReason.LIST_UNKNOWN: N_("「{text}」不是五张清单之一：任务、责任、问题、举措、整改"),
    RowReason.DEADLINE_PAST: N_("时限「{text}」已经过了，请写以后的时间"),
    RowReason.PARENT_UNKNOWN: N_("文件里没有序号为「{text}」的行"),
    RowReason.PARENT_CIRCLE: N_("属于「{text}」，绕成了圈：不能属于自己"),
    RowReason.HOUR_INVALID: N_("“{text}”不是时刻：请写成 08:00"),
    RowReason.EVERY_INVALID: N_("间隔“{text}”不对：请填 10 到 1440 的分钟数；休息填 0"),
    RowReason.DANGER_UNKNOWN: N_("不认识火险等级“{text}”：请填 1 到 5，或绿、蓝、黄、橙、红"),
    RowReason.DAY_TWICE: N_("与第 {other} 行是同一天"),
    RowReason.NO_OWNER: N_("电话和区划代码至少填一个"),
    RowReason.TWO_OWNERS: N_("电话和区划代码只能填一个"),
    RowReason.KIND_UNKNOWN: N_(
        "不认识类型“{text}”：请填水库、堤防、隐患点、学校、养老院、营地、景区、屯或其他"
    ),
    RowReason.ORGANISATION_MISSING: N_(
        "部门联络员要写明是哪个部门：加一列“部门”，写水利局、气象局、供电公司等"
    ),
    RowReason.PLACE_UNKNOWN: N_("这个区划里没有地点“{text}”：请先导入地点（import places）"),
    RowReason.HAZARD_UNKNOWN: N_("不认识灾种“{text}”：请填暴雨、山洪、地质灾害等"),
    RowReason.NUMBER_INVALID: N_("“{text}”不是人数或户数"),
    RowReason.HEAT_KIND: N_(
        "不认识类型“{text}”：请填钢铁厂、电厂、火炬、水泥厂、大棚、垃圾场或其他"
    ),
    RowReason.POINT_OUTSIDE: N_("（{text}）不在任何县（市、区）内：经纬度写反了，或不在本省"),
    RowReason.NAME_TWICE: N_("与第 {other} 行同县同名：请写得有分别"),
    RowReason.OUT_OF_RANGE: N_("“{text}”不对：应为 {low} 到 {high} 的数"),
    RowReason.YES_OR_NO: N_("“{text}”不对：请填是或否，或留空"),
    RowReason.LINE_INVALID: N_("“{text}”不是水位（米）、流量（立方米每秒）或雨量（毫米）"),
    RowReason.STRETCH_UNKNOWN: N_(
        "没有河段“{text}”：请先导入河流（import rivers），写成 河名 段名"
    ),
    RowReason.LINE_ORDER: N_("高一级的线比低一级的还低：请核对设防、警戒、保证的数值"),
}


class BadOption(Enum):
    """An option of the import that cannot be understood."""

    ROLE = "role"
    AREA = "area"
    COLUMN = "column"
    RETIRE_WHERE = "retire_where"


_FILES: Mapping[Enum, str] = {
    BadOption.ROLE: N_("不认识角色“{text}”：请写包保责任人、巡护员、网格员等，见 docs/roster.md"),
    BadOption.AREA: N_("--area“{text}”说不准是哪里：{near}"),
    BadOption.COLUMN: N_("--column“{text}”不对：请写成 表里的列名=姓名（或电话、职务、村……）"),
    BadOption.RETIRE_WHERE: N_("--retire-missing 要和 --area 一起写：停用哪里的人？"),
    FileProblem.NOT_FOUND: N_("没有文件 {file}"),
    FileProblem.UNREADABLE: N_("读不了 {file}：{reason}"),
    FileProblem.TOO_LARGE: N_("{file} 超过 {most} MB：请拆成几个文件"),
    FileProblem.EMPTY: N_("{file} 是空的"),
    FileProblem.NO_ROWS: N_("{file} 只有表头，没有内容"),
    FileProblem.NOT_TEXT: N_("{file} 不是 UTF-8 或 GBK 的 CSV，也不是 XLSX"),
    FileProblem.OLD_EXCEL: N_("{file} 是旧版 Excel（.xls），损坏或加了密码：请另存为 .xlsx 或 CSV"),
    FileProblem.BROKEN_XLSX: N_("{file} 损坏或加了密码：请重新另存为 .xlsx"),
    FileProblem.BOMB: N_("{file} 解压后超过 {most} MB，不予读取"),
    FileProblem.SUSPICIOUS: N_("{file} 不像表格软件存的文件，不予读取：请重新另存为 .xlsx 或 CSV"),
    FileProblem.TOO_MANY_ROWS: N_("{file} 超过 {most} 行：请拆成几个文件"),
    FileProblem.TOO_MANY_COLUMNS: N_("{file} 超过 {most} 列：是不是选错了文件？"),
    FileProblem.BAD_QUOTES: N_("{file} 第 {row} 行的引号没有成对"),
    FileProblem.MISSING_COLUMN: N_(
        "{file} 缺少列 {column}（{label}）；现有的列：{found}。叫别的名字的，"
        "请加 --column 表里的列名={label}"
    ),
    FileProblem.DUTY_TABLE: N_("{file} 像是值班表，没有电话：值班表用 jiaoying import duty 导入"),
    FileProblem.NO_HEADINGS: N_(
        "{file} 的第一行已经是人名、电话，没有表头：请在上面加一行，"
        "写明每一列是什么（姓名、电话、乡镇、村、职务）"
    ),
    FileProblem.COLUMN_TWICE: N_("{file} 的列“{column}”出现了两次"),
    DrawingProblem.BROKEN: N_("图形文件损坏，或不是 KML、GPX、打包的 Shapefile"),
    DrawingProblem.TOO_MANY: N_("图形文件里的点太多，不予读取，请简化"),
    DrawingProblem.TOO_LARGE: N_("图形文件解开后超过 {most} MB，不予读取"),
    DrawingProblem.OTHER_SYSTEM: N_(
        "坐标系是 {name}：请换成经纬度（WGS-84 或 CGCS2000，EPSG:4326 或 4490）再导"
    ),
    BoundaryProblem.NOT_GEOJSON: N_("不是 GeoJSON 边界文件"),
    BoundaryProblem.NO_FEATURES: N_("边界文件里没有任何边界"),
    BoundaryProblem.BAD_CODE: N_("第 {feature} 个边界的 code“{text}”不是 12 位区划代码"),
    BoundaryProblem.DUPLICATE_CODE: N_("第 {feature} 个边界的 code {text} 重复"),
    BoundaryProblem.NOT_A_POLYGON: N_("边界 {text} 不是多边形"),
    BoundaryRefusal.UNKNOWN_CODES: N_("有 {total} 个边界的区划代码不认识：{codes}；请先导入区划"),
    BoundaryRefusal.NOT_LON_LAT: N_("坐标不在中国范围内：应为经度在前、纬度在后的度数（WGS-84）"),
}

_DONE: Mapping[RosterKind, str] = {
    RosterKind.DIVISIONS: N_("区划"),
    RosterKind.PLACES: N_("地点"),
    RosterKind.PEOPLE: N_("人员"),
    RosterKind.GROUPS: N_("工作群"),
    RosterKind.DUTY: N_("值班"),
}


def file_problem_text(error: InvalidInput, language: str) -> str:
    """One sentence about a file that cannot be used at all."""
    _ = translator(language)
    if not isinstance(error.code, Enum) or error.code not in _FILES:
        return str(error)
    facts = {**error.facts}
    if isinstance(facts.get("codes"), list):
        facts["codes"] = ", ".join(facts["codes"])
    return _(_FILES[error.code]).format_map(ForgivingFacts(facts))


def reason_text(problem: RowProblem, language: str) -> str:
    """What is wrong with a cell, without where it is."""
    _ = translator(language)
    reason = _(_REASONS[problem.reason]).format_map(ForgivingFacts(problem.facts))
    suggestion = problem.facts.get("suggestion")
    if suggestion:
        reason += _("，是不是 {suggestion}？").format(suggestion=suggestion)
    return reason


def problem_text(problem: RowProblem, kind: RosterKind, file: str, language: str) -> str:
    """One line about one bad cell: file, row, column and reason."""
    _ = translator(language)
    reason = reason_text(problem, language)
    if problem.sheet:
        file = _("{file} 表“{sheet}”").format(file=file, sheet=problem.sheet)
    if not problem.column:
        return _("{file} 第 {row} 行：{reason}").format(file=file, row=problem.row, reason=reason)
    return _("{file} 第 {row} 行 {column}：{reason}").format(
        file=file, row=problem.row, column=_column(problem.column, kind, language), reason=reason
    )


def report_lines(report: ImportReport, language: str) -> Iterator[str]:
    """The whole answer to an import, line by line."""
    _ = translator(language)
    if report.problems.total:
        for problem in report.problems.shown:
            yield problem_text(problem, report.kind, report.file, language)
        more = report.problems.total - len(report.problems.shown)
        if more:
            yield _("……另有 {more} 处未列出").format(more=more)
        yield _("共 {total} 处有误，什么都没有导入。改好后再导入一次。").format(
            total=report.problems.total
        )
        yield from open_lines(report.open, language)
        return
    if report.read is not None:
        yield from open_lines(report.open, language)
        yield from reading_lines(report.read, language)
    elif report.ignored_columns:
        columns = ", ".join(report.ignored_columns)
        yield _("不用的列：{columns}").format(columns=columns)
    for row, name, phone in report.strangers:
        yield _("⚠️ 第 {row} 行 {name} {phone} 不在通讯录里，没有排班：请先导入人员").format(
            row=row, name=name, phone=phone
        )
    yield from question_lines(report, language)
    for person in report.unproven:
        yield _("🔐 {name} {phone} 新任有权限的职务：账号照收预警，核实前不能发布").format(
            name=person.name, phone=person.phone
        )
    yield from _changes_lines(report, language)
    yield _(_outcome(report)).format(file=report.file)


def _changes_lines(report: ImportReport, language: str) -> Iterator[str]:
    _ = translator(language)
    changes = report.changes
    if report.dry_run:
        yield from _details(report, language)
    yield _("{kind}：新增 {new}，变更 {changed}，不变 {unchanged}").format(
        kind=_(_DONE[report.kind]),
        new=len(changes.new),
        changed=len(changes.changed),
        unchanged=changes.unchanged,
    )
    if report.equipment:
        coming, going = len(report.equipment.coming), len(report.equipment.going)
        yield count_line(coming, going, language)
    if report.accounts:
        yield _("企业微信账号、邮箱：登记 {coming}，去掉 {going}").format(
            coming=report.accounts.coming, going=report.accounts.going
        )
    if report.read is not None and report.gazetteer is not None:
        area = report.area and report.gazetteer.path(report.area)
        yield from missing_lines(report.comings, area, language)
    if changes.missing and report.kind not in (RosterKind.DUTY, RosterKind.PEOPLE):
        yield _("已登记而文件里没有的 {missing} 条保留不动，不会删除。").format(
            missing=changes.missing
        )
    if report.seeded:
        yield _("数据库里还没有区划，已先装入随附的吉林省区划 {seeded} 条。").format(
            seeded=report.seeded
        )


def _outcome(report: ImportReport) -> str:
    if report.dry_run:
        return N_("这是试运行，什么都没有写入。")
    if report.open:
        return N_("什么都没有导入。请回答上面的问题（❓），再导入一次。")
    if report.unanswered:
        return N_("什么都没有导入。上面的都对，就加 --yes 再导入一次。")
    if report.confirmed:
        return N_("与已登记的完全相同，没有改动；已记下今天核对过名册。")
    if report.nobody_known:
        return N_("什么都没有导入：表里的人都不在通讯录里。请先导入人员。")
    if not report.written:
        return N_("与已登记的完全相同，没有改动。")
    return N_("已导入 {file}。")


_QUESTIONS: Mapping[Unusual, str] = {
    Unusual.LOSES_COMMAND: N_("‼️ {name} {phone} 将不再是 {code} {role}，不能再发布预警，对吗？"),
    Unusual.CHANGES_ACCOUNT: N_(
        "‼️ {name} {phone}（{code} {role}）要换成另一个 Telegram 账号，"
        "那个账号就能以此人名义发布预警或代答，对吗？"
    ),
    Unusual.COMMANDS_VILLAGE: N_(
        "❓ {name} {phone} 登记为 {code} {role}：村级没有发布权限的职务，是不是称谓？"
    ),
    Unusual.COUNTY_RESPONSIBLE: N_(
        "❓ {name} {phone} 登记为 {code} {role}：县级及以上一般不设，是不是填错了区划？"
    ),
}


def question_lines(report: ImportReport, language: str) -> Iterator[str]:
    """What is asked about before it is written."""
    _ = translator(language)
    for question in report.questions[:LISTED]:
        yield _(_QUESTIONS[question.why]).format(
            name=question.person.name,
            phone=question.person.phone,
            code=_where(report, question.post.division_code),
            role=role_name(question.post.role, language),
        )
    more = len(report.questions) - LISTED
    if more > 0:
        yield _("❓ ……另有 {more} 处要确认").format(more=more)


def _where(report: ImportReport, code: str) -> str:
    return report.gazetteer.path(code) if report.gazetteer is not None else code


def boundary_lines(report: BoundaryReport, gazetteer: Gazetteer, language: str) -> Iterator[str]:
    """The answer to an import of boundaries."""
    _ = translator(language)
    west, south, east, north = report.box
    yield _("边界 {count} 个，范围 {west:.2f}–{east:.2f}°E，{south:.2f}–{north:.2f}°N").format(
        count=report.boundaries, west=west, east=east, south=south, north=north
    )
    if report.converted:
        yield _("已从 GCJ-02 换算为 WGS-84。")
    if report.kept:
        yield _("文件里没有的 {kept} 个边界照旧。").format(kept=report.kept)
    if report.vanishing:
        names = "、".join(gazetteer.name(code) for code in report.vanishing[:LISTED])
        yield _("‼️ 将不再有边界的 {total} 个：{names}").format(
            total=len(report.vanishing), names=names
        )
    if report.dry_run:
        yield _("这是试运行，什么都没有写入。")
    elif report.vanishing and not report.agreed:
        yield _("什么都没有导入。上面的都对，就加 --yes 再导入一次。")
    elif report.unchanged:
        yield _("与现用的完全相同，没有改动。")
    else:
        yield _("已存为 {target}，重新启动后生效。").format(target=report.target)


def _details(report: ImportReport, language: str) -> Iterator[str]:
    _ = translator(language)
    words = ChangeWords(report.gazetteer, language) if report.gazetteer is not None else None
    for thing in report.changes.new[:LISTED]:
        named = words.person(thing) if words and isinstance(thing, Person) else _named(thing)
        yield _("+ 新增 {thing}").format(thing=named)
    more = len(report.changes.new) - LISTED
    if more > 0:
        yield _("+ ……另有 {more} 条新增").format(more=more)
    for change in report.changes.changed[:LISTED]:
        if words and isinstance(change.before, Person):
            yield _("~ 变更 {thing}").format(thing=words.change(change))
            continue
        yield _("~ 变更 {thing}：{fields}").format(
            thing=_named(change.before), fields=_fields(change)
        )
    more = len(report.changes.changed) - LISTED
    if more > 0:
        yield _("~ ……另有 {more} 条变更").format(more=more)


def _named(thing: Any) -> str:
    if isinstance(thing, Person):
        posts = "、".join(f"{post.division_code} {post.role.value}" for post in thing.posts)
        return f"{thing.name} {thing.phone} {posts}"
    if isinstance(thing, Place):
        return f"{thing.code} {thing.name} {thing.division_code} {thing.kind.value}"
    if isinstance(thing, Division):
        return f"{thing.code} {thing.name}"
    if isinstance(thing, Group):
        return f"{thing.chat_id} {thing.title} {thing.division_code} {thing.purpose.value}"
    return (
        f"{thing.division_code} {thing.starts_at:%Y-%m-%d %H:%MZ}–{thing.ends_at:%Y-%m-%d %H:%MZ}"
    )


def _fields(change: Changed[Any]) -> str:
    return ", ".join(f"{name} {old} → {new}" for name, (old, new) in change.fields().items())


def _column(name: str, kind: RosterKind, language: str) -> str:
    label = next(column.label for column in COLUMNS[kind] if column.name == name)
    return f"{label}（{name}）" if language.startswith("zh") else name
