"""Which tests run which lines of the product, recorded once with coverage's contexts and kept.

What is kept lies in the user's cache, a file for each file of tests; it is recorded again when
the tests or the asked-for files of the product have changed.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

from tests.mutants.changes import ROOT, Mutant, code_of
from tests.mutants.children import in_child_without_product

FOLDERS = ("unit", "store", "stories", "security", "faults")
TOGETHER = 8
"""Files of tests recorded by one process."""
ONCE = "once"
"""Stands for what is run for many tests, by none of them."""

OPTIONS = (
    "-q",
    "-p",
    "no:cacheprovider",
    "--no-header",
    "--assert=plain",
    "--tb=no",
    f"--rootdir={ROOT}",
    "-k",
    "not postgresql and not random_walk",
    "-m",
    "not browser and not peer",
)
"""Of each pytest that is run here: quick, and on SQLite only."""


@dataclass
class Recorded:
    """What the tests of one file run."""

    seconds: dict[str, float] = field(default_factory=dict)
    """Of each test that passes."""
    lines: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """File of the product, line, the tests that run it. The empty test: while it is imported."""


def recorded(files: set[str], folders: Sequence[str] = FOLDERS) -> list[Recorded]:
    """For the tests in these folders or files, what they run in these files of the product."""
    tests = [str(test.relative_to(ROOT)) for place in folders for test in _tests_in(place)]
    stale = [test for test in tests if not _is_fresh(test, files)]
    if stale:
        print(f"recording what the tests of {len(stale)} files run", flush=True)
    for number in range(0, len(stale), TOGETHER):
        _record(stale[number : number + TOGETHER])
    return [Recorded(**_kept(test)["recorded"]) for test in tests if _kept(test)]


def _tests_in(place: str) -> list[Path]:
    path = ROOT / "tests" / place
    return [path] if path.is_file() else sorted(path.rglob("test_*.py"))


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "jiaoying" / "mutants"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def _hash(file: str) -> str:
    try:
        return hashlib.sha256((ROOT / file).read_bytes()).hexdigest()[:16]
    except FileNotFoundError:
        return ""


def _kept_in(test: str) -> Path:
    return _folder() / f"{test.replace('/', '-')}-{_hash(test)}.json"


@cache
def _kept(test: str) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json.loads(_kept_in(test).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return kept


def _is_fresh(test: str, files: set[str]) -> bool:
    kept = _kept(test)
    if not kept:
        return False
    hashes = kept["hashes"]
    return all(hashes[file] == _hash(file) for file in files if file in hashes)


def _record(tests: list[str]) -> None:
    status = in_child_without_product(lambda: _record_here(tests))
    if status:
        print(f"could not record {' '.join(tests)}", flush=True)
    _kept.cache_clear()


class _Switch:
    """Tells coverage which test runs, and keeps what each took."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self.seconds: dict[str, float] = defaultdict(float)
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._coverage.switch_context(ONCE)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration
        if not report.passed:  # skipped tests notice nothing either
            self.failed.add(report.nodeid)


def _record_here(tests: list[str]) -> int:
    product = [f"{ROOT}/{name}/*" for name in ("alerts", "bot", "contacts", "data")]
    coverage = Coverage(data_file=None, config_file=False, include=product)
    switch = _Switch(coverage)
    coverage.start()
    from tests.roster import divisions_only

    coverage.switch_context(ONCE)
    divisions_only()
    coverage.switch_context("")
    code = pytest.main([*OPTIONS, *tests], plugins=[switch])
    coverage.stop()
    data = coverage.get_data()
    by_test: dict[str, Recorded] = {test: Recorded() for test in tests}
    for nodeid, seconds in switch.seconds.items():
        if nodeid not in switch.failed:
            by_test[nodeid.partition("::")[0]].seconds[nodeid] = seconds
    for path in data.measured_files():
        file = str(Path(path).relative_to(ROOT))
        for line, contexts in data.contexts_by_lineno(path).items():
            for nodeid in contexts:
                owners = [nodeid.partition("::")[0]] if "::" in nodeid else tests
                for test in owners:
                    lines = by_test[test].lines.setdefault(file, {})
                    lines.setdefault(str(line), []).append(nodeid)
    for test, found in by_test.items():
        kept = {
            "hashes": {file: _hash(file) for file in found.lines},
            "recorded": {"seconds": found.seconds, "lines": found.lines},
        }
        whole = _kept_in(test).with_suffix(f".{os.getpid()}")
        whole.write_text(json.dumps(kept), encoding="utf-8")
        whole.rename(_kept_in(test))
    return 0 if code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, 5) else int(code)


