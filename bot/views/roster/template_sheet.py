"""A workbook for a list of persons, with the villages of an area filled in and roles to choose."""

from __future__ import annotations

import io

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from bot.views.vocabulary import role_name
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Gazetteer
from contacts.people import COMMANDING, OF_PLACES, Role

HEADINGS = (
    "区划代码",
    "县（市、区）",
    "乡镇（街道）",
    "村（社区）",
    "角色",
    "姓名",
    "职务",
    "手机",
    "企业微信账号",
    "邮箱",
    "卫星电话",
    "大喇叭",
)
_WIDTHS = (15, 16, 18, 20, 16, 12, 16, 16, 16, 22, 16, 10)
_ROLE = HEADINGS.index("角色")
_NUMBERS = (HEADINGS.index("手机"), HEADINGS.index("卫星电话"))
_MORE_ROWS = 500
"""Rows below the villages that offer the roles, too: for second persons."""

_GUIDE = (
    "一行一人一职；一人多职写几行，姓名和手机写得一样。",
    "村名和代码已填好，同一个村要写几个人，就复制那一行。空着的行不导入。",
    "“角色”点开选；“职务”写平时的称呼（村书记、副镇长），不决定权限。",
    "手机一格可以写几个号码，用顿号分开；座机带区号，分机写“转”。",
    "企业微信账号是管理后台里的账号，不知道就空着：按手机号去找；离任了或没有写“无”。",
    "卫星电话、大喇叭是村里的：写号码或“有”“2 处”，没有写“无”，不清楚就空着。",
    "填好后先试：jiaoying import people 文件 --dry-run",
)


def people_template(gazetteer: Gazetteer, area: str) -> tuple[bytes, int]:
    """The workbook for this division and all below it, and how many villages it names."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "名单"
    sheet.append(HEADINGS)
    for cell in sheet[1]:
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center")
        cell.fill = PatternFill("solid", fgColor="DDEBF7")
    villages = list(gazetteer.within(area, Tier.VILLAGE))
    for village in villages:
        names = {
            above.tier: gazetteer.name(above.code) for above in gazetteer.ancestors(village.code)
        }
        town = names.get(Tier.TOWNSHIP, "")
        county = names.get(Tier.COUNTY, names.get(Tier.CITY, ""))
        sheet.append((village.code, county, town, gazetteer.name(village.code)))
    last = len(villages) + 1 + _MORE_ROWS
    for column, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row in range(2, last + 1):
        for column in (0, *_NUMBERS):  # codes and numbers are texts, or their digits are lost
            sheet.cell(row, column + 1).number_format = "@"
    roles = _role_sheet(book)
    offered = DataValidation("list", f"角色!$A$1:$A${roles}", allow_blank=True)
    letter = get_column_letter(_ROLE + 1)
    offered.add(f"{letter}2:{letter}{last}")
    sheet.add_data_validation(offered)
    sheet.freeze_panes = "E2"
    guide = book.create_sheet("填表说明")
    for line in _GUIDE:
        guide.append((line,))
    guide.column_dimensions["A"].width = 80
    content = io.BytesIO()
    book.save(content)
    return content.getvalue(), len(villages)


def _role_sheet(book: openpyxl.Workbook) -> int:
    """The roles on a hidden sheet, those of villages first; returns how many."""
    sheet = book.create_sheet("角色")
    sheet.sheet_state = "hidden"
    ordered = sorted(Role, key=lambda role: (role in COMMANDING, role in OF_PLACES))
    for role in ordered:
        sheet.append((role_name(role, "zh"),))
    return len(ordered)
