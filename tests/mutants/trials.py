"""Tries changes: whether one of the tests that run the changed line fails.

It is made in a fork of one process that has collected all tests: the function gets other code, what
a module keeps is made again. What runs at import and was not noticed so is tried once more, changed
before it is imported. No file is written; so processes that a test starts run what they always ran.
"""

from __future__ import annotations

import ast
import gc
import inspect
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from tests.mutants.changes import ROOT, Mutant, code_of
from tests.mutants.children import OURS, in_child, in_child_without_product
from tests.mutants.line_map import OPTIONS, LineMap

Tell = Callable[["Trial", str | None], None]
"""Called with each trial and the test that noticed."""


_IMPORT = "the import"
"""Stands for a test where nothing could be imported."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A change, the file with it, and the tests that run it."""

    mutant: Mutant
    changed: str
    tests: tuple[str, ...]


def try_all(trials: list[Trial], lines: LineMap, tell: Tell) -> None:
    """Try each, and tell what came of it as soon as it is known."""
    with tempfile.TemporaryDirectory(prefix="jiaoying-mutants-") as folder:
        loop = _Loop(Path(folder), lines)
        anew = []

        def told(trial: Trial, test: str | None) -> None:
            if test is None and (lines.is_imported(trial.mutant) or _swaps(trial) is None):
                anew.append(trial)
            else:
                tell(trial, test)

        loop.run([trial for trial in trials if trial.tests], told)
        for trial in trials:
            if not trial.tests:
                tell(trial, None)
        for trial in anew:
            tell(trial, loop.of_import(trial))