class LineMap:
    """Asks what was recorded: which tests should notice a change, and is it seen at import."""

    def __init__(self, files: set[str], folders: Sequence[str] = FOLDERS) -> None:
        self._lines: dict[str, dict[int, set[str]]] = {file: defaultdict(set) for file in files}
        self._seconds: dict[str, float] = {}
        for found in recorded(files, folders):
            self._seconds.update(found.seconds)
            for file in files & found.lines.keys():
                for line, tests in found.lines[file].items():
                    self._lines[file][int(line)].update(tests)

    def seconds(self, test: str) -> float:
        """What the test took when it was recorded."""
        return self._seconds[test]

    def is_imported(self, mutant: Mutant) -> bool:
        """Whether the line runs while the module is imported."""
        return "" in self._lines[mutant.file][mutant.line]

    def tests(self, mutant: Mutant, seconds: float) -> list[str]:
        """The tests that run the changed statement, the quickest first, of each file in turn; then
        those that use what it makes while it is imported.

        :param seconds: what they may take together.
        """
        span = range(mutant.line, mutant.line + 1)
        statements = [node for node in ast.walk(_tree(mutant.file)) if isinstance(node, ast.stmt)]
        holding = [node for node in statements if mutant.line in _head(node)]
        if holding:
            span = min((_head(node) for node in holding), key=len)
        running = self._running(mutant.file, span)
        chosen = self._in_order(running, seconds)
        if not running or self.is_imported(mutant):
            left = seconds - sum(self._seconds[test] for test in chosen)
            chosen += self._in_order(self._reading(mutant.file, span) - running, left)
        return chosen

    def _running(self, file: str, span: range) -> set[str]:
        lines = self._lines[file]
        tests = set().union(*(lines[line] for line in span if line in lines))
        return {test for test in tests if test in self._seconds}

    def _reading(self, file: str, span: range) -> set[str]:
        """The tests that name what is made at these lines, or run functions that do; else all."""
        tree = _tree(file)
        top = [node for node in tree.body if span.start in range(node.lineno, _end(node) + 1)]
        names = {
            node.id
            for statement in top
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        } | {node.name for node in top if isinstance(node, ast.ClassDef | ast.FunctionDef)}
        for statement in tree.body:  # and what is made of that
            if isinstance(statement, ast.Assign | ast.AnnAssign):
                parts = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
                if any(part.id in names for part in parts if isinstance(part.ctx, ast.Load)):
                    names |= {part.id for part in parts if isinstance(part.ctx, ast.Store)}
        tests: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in names and node.lineno not in span:
                tests |= self._running(file, range(node.lineno, node.lineno + 1))
        named = re.compile(r"\b(" + "|".join(names) + r")\b") if names else None
        for test in self._seconds if named else ():
            if named.search(_text(test.partition("::")[0])):
                tests.add(test)
        whole = range(1, len(code_of(file).splitlines()) + 1)
        return tests or self._running(file, whole)

    def _in_order(self, tests: set[str], seconds: float) -> list[str]:
        of_file: dict[str, float] = defaultdict(float)
        ranked = []
        for test in sorted(tests, key=lambda test: self._seconds[test]):
            file = test.partition("::")[0]
            of_file[file] += self._seconds[test]
            ranked.append((of_file[file], test))
        chosen, total = [], 0.0
        for _, test in sorted(ranked):
            if total + self._seconds[test] <= seconds:
                chosen.append(test)
                total += self._seconds[test]
        return chosen


@cache
def _text(test: str) -> str:
    return (ROOT / test).read_text(encoding="utf-8")


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse(code_of(file))


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _head(node: ast.stmt) -> range:
    """The lines of a statement without the block below it."""
    body = getattr(node, "body", None)
    end = body[0].lineno - 1 if body else _end(node)
    return range(node.lineno, max(end, node.lineno) + 1)
