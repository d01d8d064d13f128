"""Does a test notice? Changes one thing in the product, runs the tests that run it, and counts.

``scripts/mutants 50`` takes fifty of all the changes there could be, by chance, and prints those
that no test noticed. What nobody could notice stands in ``equivalent.toml`` and is counted apart.
The first run records which tests run which lines (a quarter of an hour); later ones know.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter

from tests.mutants.changes import WHERE, Mutant, changed_code, difference, mutants, why_equivalent
from tests.mutants.children import import_what_takes_long
from tests.mutants.line_map import FOLDERS, LineMap
from tests.mutants.trials import Trial, try_all


class Counts:
    """What came of the changes, by folder."""

    def __init__(self, *, say_all: bool) -> None:
        self.noticed: Counter[str] = Counter()
        self.survived: Counter[str] = Counter()
        self.equivalent: Counter[str] = Counter()
        self._say_all = say_all

    def tell(self, trial: Trial, test: str | None) -> None:
        """Count it, and show what survived."""
        mutant, folder = trial.mutant, trial.mutant.file.rpartition("/")[0]
        place = f"{mutant.file}:{mutant.line} {mutant.operator}"
        if test is not None:
            self.noticed[folder] += 1
            if self._say_all:
                print(f"noticed {place} by {test}", flush=True)
            return
        self.survived[folder] += 1
        print(f"SURVIVED {place} ({len(trial.tests)} tests)")
        print(difference(mutant, trial.changed), flush=True)

    def summary(self) -> str:
        """A line for each folder, and one for all."""
        folders = sorted(self.noticed | self.survived | self.equivalent)
        rows = [(f, self.noticed[f], self.survived[f], self.equivalent[f]) for f in folders]
        rows.append(("all", *(sum(row[n] for row in rows) for n in (1, 2, 3))))
        return "\n".join(
            f"{folder}: {noticed} of {noticed + survived} noticed,"
            f" {100 * noticed / max(1, noticed + survived):.0f} %;"
            f" {equivalent} equivalent"
            for folder, noticed, survived, equivalent in rows
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("number", type=int, nargs="?", default=20, help="how many changes")
    parser.add_argument("--seed", type=int, default=0, help="which sample")
    parser.add_argument("--only", default="", help="only files whose path holds one of these (a,b)")
    parser.add_argument("--seconds", type=float, default=75, help="of tests, for each change")
    parser.add_argument("--tests", default=",".join(FOLDERS), help="folders or files of tests/")
    parser.add_argument("-v", "--verbose", action="store_true", help="say what was noticed, too")
    arguments = parser.parse_args()
    sys.dont_write_bytecode = True
    import_what_takes_long()
    sample = sampled(arguments.number, arguments.seed, arguments.only.split(","))
    began = time.monotonic()
    lines = LineMap({mutant.file for mutant in sample}, arguments.tests.split(","))
    counts = Counts(say_all=arguments.verbose)
    trials = []
    for mutant in sample:
        changed = changed_code(mutant)
        if changed is None:
            continue
        if why_equivalent(mutant, difference(mutant, changed)) is not None:
            counts.equivalent[mutant.file.rpartition("/")[0]] += 1
            continue
        trials.append(Trial(mutant, changed, tuple(lines.tests(mutant, arguments.seconds))))
    try_all(trials, lines, counts.tell)
    print(f"\nseed {arguments.seed}, {time.monotonic() - began:.0f} s", counts.summary(), sep="\n")
    return 0


def sampled(number: int, seed: int, only: list[str]) -> list[Mutant]:
    """So many of the changes in files whose path holds one of ``only``."""
    candidates = [m for m in mutants(WHERE) if any(part in m.file for part in only)]
    sample = random.Random(seed).sample(candidates, min(number, len(candidates)))
    print(f"{len(candidates)} changes are possible; {len(sample)} of them:", flush=True)
    return sample


if __name__ == "__main__":
    sys.exit(main())
