"""Lists of evacuation as offices write them: shapes of published plans, names of ours.

Flash-flood plans (SL 666-2014, 人员转移安置表), sheets of geological hazard points, and ledgers
with one row a household.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import orjson

WEIHULING, YONGAN, DACHUAN = "222403101200", "222403101201", "222403101202"


def workbook(sheets: dict[str, Sequence[Sequence[Any]]], merged: dict[str, str]) -> bytes:
    """An XLSX of these sheets; ``merged``: areas by sheet, with spaces between them."""
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for area in merged.get(name, "").split():
            sheet.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows(text: str) -> list[list[Any]]:
    """A row a line, cells between bars; what ends in a backslash goes on in the next line."""
    lines = text.replace("\\\n", "").strip("\n").split("\n")
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [
        [int(cell) if cell.isdecimal() and len(cell) < 6 else cell for cell in r] for r in cells
    ]


_PLAN = r"""
附表4
敦化市黄泥河镇山洪灾害危险区人员转移安置表（2026年度）
序号|乡镇|行政村|自然屯|需转移||转移责任人||转移路线|安置点||||预警信号|转移时机|备注
||||户数|人数|姓名|联系电话||名称|可容纳人数|负责人|电话|||
1|黄泥河镇|威虎岭村|前屯|12户|35人|村长0|19900000010|\
前屯→村部门前水泥路向北→威虎岭小学，约900米，不走河边砂石路|威虎岭小学|120|孙玉林|\
139 0000 0201|铜锣急促连敲、手摇警报器长鸣|1小时雨量达40毫米，或接到转移通知立即转移|
2|||后屯|8户|21人|村长0|19900000010|后屯→北山路→威虎岭小学|威虎岭小学||||\
铜锣急促连敲|接到通知立即转移|山后有滑坡
3||永安村||23户|61人|赵永安 13900000202||永安村→高速桥下→镇中学|\
黄泥河镇中学（可容纳400人）||李钥匙 0433-6230001||大喇叭||
|小计|||43户|117人
4||大川村|全村|约15户|40余人|||沿公路向东|||||||
合计||||58|157
填表人：王某某||审核人：李某某
"""


def flash_flood_plan() -> bytes:
    """附表：人员转移安置表. Titles, two rows of headings, merged towns, sums, a signature."""
    areas = (
        "A1:P1 A2:P2 A3:A4 B3:B4 C3:C4 D3:D4 E3:F3 G3:H3 I3:I4 J3:M3 N3:N4 O3:O4 P3:P4 "
        "B5:B7 C5:C6 J5:J6"
    )
    return workbook({"转移安置表": rows(_PLAN)}, {"转移安置表": areas})


_POINTS = r"""
敦化市地质灾害隐患点防灾避险明白卡汇总表
隐患点编号|隐患点名称|所在乡镇|所在村|灾害类型|威胁户数|威胁人数|防灾责任人|联系电话|\
监测责任人|联系电话|预警信号|撤离路线|避险地点|经度|纬度
222403010012|大川村后山滑坡|黄泥河镇|大川村|滑坡|6|18|周防灾|13900000301|\
吴监测|13900000302|敲锣、喊话|沿村道向南撤离，不往沟口跑|大川村村部|127°58′12″|43°35′24″
"""


def hazard_points() -> bytes:
    """地质灾害隐患点防灾预案表: one row a point, who watches beside who moves."""
    return workbook({"Sheet1": rows(_POINTS)}, {"Sheet1": "A1:P1"})


def ledger() -> bytes:
    """一户一卡台账, GBK: each household with the route and the shelter it goes to."""
    lines = [
        "黄泥河镇威虎岭村危险区群众转移台账,,,,,,,,,,,",
        "村,组,户主,人口,户主电话,是否特殊人群,帮扶责任人,帮扶人电话,转移路线,避险安置点,"
        "转移负责人,负责人电话",
        "威虎岭村,3组,张德福,4,13900000401,无,,,3组→村部,村部,刘组长,13900000400",
        "威虎岭村,3组,王桂兰,1,,82岁独居、卧床,刘组长,13900000400,3组→村部,村部,刘组长,13900000400",
        "威虎岭村,3组,李长海,3,1390000040,残疾,,,3组→村部,村部,刘组长,13900000400",
        "威虎岭村,3组,张德福,4,13900000401,无,,,3组→村部,村部,刘组长,13900000400",
        "威虎岭村,5组,金哲,5,13900000405,孕妇,金组长,13900000406,5组→村部,村部,金组长,13900000406",
    ]
    return "\n".join(lines).encode("gb18030")


_PEOPLE = r"""
受山洪威胁群众花名册
户号|乡镇|行政村|自然屯|户主姓名|家庭人口|联系电话|重点人员类型|重点人员姓名|帮扶人|\
帮扶人联系电话|家庭住址
1|黄泥河镇|威虎岭村|前屯|张德福|4|13900000401|||||前屯1号
2|黄泥河镇|威虎岭村|前屯|王桂兰|1||卧床|王桂兰（82岁）|刘志|13900000400|前屯2号
3|黄泥河镇|威虎岭村|前屯|李长海|3|13900000403|残疾|李小海|||前屯5号
"""


def households() -> bytes:
    """受威胁群众花名册 of cards that are there: numbers of households, who is frail, who helps."""
    return workbook({"花名册": rows(_PEOPLE)}, {"花名册": "A1:L1"})


def line(name: str, points: Sequence[Sequence[float]], **more: Any) -> dict[str, Any]:
    """A feature of a drawing."""
    return {
        "type": "Feature",
        "properties": {"name": name, **more},
        "geometry": {"type": "LineString", "coordinates": points},
    }


def drawing(*features: dict[str, Any]) -> bytes:
    """A GeoJSON file."""
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def put(folder: Path, name: str, content: bytes) -> Path:
    """The content as a file."""
    path = folder / name
    path.write_bytes(content)
    return path
