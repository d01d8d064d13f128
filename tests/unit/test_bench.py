"""The benches themselves: which are run, and when a slow machine is waited for."""

from __future__ import annotations

import random
import re
from pathlib import Path

from bench import __main__ as benches
from bench.crash import Crowd, finish
from tests.waiting import PassTime

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def test_all_benches_run_unless_letters_are_named() -> None:
    assert benches.parser().parse_args([]).only.split(",") == list(benches.BENCHES)
    assert benches.parser().parse_args(["--only", "b"]).only == "b"


def test_the_page_of_the_benches_has_a_row_of_each() -> None:
    rows = re.findall(r"^\| ([a-z]|[A-Z]\d) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(set(rows)) == sorted(benches.BENCHES)


def test_a_bench_that_breaks_down_is_a_missed_row(monkeypatch, capsys) -> None:
    def breaks_down(_folder: Path, *, quick: bool):  # type: ignore[no-untyped-def]
        raise OSError(f"quick={quick}")

    monkeypatch.setitem(benches.BENCHES, "b", breaks_down)
    (row,) = benches.run_bench("b", quick=True)
    assert (row.bench, row.met) == ("b", False)
    assert "quick=True" in row.what
    assert "OSError" in capsys.readouterr().err


class _Process:
    """As much of a process as is asked for."""

    def __init__(self) -> None:
        self.terminated = False

    def terminate(self) -> None:
        self.terminated = True

    def wait(self, _timeout: float) -> int:
        return 0

    def kill(self) -> None:
        pass


async def test_the_last_process_may_take_its_time_while_anything_happens(
    pass_time: PassTime,
) -> None:
    crowd, process, looks = Crowd({}, random.Random(1)), _Process(), 0

    async def slow_look() -> None:
        nonlocal looks
        looks += 1
        assert not process.terminated
        await pass_time(50)
        crowd.seen += looks % 2  # every other look, something arrived

    await finish(crowd, process, slow_look, lambda: looks >= 20)  # type: ignore[arg-type]
    assert looks >= 20
    assert process.terminated


async def test_what_never_happens_is_given_up(pass_time: PassTime) -> None:
    crowd, process = Crowd({}, random.Random(1)), _Process()

    async def look() -> None:
        await pass_time(50)

    await finish(crowd, process, look, lambda: False)  # type: ignore[arg-type]
    assert process.terminated
