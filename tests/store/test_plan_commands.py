"""``jiaoying import zones|danger|season|shifts``: exit codes and what is printed."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest

from bot.cli import main
from data.database import Database
from tests.roster import COUNTY, RANGER

pytestmark = pytest.mark.one_database


SQUARE = [[128.0, 43.0], [128.1, 43.0], [128.1, 43.1], [128.0, 43.1], [128.0, 43.0]]


@pytest.fixture
def run(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JIAOYING_DATABASE__URL", str(database.url))
    monkeypatch.chdir(tmp_path)

    def command(kind: str, content: str, *more: str) -> tuple[int, str]:
        file = tmp_path / f"{kind}.txt"
        file.write_text(content, encoding="utf-8")
        out = StringIO()
        return main(["import", kind, str(file), *more], out), out.getvalue()

    return command


def zones(*rings: list[list[float]]) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"{number}号区", "division_code": COUNTY},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for number, ring in enumerate(rings, start=1)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_zones_are_imported_once(run) -> None:
    assert run("zones", zones(SQUARE), "--dry-run") == (
        0,
        "巡护区：新增 1，变更 0，不变 0\n这是试运行，什么都没有写入。\n",
    )
    code, output = run("zones", zones(SQUARE))
    assert (code, output) == (0, "巡护区：新增 1，变更 0，不变 0\n已导入 zones.txt。\n")
    code, output = run("zones", zones(SQUARE))
    assert (code, output) == (
        0,
        "巡护区：新增 0，变更 0，不变 1\n与已登记的完全相同，没有改动。\n",
    )
    code, output = run("zones", zones(SQUARE), "--gcj02", "--language", "en")
    assert code == 0
    assert "1 changed" in output
    assert "1 of them converted" in output


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("第 2 个「2号区」：经纬度写反了", "共 2 处有误，什么都没有导入")),
        ("en", ("number 2 “2号区”: coordinates in the wrong order", "nothing")),
    ],
)
def test_every_bad_feature_is_named_and_nothing_is_imported(
    run, language: str, words: tuple[str, ...]
) -> None:
    swapped = [[lat, lon] for lon, lat in SQUARE]
    code, output = run("zones", zones(SQUARE, swapped, SQUARE[:-1]), "--language", language)
    assert code == 1
    for part in words:
        assert part in output
    assert "3号区" in output


def test_a_file_that_is_none_is_refused_in_one_sentence(run) -> None:
    assert run("zones", "<html>") == (1, "zones.txt 不是 GeoJSON（FeatureCollection）\n")
    assert run("zones", "") == (1, "zones.txt 是空的\n")
    assert run("danger", "")[0] == 1


def test_plans_are_imported_or_refused(run) -> None:
    head = "phone,division_code,date,start,end,every_minutes\n"
    assert run("danger", f"division_code,date,level\n{COUNTY},2026-10-01,红\n")[0] == 0
    assert run("season", f"区划代码,开始日期,结束日期\n{COUNTY},2026-9-20,2026年11月20日\n")[0] == 0
    assert run("shifts", f"{head}{RANGER['phone']},,2026-10-01,08:00,18:00,60\n")[0] == 0
    code, output = run("shifts", f"{head},,2026-10-01,08:00,6pm,60\n")
    assert code == 1
    assert "第 2 行 电话（phone）：电话和区划代码至少填一个" in output
    assert "第 2 行 下岗（end）：“6pm”不是时刻" in output
    code, output = run("danger", "code,date,level\n1,2,3\n")
    assert code == 1
    assert "缺少列 division_code" in output
