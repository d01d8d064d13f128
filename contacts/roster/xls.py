"""The sheets of an old Excel file (.xls), and of WPS (.et), as cells of text."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

from contacts.roster.cell_texts import kind_of_format, number_text
from contacts.roster.sheet import MAX_COLUMNS, Merged
from contacts.roster.sheet_xml import WrittenSheet
from data.errors import InvalidInput
from data.files import FileProblem

SIGNATURE = b"\xd0\xcf\x11\xe0"


def xls_sheets(content: bytes, file: str) -> Iterator[WrittenSheet]:
    """The sheets in their order; a hidden one without its rows.

    :param file: the file's name, for the refusals.
    :raises InvalidInput: OLD_EXCEL: it is damaged or bears a password; or TOO_MANY_COLUMNS.
    """
    # Imported here: most commands read no such file.
    import xlrd
    from xlrd.compdoc import CompDocError

    try:
        book = xlrd.open_workbook(
            file_contents=content, formatting_info=True, on_demand=True, logfile=io.StringIO()
        )
        for index, name in enumerate(book.sheet_names()):
            sheet = book.sheet_by_index(index)
            yield _written(book, sheet, name, file)
            book.unload_sheet(index)
    # What a damaged file raises is not one family.
    except (
        xlrd.XLRDError,
        CompDocError,
        struct.error,
        AssertionError,
        AttributeError,
        EOFError,
        LookupError,
        MemoryError,
        NotImplementedError,
        OverflowError,
        RecursionError,
        TypeError,
        ValueError,
        ZeroDivisionError,
    ) as error:
        raise InvalidInput(FileProblem.OLD_EXCEL, file=file) from error


def _written(book: Any, sheet: Any, name: str, file: str) -> WrittenSheet:
    found = WrittenSheet(name, sheet.visibility == 0)
    if not found.visible:
        return found
    kinds = [kind_of_format(book.format_map[style.format_key].format_str) for style in book.xf_list]
    for number in range(sheet.nrows):
        cells = [_text(cell, kinds, book.datemode) for cell in sheet.row(number)]
        if any(cells[MAX_COLUMNS:]):
            raise InvalidInput(FileProblem.TOO_MANY_COLUMNS, file=file, most=MAX_COLUMNS)
        info = sheet.rowinfo_map.get(number)
        found.add(number + 1, cells[:MAX_COLUMNS], bool(info and info.hidden))
    found.merged.extend(
        Merged(top + 1, bottom, left, right - 1) for top, bottom, left, right in sheet.merged_cells
    )
    return found


def _text(cell: Any, kinds: list[str], datemode: int) -> str:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(cell.value).strip()
    if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        kind = kinds[cell.xf_index] if cell.xf_index is not None else ""
        return number_text(repr(cell.value), kind, datemode == 1)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return str(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    return ""
