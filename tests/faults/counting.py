"""What the fault tests count; ``python -m tests.faults`` prints it as a table."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

Count = Callable[..., None]


@pytest.fixture
def counted(request: pytest.FixtureRequest) -> Count:
    """Note what a fault did; a loss, or more duplicates than are promised, fails the test."""

    def note(fault: str, *, trials: int, lost: int, twice: int, bound: int) -> None:
        if table := os.environ.get("FAULT_TABLE"):
            row = {
                "fault": fault,
                "trials": trials,
                "lost": lost,
                "twice": twice,
                "bound": bound,
                "test": request.node.nodeid.partition("[")[0],
            }
            with Path(table).open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        assert trials > 0, "the fault met nothing"
        assert lost == 0
        assert twice <= bound

    return note
