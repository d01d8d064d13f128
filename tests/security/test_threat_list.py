"""docs/security.md and the security tests name each other: for each threat a test and back."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
LONGEST_PAGE = 150
ROW = re.compile(r"^\|(.+)\|(.+)\|(.+)\|(.+)\|$")
NAMED = re.compile(r"`(tests/[\w/]+\.py)`")
ISSUE = {
    "forged and foreign taps": "test_foreign_taps.py",
    "scope of release": "test_scope.py",
    "phones and positions": "test_phones_and_positions.py",
    "webhook": "test_webhook_secret.py",
    "token": "test_secrets.py",
    "board links": "test_board_links.py",
    "uploads": "test_uploads.py",
    "XML bombs": "test_uploads.py",
    "formula injection": "test_formula_injection.py",
    "tampering": "test_audit_tampering.py",
    "positions kept": "test_retention.py",
}
"""What the issue asks for by name."""


def rows() -> list[tuple[str, str, str, str]]:
    """The rows of the table of threats, without its head."""
    found = [ROW.match(line) for line in PAGE.read_text(encoding="utf-8").splitlines()]
    cells = [tuple(cell.strip() for cell in row.groups()) for row in found if row]
    return [row for row in cells if not set(row[0]) <= set("-: ")][1:]  # type: ignore[misc]


def count_tests(file: str) -> int:
    """How many test functions a file has."""
    found = ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))
    functions = [node for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return sum(function.name.startswith("test_") for function in functions)


def test_every_threat_names_files_with_tests() -> None:
    counts: dict[str, int] = {}
    assert len(rows()) >= 11
    for threat, protection, tests, left in rows():
        named = NAMED.findall(tests)
        assert named, f"no test: {threat}"
        for file in named:
            assert (ROOT / file).exists(), file
            if file not in counts:
                counts[file] = count_tests(file)
            assert counts[file] > 0, file
        assert protection and left, threat


def test_every_security_test_has_its_threat() -> None:
    named = {file for row in rows() for file in NAMED.findall(row[2])}
    present = {
        str(file.relative_to(ROOT)) for file in sorted(Path(__file__).parent.glob("test_*.py"))
    }
    assert present <= named


@pytest.mark.parametrize("threat", ISSUE)
def test_what_the_issue_names_is_there(threat: str) -> None:
    found = [row for row in rows() if threat in row[0]]
    assert found, threat
    assert any(ISSUE[threat] in row[2] for row in found)


def test_the_page_is_short_bilingual_and_linked() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_PAGE
    for threat, *_ in rows():
        assert re.search(r"[\u4e00-\u9fff]", threat) and re.search(r"[A-Za-z]", threat), threat
    assert "docs/security.md" in (ROOT / "README.md").read_text(encoding="utf-8")
    for heading in ("主机", "管理员", "报告漏洞"):
        assert f"## {heading}" in text


def test_none_of_these_tests_is_skipped_by_itself() -> None:
    for file in Path(__file__).parent.glob("*.py"):
        if file != Path(__file__):
            text = file.read_text(encoding="utf-8")
            assert "pytest.mark.skip" not in text and "xfail" not in text, file.name
