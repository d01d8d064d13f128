"""What may be changed in the product, one small thing at a time.

The changes are cosmic-ray's, and two of our own: a condition left out of a statement, another
member of an enumeration.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator

ROOT = Path(__file__).resolve().parents[2]

WHERE = (
    "alerts/*.py",
    "alerts/outbox/*.py",
    "alerts/updates/*.py",
    "contacts/access.py",
    "contacts/targeting*.py",
    "contacts/linking.py",
    "data/*.py",
    "bot/telegram/*.py",
)
"""What may be changed: the core, and what sends."""

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

    A measure is a number or a length of time with a name in capitals: that it is one larger matters
    to nobody.
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
        elif isinstance(node, ast.Assign) and _is_measure(node.value):
            parts += [node.value for name in node.targets if ast.unparse(name).isupper()]
        spans += [
            ((part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset))
            for part in parts
            if part is not None
        ]
    return spans


def _is_measure(value: ast.expr) -> bool:
    """Numbers, ``timedelta(minutes=10)``, and what is computed of them and of other measures."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, int | float)
    if isinstance(value, ast.BinOp):
        return _is_measure(value.left) and _is_measure(value.right)
    if isinstance(value, ast.Call):
        values = [*value.args, *(keyword.value for keyword in value.keywords)]
        return ast.unparse(value.func) == "timedelta" and all(map(_is_measure, values))
    if isinstance(value, ast.Tuple):
        return all(map(_is_measure, value.elts))
    return isinstance(value, ast.Name) and value.id.isupper()


def changed_code(mutant: Mutant) -> str | None:
    """The text of the file with the change; ``None`` when nothing would change."""
    code = code_of(mutant.file)
    changed = mutate_code(code, operator_of(mutant.operator), mutant.occurrence)
    return None if changed == code else changed


def code_of(file: str) -> str:
    """The text of a file of the product."""
    return (ROOT / file).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Difference:
    """The lines before and after, without what stands around them."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    def __str__(self) -> str:
        signed = [("-", line) for line in self.before] + [("+", line) for line in self.after]
        return "\n".join(f"  {sign} {line}" for sign, line in signed)


def difference(mutant: Mutant, changed: str) -> Difference:
    """What the change does to the text."""
    lines = list(difflib.ndiff(code_of(mutant.file).splitlines(), changed.splitlines()))
    before, after = (
        tuple(line[2:].strip() for line in lines if line.startswith(sign)) for sign in ("- ", "+ ")
    )
    return Difference(before, after)


@cache
def equivalent() -> dict[tuple[str, str, str], str]:
    """Changes that change nothing anybody could see, and why: ``equivalent.toml``."""
    text = Path(__file__).with_name("equivalent.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text).get("change", [])
    return {(e["file"], e["before"], e["after"]): e["why"] for e in entries}


def why_equivalent(mutant: Mutant, shown: Difference) -> str | None:
    """Why nobody could notice this change; ``None`` when somebody could."""
    before, after = " ".join(shown.before), " ".join(shown.after)
    return equivalent().get((mutant.file, before, after))
