"""Coverage as a workbook: by hazard, by village and place, person by person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from io import BytesIO
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from bot.locale import N_, translator
from bot.views.report.lines import Cell
from bot.views.report.xlsx import RISKY
from bot.views.roster.coverage import (
    coverage_lines,
    date_lines,
    date_text,
    dated_name,
    doubt_text,
    hazards_text,
    next_steps,
    tier_dated,
)
from bot.views.vocabulary import contact_name, held_name
from contacts.coverage import HeldPost, Proof, Proven
from contacts.coverage_store import Readiness
from contacts.divisions.gazetteer import Gazetteer
from contacts.roster_dates import roster_dates

_PROOFS = {
    Proof.ANSWERED: N_("回应预警"),
    Proof.DRILL: N_("演练"),
    Proof.TELEPHONE: N_("电话"),
    Proof.ROLL_CALL: N_("点名"),
    Proof.CONFIRMED: N_("核对"),
}


def coverage_sheet(
    readiness: Readiness,
    gazetteer: Gazetteer,
    language: str,
    area: str | None,
    now: datetime,
    zone: tzinfo,
    tell: Callable[[int, int], None] | None = None,
) -> bytes:
    """The workbook for a division and all below it, or for everything.

    :param tell: is told how many rows are written, and of how many.
    """
    _ = translator(language)
    paths = _Paths(gazetteer)
    coverage = readiness.coverage
    lines = [*coverage_lines(coverage, gazetteer, language)]
    lines += date_lines(readiness.posts, gazetteer, language, area, now, zone)
    steps = next_steps(coverage, language, unwatched=bool(readiness.without_duty_officer))
    summary: list[list[Cell]] = [[line] for line in (*lines, *steps)]
    kinds = [
        hazards_text(kind.family, kind.hazards, language, whole=kind.whole)
        for kind in coverage.by_hazard
    ]
    head = [_("区划代码"), _("区划"), _("村、地点")]
    for kind in kinds:
        head += [_("{kind}叫得应").format(kind=kind), _("叫几人"), _("机器人能叫几人")]
    head += [_("最近回应"), _("方式"), _("核对日期")]
    rows: list[list[Cell]] = [list(head)]
    for details in coverage.details:
        division = details.division_code
        name = gazetteer.name(division) if details.code == division else details.name
        row: list[Cell] = [division, paths[division], name]
        for covered, count in zip(details.covered, details.called, strict=True):
            row += [_("是") if covered else _("否"), count.called, count.reached]
        row += [*_proven(details.proven, language, zone), _local(details.named_at, zone)]
        rows.append(row)
    unlinked = [post for post in readiness.posts if not post.holder.linked]
    dates: list[list[Cell]] = [[_("区划代码"), _("区划"), _("人"), _("核对日期"), _("说明")]]
    for date in roster_dates(readiness.posts, tier_dated(area), now):
        told = date_text(date, language, now, zone)
        place = dated_name(date, paths[date.code], area, language)
        dates.append([date.code, place, date.persons, _local(date.oldest, zone), told])
    sheets = [
        _Sheet(_("概要"), summary, (110,), header=False),
        _Sheet(_("村和地点"), rows, (15, 36, 20, *([12] * (3 * len(kinds))), 18, 12, 18)),
        _Sheet(_("名单"), _person_rows(readiness.posts, paths, language, zone), _WIDTHS),
        _Sheet(_("未绑定"), _person_rows(unlinked, paths, language, zone), _WIDTHS),
        _Sheet(_("核对日期"), dates, (15, 36, 8, 18, 40)),
    ]
    return _written(sheets, tell)


class _Sheet(NamedTuple):
    title: str
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int]
    header: bool = True


def _written(sheets: Sequence[_Sheet], tell: Callable[[int, int], None] | None) -> bytes:
    book = Workbook(write_only=True)
    total, done = sum(len(sheet.rows) for sheet in sheets), 0
    for sheet in sheets:
        for _row in _fill(book, sheet):
            done += 1
            if tell is not None and done % _TOLD_EVERY == 0:
                tell(done, total)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


_TOLD_EVERY = 500
_WIDTHS = (15, 36, 16, 18, 8, 20, 18, 12, 18, 18)


class _Paths(dict[str, str]):
    """The paths of divisions, each looked up once: a province has 46,000 persons."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        super().__init__()
        self._gazetteer = gazetteer

    def __missing__(self, code: str) -> str:
        self[code] = path = self._gazetteer.path(code)
        return path


def _person_rows(
    posts: Iterable[HeldPost], paths: _Paths, language: str, zone: tzinfo
) -> list[list[Cell]]:
    _ = translator(language)
    rows: list[list[Cell]] = [
        [
            _("区划代码"), _("区划"), _("姓名"), _("职务"), _("顺位"), _("怎么叫"),
            _("最近回应"), _("方式"), _("核对日期"), _("说明"),
        ]
    ]  # fmt: skip
    for post in posts:
        holder = post.holder
        rows.append(
            [
                post.division_code,
                paths[post.division_code],
                holder.name,
                held_name(post, language),
                post.rank,
                _channel(post, language),
                *_proven(holder.proven, language, zone),
                _local(holder.named_at, zone),
                doubt_text(post, language),
            ]
        )
    return rows


def _channel(post: HeldPost, language: str) -> str:
    _ = translator(language)
    if not post.holder.linked:
        return _("未绑定：打电话")
    if post.holder.reachable:
        return _("机器人")
    return contact_name(post.holder.contact, language)


def _proven(proven: Proven | None, language: str, zone: tzinfo) -> tuple[Cell, Cell]:
    if proven is None:
        return None, None
    return _local(proven.at, zone), translator(language)(_PROOFS[proven.how])


def _local(at: datetime | None, zone: tzinfo) -> datetime | None:
    return None if at is None else at.astimezone(zone).replace(tzinfo=None)


def _fill(book: Workbook, made: _Sheet) -> Iterator[int]:
    """Write a sheet row by row: written cell by cell, 46,000 persons took five times as long."""
    sheet = book.create_sheet(made.title)
    for column, width in enumerate(made.widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    if made.header:
        sheet.freeze_panes = "A2"
    for number, row in enumerate(made.rows):
        if number == 0 and made.header:
            sheet.append([_bold(sheet, str(value)) for value in row])
        else:
            sheet.append([_safe(sheet, value) for value in row])
        yield number


def _bold(sheet: object, value: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    cell.font = Font(bold=True)
    return cell


def _safe(sheet: object, value: Cell) -> Cell | WriteOnlyCell:
    """What a name begins with is never computed."""
    if isinstance(value, str):
        text = str(ILLEGAL_CHARACTERS_RE.sub("", value))
        if text[:1] not in RISKY:
            return text
        cell = WriteOnlyCell(sheet, text)
        cell.data_type, cell.quotePrefix = "s", True
        return cell
    return value
