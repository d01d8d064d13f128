"""Does a test notice? Changes one thing in the product, runs the tests that should, and counts.

``scripts/mutants 50`` takes fifty of all the changes there could be, by chance, and prints those
that no test noticed. The changes are cosmic-ray's, and two of our own: a condition left out of a
statement, another member of an enumeration. It works on a copy; one process; as long as it takes.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator

# What the children need and is not the product: imported once.
IMPORTED = (
    "aiohttp aiohttp.test_utils alembic.command apscheduler.schedulers.asyncio hypothesis "
    "hypothesis.stateful openpyxl orjson psycopg pytest_asyncio requests segno sqlalchemy "
    "sqlalchemy.dialects.postgresql telegram.ext"
)

ROOT = Path(__file__).resolve().parents[1]
COPIED = "alerts bench bot contacts data docs scripts tests config.toml pyproject.toml README.md"
SECONDS = 900  # a change that makes the tests hang is noticed

WHERE = (
    "alerts/*.py",
    "alerts/outbox/*.py",
    "contacts/access.py",
    "contacts/targeting*.py",
    "contacts/linking.py",
    "data/*.py",
    "bot/telegram/*.py",
)
"""What may be changed: the core, and what sends."""

CORE = (
    "store/test_release.py store/test_chase.py store/test_two_warnings.py "
    "store/test_hard_to_reach.py store/test_lanes.py store/test_report.py "
    "stories/test_call_and_respond.py stories/test_release.py stories/test_release_choices.py "
    "store/test_others_rows.py stories/test_duty.py stories/test_trail.py"
)
RELEVANT = {
    "alerts/outbox": "unit/test_messages.py " + CORE + " store/test_oversight.py",
    "alerts": "unit/test_calls.py unit/test_escalation.py unit/test_templates.py " + CORE,
    "contacts": "unit/test_access.py unit/test_linking.py unit/test_targeting.py "
    "store/test_contacts_store.py security/test_scope.py store/test_release.py "
    "stories/test_people_and_patrol.py",
    "data": "store/test_others_rows.py store/test_inbox.py "
    "store/test_database.py store/test_audit.py store/test_schema.py store/test_chase.py "
    "store/test_several_processes.py security/test_audit_tampering.py stories/test_disk_full.py "
    "faults/test_locked_file.py machines/test_several_machines.py",
    "bot/telegram": "unit/test_outgoing.py unit/test_shown_messages.py unit/test_pacing.py "
    "unit/test_pacing_halts.py unit/test_pacing_model.py unit/test_transport.py "
    "unit/test_transport_failures.py stories/test_webhook.py stories/test_call_and_respond.py "
    "stories/test_several_bots.py stories/test_unchanged_cards.py stories/test_bad_input.py "
    "stories/test_disk_full.py faults/test_blocked.py faults/test_storm_of_429.py",
}
"""Besides the tests that import the changed module, by folder."""

OPERATORS = (
    "AddNot ExceptionReplacer NumberReplacer ReplaceAndWithOr ReplaceOrWithAnd "
    "ReplaceTrueWithFalse ReplaceFalseWithTrue ReplaceBreakWithContinue "
    "ReplaceContinueWithBreak ReplaceUnaryOperator_Delete_Not ZeroIterationForLoop "
    "ReplaceComparisonOperator_Eq_NotEq ReplaceComparisonOperator_NotEq_Eq "
    "ReplaceComparisonOperator_Lt_LtE ReplaceComparisonOperator_LtE_Lt "
    "ReplaceComparisonOperator_Gt_GtE ReplaceComparisonOperator_GtE_Gt "
    "ReplaceComparisonOperator_Lt_Gt ReplaceComparisonOperator_LtE_GtE "
    "ReplaceComparisonOperator_Gt_Lt ReplaceComparisonOperator_GtE_LtE "
    "ReplaceComparisonOperator_Is_IsNot ReplaceComparisonOperator_IsNot_Is "
    "ReplaceBinaryOperator_Add_Sub ReplaceBinaryOperator_Sub_Add "
    "ReplaceBinaryOperator_Div_Mul "
    "ReplaceBinaryOperator_BitAnd_BitOr ReplaceBinaryOperator_BitOr_BitAnd"
).split()

ENUMERATIONS = {
    "alerts.calls": ("CallState", "Reach", "Via", "Report"),
    "alerts.escalation": ("Step",),
    "alerts.model": ("Level", "State", "Status"),
    "alerts.outbox.deliveries": ("DeliveryState", "Result"),
    "alerts.outbox.lanes": ("Lane", "LaneOrder"),
    "alerts.outbox.messages": ("MessageKind",),
    "contacts.access": ("Access",),
    "contacts.divisions.codes": ("Tier",),
    "contacts.people": ("Contact", "Role"),
}

Span = tuple[tuple[int, int], tuple[int, int]]


class LeaveOutCondition(Operator):
    """``where(a, b)`` becomes ``where(a)`` or ``where(b)``, and ``where(a)`` ``where(True)``."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        for argument in self._arguments(node):
            yield argument.start_pos, argument.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        arguments = self._arguments(node)
        if len(arguments) == 1:
            inside = "True"
        else:
            kept = [a for number, a in enumerate(arguments) if number != index]
            inside = ", ".join(argument.get_code(include_prefix=False) for argument in kept)
        return get_ast(f"f({inside})").children[0].children[1]

    def _arguments(self, node: Any) -> list[Any]:
        if node.type != "trailer" or node.children[0].value != "(" or len(node.children) != 3:
            return []
        before = node.get_previous_sibling()
        called = before.get_code(include_prefix=False).rpartition(".")[2] if before else ""
        if called not in ("where", "and_", "or_"):
            return []
        inside = node.children[1]
        if inside.type != "arglist":
            return [inside]
        return [child for child in inside.children if child.get_code().strip() != ","]

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class AnotherMember(Operator):
    """``Lane.RED`` becomes the member that follows it."""

    def __init__(self) -> None:
        self._next: dict[str, dict[str, str]] = {}
        for module, classes in ENUMERATIONS.items():
            for name in classes:
                members = list(getattr(importlib.import_module(module), name).__members__)
                following = [*members[1:], members[0]]
                self._next[name] = dict(zip(members, following, strict=True))

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if self._following(node) is not None:
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        assert index == 0
        node.children[1].value = self._following(node)
        return node

    def _following(self, node: Any) -> str | None:
        if node.type != "trailer" or node.children[0].value != ".":
            return None
        before = node.get_previous_sibling()
        members = self._next.get(getattr(before, "value", ""), {})
        return members.get(node.children[1].value)

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the ``occurrence``-th that the operator can make in the file."""

    file: str
    operator: str
    occurrence: int
    line: int


def operator_of(name: str) -> Operator:
    own = {"LeaveOutCondition": LeaveOutCondition, "AnotherMember": AnotherMember}
    made: Operator = own[name]() if name in own else plugins.get_operator(f"core/{name}")()
    return made


def mutants(patterns: tuple[str, ...]) -> list[Mutant]:
    """Every change there could be in these files."""
    files = sorted({file for pattern in patterns for file in ROOT.glob(pattern)})
    found = []
    for file in files:
        code = file.read_text(encoding="utf-8")
        tree, never_run = get_ast(code), spans_never_run(code)
        for name in (*OPERATORS, "LeaveOutCondition", "AnotherMember"):
            operator, occurrence = operator_of(name), 0
            for node in ast_nodes(tree):
                for start, _end in operator.mutation_positions(node):
                    if not any(low <= start < high for low, high in never_run):
                        place = str(file.relative_to(ROOT))
                        found.append(Mutant(place, name, occurrence, start[0]))
                    occurrence += 1
    return found


def spans_never_run(code: str) -> list[Span]:
    """Where a change says nothing: annotations, decorators, assertions, and measures of ours.

    A measure is a number with a name in capitals: that it is one larger matters to nobody.
    """
    spans: list[Span] = []
    for node in ast.walk(ast.parse(code)):
        parts: list[Any] = []
        if isinstance(node, ast.arg | ast.AnnAssign):
            parts.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            parts += [node.returns, *node.decorator_list]
        elif isinstance(node, ast.ClassDef):
            parts += node.decorator_list
        elif isinstance(node, ast.Assert):
            parts.append(node)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            parts += [node.value for name in node.targets if ast.unparse(name).isupper()]
        spans += [
            ((part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset))
            for part in parts
            if part is not None
        ]
    return spans


def relevant_tests(file: str, *, quick: bool = False) -> list[str]:
    """The tests that should notice a change in this file, the quickest first.

    :param quick: those of ``tests/unit`` and ``tests/store`` only.
    """
    package, _, module = file.removesuffix(".py").replace("/", ".").rpartition(".")
    imports = re.compile(
        rf"from {re.escape(package)} import [^\n]*\b{module}\b|{re.escape(package)}\.{module}\b"
    )
    direct = [
        str(test.relative_to(ROOT))
        for folder in ("unit", "store")
        for test in sorted((ROOT / "tests" / folder).rglob("test_*.py"))
        if imports.search(test.read_text(encoding="utf-8"))
    ]
    folder = next(folder for folder in RELEVANT if file.startswith(folder + "/"))
    listed = [f"tests/{name}" for name in RELEVANT[folder].split()]
    found = [test for test in dict.fromkeys(direct + listed) if (ROOT / test).exists()]
    return [test for test in found if test.split("/")[1] in ("unit", "store") or not quick]


class Copy:
    """The project in a folder of its own, where files may be changed."""

    def __init__(self, folder: Path, *, quick: bool) -> None:
        self.folder, self._quick = folder, quick
        self._left_out: list[str] = []
        for name in COPIED.split():
            if (ROOT / name).is_dir():
                ignored = shutil.ignore_patterns("node_modules", "__pycache__", ".*")
                shutil.copytree(ROOT / name, folder / name, ignore=ignored)
            else:
                shutil.copy(ROOT / name, folder / name)

    def noticed(self, mutant: Mutant) -> bool | None:
        """Whether a test fails; ``None`` when nothing was changed."""
        file = self.folder / mutant.file
        code = file.read_text(encoding="utf-8")
        changed = mutate_code(code, operator_of(mutant.operator), mutant.occurrence)
        if changed is None or changed == code:
            return None
        file.write_text(changed, encoding="utf-8")
        try:
            return self._fails(relevant_tests(mutant.file, quick=self._quick))
        finally:
            file.write_text(code, encoding="utf-8")

    def leave_out_failing(self, tests: list[str]) -> list[str]:
        """Run them with nothing changed; those that fail now would notice anything."""
        code, said = self._run(["--tb=no", "-rfE", *tests])
        failing = re.findall(r"^(?:FAILED|ERROR) (\S+)", said, re.MULTILINE)
        if code and not failing:
            raise RuntimeError(f"the tests do not run:\n{said[-2000:]}")
        self._left_out = [f"--deselect={test}" for test in failing]
        return failing

    def _fails(self, tests: list[str]) -> bool:
        return self._run(["-x", "--tb=no", *self._left_out, *tests])[0] != 0

    def _run(self, arguments: list[str]) -> tuple[int, str]:
        """pytest in a child of this process, which has imported all that is not the product."""
        said = self.folder / "said.txt"
        child = os.fork()
        if not child:
            signal.alarm(SECONDS)
            output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for stream in (1, 2):
                os.dup2(output, stream)
            code = 70
            try:
                code = self._in_child(arguments)
            except BaseException:  # noqa: BLE001 - the child never goes on as its parent
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        return status, said.read_text(encoding="utf-8", errors="replace")

    def _in_child(self, arguments: list[str]) -> int:
        for name in list(sys.modules):
            if name.partition(".")[0] in {"alerts", "bench", "bot", "contacts", "data", "tests"}:
                del sys.modules[name]
        os.chdir(self.folder)
        os.environ["PYTHONPATH"] = str(self.folder)
        sys.path[:] = [
            str(self.folder),
            *(path for path in sys.path if path not in ("", str(ROOT))),
        ]
        options = [
            "-q",
            "-p",
            "no:cacheprovider",
            "--no-header",
            "--assert=plain",
            f"--rootdir={self.folder}",
        ]
        options += ["-k", "not postgresql and not random_walk"]
        return int(pytest.main([*options, *arguments]))

    def diff(self, mutant: Mutant) -> str:
        """The line before and after."""
        code = (self.folder / mutant.file).read_text(encoding="utf-8")
        changed = mutate_code(code, operator_of(mutant.operator), mutant.occurrence) or code
        before, after = code.splitlines(), changed.splitlines()
        pairs = [(a, b) for a, b in zip(before, after, strict=False) if a != b][:2]
        return "\n".join(f"  - {a.strip()}\n  + {b.strip()}" for a, b in pairs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("number", type=int, nargs="?", default=20, help="how many changes")
    parser.add_argument("--seed", type=int, default=0, help="which sample")
    parser.add_argument("--only", default="", help="only files whose path holds this")
    parser.add_argument("--quick", action="store_true", help="unit and store tests only")
    arguments = parser.parse_args()
    candidates = [mutant for mutant in mutants(WHERE) if arguments.only in mutant.file]
    sample = random.Random(arguments.seed).sample(
        candidates, min(arguments.number, len(candidates))
    )
    print(f"{len(candidates)} changes are possible; {len(sample)} of them:", flush=True)
    sys.dont_write_bytecode = True
    for name in IMPORTED.split():
        importlib.import_module(name)
    noticed, survived, began = 0, 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="jiaoying-mutants-") as folder:
        copy, quick = Copy(Path(folder), quick=arguments.quick), arguments.quick
        tests = dict.fromkeys(
            test for mutant in sample for test in relevant_tests(mutant.file, quick=quick)
        )
        if failing := copy.leave_out_failing(list(tests)):
            print("left out, for they fail as it is:", *failing, sep="\n  ", flush=True)
        for mutant in sample:
            verdict = copy.noticed(mutant)
            if verdict is None:
                continue
            noticed += verdict
            survived += not verdict
            if not verdict:
                print(f"SURVIVED {mutant.file}:{mutant.line} {mutant.operator}")
                print(copy.diff(mutant), flush=True)
            elif "-v" in os.environ.get("JIAOYING_MUTANTS", ""):
                print(f"noticed {mutant.file}:{mutant.line} {mutant.operator}", flush=True)
    total = noticed + survived
    seconds = time.monotonic() - began
    print(
        f"{noticed} of {total} noticed, {100 * noticed / max(1, total):.0f} %, in {seconds:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
