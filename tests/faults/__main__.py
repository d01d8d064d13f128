"""``python -m tests.faults``: run the fault tests and print what they counted, as Markdown."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import pytest

WHERE = ("tests/faults", "tests/crash", "tests/machines/test_killed_parts.py")
"""The tests that count."""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.jsonl"
        os.environ["FAULT_TABLE"] = str(table)
        code = pytest.main(["-q", "-p", "no:cacheprovider", *WHERE])
        rows = [json.loads(line) for line in table.read_text(encoding="utf-8").splitlines()]
    print("| 故障 Fault | 次数 Trials | 丢失 Lost | 重复 Twice | 上限 Bound | 测试 Test |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        file = row["test"].partition("::")[0]
        figures = " | ".join(str(row[name]) for name in ("trials", "lost", "twice", "bound"))
        print(f"| {row['fault']} | {figures} | `{file}` |")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
