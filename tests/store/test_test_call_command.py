"""``jiaoying testcall``: what it would ring, who may, its results printed and as a workbook."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import openpyxl
import pytest

from alerts.channels import address_store, test_store
from alerts.test_calls import proving, running, store
from alerts.test_calls.model import TestRules as Rules
from bot.cli import main
from contacts import equipment_store
from contacts.channels import Cause, Channel
from contacts.equipment import Equipment, EquipmentKind
from data.audit import audit
from data.database import Database
from tests.roster import COUNTY_COMMANDER, COUNTY_DUTY, NOW, TOWNSHIP, VILLAGERS

pytestmark = pytest.mark.one_database
HEAD = VILLAGERS[0]
CONFIG = """
[channels.gateway]
pull = true
secret = "a-secret-of-the-county-with-more-than-32-characters"
[channels.tests]
from_hour = 0
until_hour = 0
"""


@pytest.fixture
def run(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "config.toml"
    file.write_text(CONFIG, encoding="utf-8")
    file.chmod(0o600)
    monkeypatch.setenv("JIAOYING_DATABASE__URL", str(database.url))
    monkeypatch.chdir(tmp_path)
    phone = Equipment(EquipmentKind.SATELLITE_PHONE, HEAD["division_code"], number="+870773112233")
    database.do(lambda c: equipment_store.change(c, [phone], [], NOW, {}))

    def command(*more: str, by: str = COUNTY_COMMANDER["phone"]) -> tuple[int, str]:
        out = StringIO()
        given = ["testcall", TOWNSHIP, *(["--by", by] if by else []), *more]
        return main(given, out), out.getvalue()

    return command


def test_a_test_from_the_command_line(run, database: Database, tmp_path: Path) -> None:
    status, said = run("--status", by="")
    assert status == 1 and "还没有做过测试呼叫" in said
    status, said = run(by=COUNTY_DUTY["phone"])
    assert status == 1 and "只有指挥员" in said
    for by in ("", "19912340000"):
        status, said = run(by=by)
        assert status == 1 and "请加 --by" in said
    status, said = run("--dry-run", "--channel", "wecom")
    assert status == 1 and "没有接好可测的渠道" in said
    status, said = run("--dry-run", "--json", "--channel", "voice")
    planned = json.loads(said)
    assert (planned["begun"], planned["satellites"]) == (False, 1)
    assert set(planned["channels"]) == {"voice"}
    status, said = run("--channel", "voice")
    assert status == 0 and "已开始测试" in said and "卫星电话 1 部" in said
    status, said = run()
    assert status == 1 and "正在测试" in said
    rules = Rules(first=Rules().last, last=Rules().last, channels=(Channel.VOICE,))

    # One presses the key, at one nobody answers three times, the others are not reached.
    def rung(connection) -> None:
        running.go_on(connection, rules, NOW)
        for delivery in test_store.due(connection, Channel.VOICE, _now(connection), 99):
            if delivery.person_id == HEAD["id"]:
                line = store.line(connection, delivery.test_line_id)
                proving._prove(connection, line, proving.HowProven.KEY, NOW, NOW)

    database.do(rung)
    database.do(
        lambda c: [
            address_store.note_failure(
                c,
                VILLAGERS[1]["id"],
                Channel.VOICE,
                VILLAGERS[1]["phone"],
                Cause.POWERED_OFF,
                NOW,
                NOW,
            )
            for _ in range(4)
        ]
    )
    status, said = run("--stop")
    assert status == 0 and "测试已停止" in said
    status, said = run("--status", by="")
    assert status == 0 and "核实了 1 人" in said and "测试结束前没轮到" in said
    status, said = run("--status", "--json", by="")
    told = json.loads(said)
    outcomes = [each["outcome"] for each in told["addresses"]]
    assert outcomes.count("proven") == 1 and not told["open"]
    file = tmp_path / "结果.xlsx"
    assert run("-o", str(file), by="")[0] == 0
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["分乡镇", "逐个", "说明"]
    rows = list(book["逐个"].iter_rows(values_only=True))
    assert [row[1] for row in rows if row[4] and "按了键" in row[4]] == [HEAD["name"]]
    assert file.stat().st_mode & 0o077 == 0
    acts = database.read(lambda c: list(c.execute(audit.select()).all()))
    done = [row.action for row in acts]
    assert done.count("address.marked") == 1  # the third failure, and not the fourth again
    for act in ("test_call.started", "test_call.closed", "test_call.written", "address.proven"):
        assert done.count(act) == 1, act
    assert not [row for row in acts if "870773112233" in str(row.detail)]


def _now(connection):
    [test] = store.open_tests(connection)
    return max(NOW, test.started_at)
