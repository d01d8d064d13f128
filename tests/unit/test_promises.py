"""Every test that the documents cite exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


@pytest.mark.parametrize("document", ["reliability.md", "security.md"])
def test_every_proof_that_is_named_exists(document: str) -> None:
    named = NAMED.findall((ROOT / "docs" / document).read_text(encoding="utf-8"))
    assert len(named) > 10
    missing = []
    for file, name in named:
        path = ROOT / file
        source = path.read_text(encoding="utf-8") if path.exists() else ""
        if not re.search(rf"^(async )?def {name or 'test_'}", source, re.MULTILINE):
            missing.append(f"{file}::{name}")
    assert not missing


def test_every_promise_names_its_proof() -> None:
    """A row of a table of promises without a test is only a hope."""
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    tables = text.partition("## 故障统计")[0]
    rows = [line for line in tables.splitlines() if line.startswith("| ")]
    promises = [row for row in rows if "承诺 Promise" not in row]
    assert len(promises) > 25
    assert [row for row in promises if not NAMED.search(row)] == []
