"""``python -m bench``: run the benchmarks, print a table, write JSON."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
from dataclasses import asdict
from pathlib import Path

from bench import (
    busy_officer,
    cap_polls,
    channels,
    cpu,
    daily_report,
    distress,
    halted,
    hotspots,
    idle_bots,
    killing,
    ladder,
    memory,
    pace,
    polls,
    postgresql,
    refused_taps,
    restart,
    roll_call,
    shapes,
    strangers,
    taps,
    task_sweep,
    ten_bots,
    updates,
    years,
)
from bench.scene import Row, machine
from bot.app import tune_interpreter

BENCHES = {
    "a": pace.pace,
    "b": cpu.cpu,
    "c": taps.taps,
    "d": ladder.release,
    "e": ladder.sweeping,
    "f": restart.restart,
    "g": killing.killing,
    "h": hotspots.hotspots,
    "i": distress.distress,
    "j": ten_bots.ten_bots,
    "k": polls.polls,
    "m": memory.memory,
    "n": busy_officer.behind_others,
    "o": busy_officer.own_taps,
    "p": postgresql.postgresql,
    "q": halted.halted,
    "r": roll_call.rolling,
    "s": idle_bots.idle_bots,
    "t": refused_taps.refused_taps,
    "u": strangers.strangers,
    "v": channels.channels,
    "w": updates.updates,
    "x": shapes.shapes,
    "y": years.years,
    "z": cap_polls.cap_polls,
    "A1": task_sweep.task_sweep,
    "A2": daily_report.daily_report,
}


def parser() -> argparse.ArgumentParser:
    """The options; all benches unless letters are named."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--only", default=",".join(BENCHES), help="letters, as in a,b")
    options.add_argument(
        "--quick", action="store_true", help="smaller: minutes instead of half an hour"
    )
    options.add_argument("--json", type=Path, default=Path("bench/results/latest.json"))
    return options


def main() -> int:
    chosen = parser().parse_args()
    rows = []
    for letter in chosen.only.split(","):
        began = time.time()
        found = run_bench(letter, quick=chosen.quick)
        rows += found
        for row in found:
            verdict = {True: "met", False: "MISSED", None: ""}[row.met]
            print(
                f"({row.bench}) {row.what:<72} {row.figure:>10}  {row.bar:<8} {verdict}", flush=True
            )
        print(f"    {time.time() - began:.0f} s", flush=True)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    facts = {"machine": machine(), "quick": chosen.quick, "rows": [asdict(row) for row in rows]}
    chosen.json.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
    return 1 if any(row.met is False for row in rows) else 0


def run_bench(letter: str, *, quick: bool) -> list[Row]:
    """The rows of a bench; one that breaks down is a missed row, and the others still run."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            tune_interpreter()  # as every process of the bot does
            return BENCHES[letter](Path(folder), quick=quick)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is printed
        traceback.print_exc()
        return [Row(letter, f"broke down: {type(error).__name__}: {error}", "-", "", False)]


if __name__ == "__main__":
    sys.exit(main())