class _Loop:
    """A pytest that collects once, then forks for each change."""

    def __init__(self, folder: Path, lines: LineMap) -> None:
        self._folder, self._lines = folder, lines
        self._options = [*OPTIONS, f"--basetemp={folder}/tests", "-s"]
        self._trials: list[Trial] = []
        self._tell: Tell = lambda _trial, _test: None
        self._unreliable: set[str] = set()
        self._functions: list[FunctionType] = []

    def run(self, trials: list[Trial], tell: Tell) -> None:
        """Those that a running process can take over."""
        self._trials, self._tell = trials, tell
        files = sorted({test.partition("::")[0] for trial in trials for test in trial.tests})
        pytest.main([*self._options, *files], plugins=[self])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of running all tests."""
        from hypothesis.configuration import set_hypothesis_home_dir

        from tests.roster import divisions_only

        set_hypothesis_home_dir(str(self._folder))
        divisions_only()
        self._functions = _functions({trial.mutant.file for trial in self._trials})
        items = {item.nodeid: item for item in session.items}
        for trial in self._trials:
            self._tell(trial, self._noticed_by(session, items, trial))
        return True

    def _noticed_by(
        self, session: pytest.Session, items: dict[str, pytest.Item], trial: Trial
    ) -> str | None:
        """The test that fails with the change and passes without."""
        while True:
            tests = [t for t in trial.tests if t in items and t not in self._unreliable]
            test = self._failing(lambda: self._change(trial), session, [items[t] for t in tests])
            if test is None or not self._failing(lambda: None, session, [items[test]]):
                return test
            self._unreliable.add(test)

    def _failing(
        self, change: Callable[[], None], session: pytest.Session, items: list[pytest.Item]
    ) -> str | None:
        at = self._folder / "at.txt"

        def work() -> int:
            change()
            for number, item in enumerate(items):
                at.write_text(item.nodeid, encoding="utf-8")
                signal.alarm(self._patience(item.nodeid))
                following = items[number + 1] if number + 1 < len(items) else None
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if session.testsfailed:
                    return 1
            return 0

        return at.read_text(encoding="utf-8") if in_child(work) else None

    def _change(self, trial: Trial) -> None:
        _swap(trial, self._functions)
        _make_again(trial)
        _load_changed(trial)  # should it not be imported yet

    def _patience(self, test: str) -> int:
        return 30 + int(10 * self._lines.seconds(test))

    def of_import(self, trial: Trial) -> str | None:
        """The test that fails with what is changed before it is imported, and not without."""
        test = self._failing_anew(list(trial.tests), trial)
        if test in (None, _IMPORT):
            return test
        return None if self._failing_anew([test], None) else test

    def _failing_anew(self, tests: list[str], trial: Trial | None) -> str | None:
        wanted = set(tests)
        seconds = 60 + sum(self._patience(test) for test in tests)
        at = self._folder / "at.txt"
        at.write_text(_IMPORT, encoding="utf-8")

        class Chosen:
            def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
                items[:] = [item for item in items if item.nodeid in wanted]
                items.sort(key=lambda item: tests.index(item.nodeid))

            def pytest_runtest_setup(self, item: pytest.Item) -> None:
                at.write_text(item.nodeid, encoding="utf-8")

        def work() -> int:
            if trial is not None:
                _load_changed(trial)
            files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
            return int(pytest.main([*self._options, "-x", *files], plugins=[Chosen()]))

        if not in_child_without_product(work, seconds=seconds):
            return None
        return at.read_text(encoding="utf-8")


def _load_changed(trial: Trial) -> None:
    changed_path = str(ROOT / trial.mutant.file)
    get_code = SourceFileLoader.get_code

    def changed_code(self: Any, name: str) -> CodeType | None:
        if self.path == changed_path:
            return compile(trial.changed, changed_path, "exec")
        return get_code(self, name)

    SourceFileLoader.get_code = changed_code  # type: ignore[method-assign]


def _swaps(trial: Trial) -> dict[CodeType, CodeType] | None:
    """Code of functions before and after; ``None`` when the module or a class differs itself."""
    path = str(ROOT / trial.mutant.file)
    before = compile(code_of(trial.mutant.file), path, "exec", dont_inherit=True)
    after = compile(trial.changed, path, "exec", dont_inherit=True)
    swaps: dict[CodeType, CodeType] = {}
    return swaps if _compare(before, after, swaps) else None


def _compare(before: CodeType, after: CodeType, swaps: dict[CodeType, CodeType]) -> bool:
    if before == after:
        return True
    if before.co_flags & inspect.CO_OPTIMIZED:  # a function
        swaps[before] = after
        return before.co_freevars == after.co_freevars
    if _alone(before) != _alone(after):
        return False
    return all(
        _compare(one, other, swaps)
        for one, other in zip(_inside(before), _inside(after), strict=True)
    )


def _alone(code: CodeType) -> tuple[Any, ...]:
    constants = tuple(repr(c) for c in code.co_consts if not isinstance(c, CodeType))
    return code.co_code, code.co_names, constants, len(_inside(code))


def _inside(code: CodeType) -> list[CodeType]:
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _functions(files: set[str]) -> list[FunctionType]:
    """All there are of these files."""
    paths = {str(ROOT / file) for file in files}
    gc.unfreeze()  # the collector is not asked about what it was told to leave alone (conftest)
    found = [
        thing
        for thing in gc.get_objects()
        if isinstance(thing, FunctionType) and thing.__code__.co_filename in paths
    ]
    gc.freeze()
    return found


def _swap(trial: Trial, functions: list[FunctionType]) -> None:
    swaps = _swaps(trial) or {}
    for function in functions:
        if function.__code__ in swaps:
            function.__code__ = swaps[function.__code__]


def _make_again(trial: Trial) -> None:
    """What the module keeps under the names that the change concerns, and what is made of that."""
    module = sys.modules.get(trial.mutant.file.removesuffix(".py").replace("/", "."))
    if module is None:
        return
    concerned: set[str] = set()
    for statement in ast.parse(trial.changed).body:
        changed = trial.mutant.line in range(statement.lineno, (statement.end_lineno or 0) + 1)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            concerned |= {statement.name} if changed else set()
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            names = [n for n in ast.walk(statement) if isinstance(n, ast.Name)]
            if changed or any(n.id in concerned for n in names if isinstance(n.ctx, ast.Load)):
                made = {n.id for n in names if isinstance(n.ctx, ast.Store)}
                concerned |= made
                before = {name: vars(module).get(name) for name in made}
                code = ast.Module([statement], [])
                exec(compile(code, module.__file__ or "", "exec"), vars(module))
                _give_to_importers(before, vars(module))


def _give_to_importers(before: dict[str, Any], after: dict[str, Any]) -> None:
    for module in list(sys.modules.values()):
        if (module.__name__ or "").partition(".")[0] in OURS:
            for name, old in before.items():
                if old is not None and vars(module).get(name) is old:
                    setattr(module, name, after[name])
