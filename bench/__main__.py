"""``python -m bench``: run the benchmarks, print a table, write JSON."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from bench import (
    cpu,
    distress,
    hotspots,
    killing,
    ladder,
    memory,
    pace,
    polls,
    postgresql,
    restart,
    roll_call,
    taps,
    ten_bots,
)
from bench.scene import machine

BENCHES = {
    "a": pace.pace,
    "b": cpu.cpu,
    "c": taps.taps,
    "d": ladder.release,
    "e": ladder.sweeping,
    "f": restart.restart,
    "g": killing.killing,
    "i": distress.distress,
    "h": hotspots.hotspots,
    "j": ten_bots.ten_bots,
    "k": polls.polls,
    "m": memory.memory,
    "p": postgresql.postgresql,
    "r": roll_call.rolling,
}


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--only", default="b,c,d,e,f,g,h,i,a", help="letters, as in a,b")
    options.add_argument(
        "--quick", action="store_true", help="smaller: minutes instead of half an hour"
    )
    options.add_argument("--json", type=Path, default=Path("bench/results/latest.json"))
    chosen = options.parse_args()
    rows = []
    for letter in chosen.only.split(","):
        began = time.time()
        with tempfile.TemporaryDirectory() as folder:
            found = BENCHES[letter](Path(folder), quick=chosen.quick)
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


if __name__ == "__main__":
    sys.exit(main())
