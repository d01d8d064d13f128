"""Every act and detail that the product writes into the trail has words in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from alerts.calls import Via
from alerts.plans.sheets import PlanKind
from bot.locale import LANGUAGES
from bot.views.report.trail_words import TrailReader, act_name, detail_name, has_words, via_name
from data.tables.columns import to_milliseconds
from tests.unit.test_architecture import MODULES, nodes

CHINESE = re.compile(r"[\u4e00-\u9fff]")
AN_ACT = re.compile(
    r"(alert|call|roll_call|check_in|distress|hotspot|hotspots|person|group|division|import|shift"
    r"|zone|bot|board|oversight|store|red_day|danger|heat_source|field_report|position)\.[a-z_]+"
)
NO_ACTS = {"bot.board", "bot.handlers", "bot.sandbox", "board.listen", "board.port"}
"""Packages and settings."""


def called(node: ast.Call) -> str:
    return str(getattr(node.func, "id", getattr(node.func, "attr", "")))


def entries_in(file: Path) -> Iterator[ast.Call]:
    """Each ``Entry(action, subject, actor, detail)``."""
    for node in nodes(file):
        if isinstance(node, ast.Call) and called(node) == "Entry" and node.args:
            yield node


@cache  # not at the collection: every process of the tests collects
def written() -> frozenset[str]:
    """Every act, as far as it can be read in the source."""
    found = {f"import.{plan.value}" for plan in PlanKind}
    for file in MODULES.values():
        texts = [node.value for node in nodes(file) if isinstance(node, ast.Constant)]
        if "views" not in file.parts:
            found |= {t for t in texts if isinstance(t, str) and AN_ACT.fullmatch(t)} - NO_ACTS
        firsts = [entry.args[0] for entry in entries_in(file)]
        found |= {str(first.value) for first in firsts if isinstance(first, ast.Constant)}
        found |= {f"roll_call.{what}" for what in _of_roll_calls(file)}
    return frozenset(act for act in found if not act.endswith(".id"))


def _of_roll_calls(file: Path) -> Iterator[str]:
    """``trail(connection, roll_call_id, "started", ...)``."""
    for node in nodes(file):
        if isinstance(node, ast.Call) and called(node) == "trail" and len(node.args) > 2:
            what = node.args[2]
            if isinstance(what, ast.Constant):
                yield str(what.value)


def details_of(file: Path) -> set[str]:
    """Keys of details of acts upon warnings and calls, in a module that writes such acts."""
    found: set[str] = set()
    for entry in entries_in(file):
        text = ast.unparse(entry)
        about = "alert:" in text or "call:" in text
        if not about or len(entry.args) + len(entry.keywords) < 3:
            continue
        for node in ast.walk(entry):
            if isinstance(node, ast.Dict):
                found |= {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
    for node in nodes(file):  # detail = {...}
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        if any(ast.unparse(target).startswith(("detail", "figures")) for target in targets):
            value = getattr(node, "value", None)
            if isinstance(value, ast.Dict):
                found |= {str(key.value) for key in value.keys if isinstance(key, ast.Constant)}
    return found


def test_the_source_writes_acts_that_this_test_can_read() -> None:
    assert {"alert.released", "call.stand_in_due", "roll_call.again", "import.zones"} <= written()
    assert len(written()) > 90


def test_every_act_has_words() -> None:
    wordless = [act for act in sorted(written()) if not has_words(act)]
    assert wordless == [], "words for them in bot/views/report/trail_words.py"
    assert [act for act in written() if not CHINESE.search(act_name(act, "zh"))] == []
    assert [act for act in written() if CHINESE.search(act_name(act, "en"))] == []


def test_every_way_to_answer_has_words() -> None:
    for via in Via:
        assert CHINESE.search(via_name(via, "zh"))
        assert not CHINESE.search(via_name(via, "en").replace("收到", ""))  # the button's word


CORE = sorted(
    name for name in MODULES if re.fullmatch(r"alerts\.[a-z_]+|alerts\.history\.archiving", name)
)


@pytest.mark.parametrize("module", CORE)
def test_every_detail_of_a_warning_and_its_calls_has_a_name(module: str) -> None:
    for key in details_of(MODULES[module]) - {"alert", "request"}:  # numbers of rows: not told
        assert CHINESE.search(detail_name(key, "zh")), f"{module}: {key}"
        assert not CHINESE.search(detail_name(key, "en")), f"{module}: {key}"


DONE = datetime(2026, 7, 2, 19, 1, tzinfo=UTC)


def reader(language: str) -> TrailReader:
    return TrailReader(
        language,
        UTC,
        calls={12: "张三（黄泥河镇威虎岭村）"},
        people={3: "李值班"},
        places={"222403000000": "敦化市", "222402000000": "图们市"},
    )


def test_a_detail_is_read_in_words() -> None:
    told = reader("zh").detail(
        {
            "level": "red",
            "hazard": "rainstorm",
            "areas": ["222403000000", "222402000000"],
            "exercise": False,
            "via": "words",
            "alert": 7,
            "done_at": to_milliseconds(DONE),
            "for": 12,
            "asked": [3, 99],
            "text": "",
        }
    )
    assert told == (
        "等级：红色；灾种：暴雨；区域：敦化市、图们市；演练：否；方式：打字「收到」；"
        "实际时间：07-02 19:01；顶替：张三（黄泥河镇威虎岭村）；请谁决定：李值班、人员 99"
    )


def test_reasons_are_words_whether_ours_or_an_officers() -> None:
    assert reader("zh").detail({"reason": "unreachable"}) == "原因：联系不上"
    assert reader("zh").detail({"reason": "在外地出差"}) == "原因：在外地出差"
    assert reader("en").detail({"reason": "silent"}) == "Reason: no answer"


def test_what_an_older_version_wrote_stays_readable() -> None:
    told = reader("zh").detail({"level": "purple", "areas": 7, "unknown": "值"})
    assert told == "等级：purple；区域：7；unknown：值"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_thing_is_named(language: str) -> None:
    named = reader(language)
    assert named.subject("call:12") == "张三（黄泥河镇威虎岭村）"
    assert named.subject("alert:7") == {"zh": "预警 7", "en": "warning 7"}[language]
    assert "call:" not in named.subject("call:99")
