"""The evacuation card of the demo's village, as an office would write it. Pure.

The village and its township are real; households, numbers, route and shelter are invented.
"""

from __future__ import annotations

import csv
import io
import json

from bot.sandbox.cast.roster import DemoRoster

_TOWN, _VILLAGE = "黄泥河镇", "威虎岭村"
# WGS-84 lon/lat, from the village to the school.
_ROUTE = (
    (127.9302, 43.5588),
    (127.9341, 43.5571),
    (127.9388, 43.5563),
    (127.9431, 43.5540),
    (127.9478, 43.5522),
)
_HOUSEHOLDS = (
    ("赵德福", 3, "", "", ""),
    ("钱桂芝", 2, "独居", "钱桂芝", "李永强"),
    ("孙立军", 4, "", "", ""),
    ("李国庆", 3, "", "", ""),
    ("周玉珍", 1, "卧床", "周玉珍", "吴海涛"),
    ("吴海涛", 5, "", "", ""),
    ("郑春生", 2, "", "", ""),
    ("王占山", 3, "残疾", "王玉兰", "王占山"),
    ("冯志刚", 4, "", "", ""),
    ("陈秀芳", 2, "", "", ""),
    ("褚连喜", 3, "", "", ""),
    ("卫保全", 3, "", "", ""),
)
"""Head, persons, why somebody cannot go alone, who that is, who takes them along."""


def cards_csv(roster: DemoRoster) -> str:
    """The card: who organises, where to, when, by which way."""
    head = roster.village_head
    persons = sum(household[1] for household in _HOUSEHOLDS)
    columns = {
        "乡镇": _TOWN,
        "村": _VILLAGE,
        "转移户数": len(_HOUSEHOLDS),
        "转移人数": persons,
        "转移责任人": head.name,
        "责任人电话": head.number,
        "预警信号": "铜锣连敲、大喇叭",
        "转移时机": "接到红色预警，或河水上桥面",
        "转移路线": "村部向东，过石桥沿公路到镇中学",
        "安置点": "黄泥河镇中学",
        "安置点经度": _ROUTE[-1][0],
        "安置点纬度": _ROUTE[-1][1],
        "可容纳人数": 200,
        "钥匙保管人": "校长刘文波",
        "保管人电话": "+86 199 0000 9001",
    }
    return _csv([tuple(columns), tuple(columns.values())])


def households_csv() -> str:
    """Who moves, household by household."""
    header = ("村", "户序号", "户主", "家庭人口", "重点人员类别", "重点人员姓名", "帮扶人")
    rows = [(_VILLAGE, number, *household) for number, household in enumerate(_HOUSEHOLDS, start=1)]
    return _csv([header, *rows])


def route_geojson() -> str:
    """The way to the school as a line."""
    line = {"type": "LineString", "coordinates": _ROUTE}
    route = {"type": "Feature", "properties": {"name": _VILLAGE}, "geometry": line}
    return json.dumps({"type": "FeatureCollection", "features": [route]}, ensure_ascii=False)


def _csv(rows: list[tuple[object, ...]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
