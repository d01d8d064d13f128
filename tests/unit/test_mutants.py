"""What scripts/mutants does to the product, on one function."""

from __future__ import annotations

from alerts import closing, escalation
from tests.mutants.changes import Mutant, changed_code
from tests.mutants.trials import Trial, _functions, _swap, _swaps


def test_a_change_inside_a_function_is_made_in_the_running_process() -> None:
    place = Mutant("alerts/escalation.py", "AddNot", 0, 1)
    changed = changed_code(place)
    assert changed is not None
    trial = Trial(place, changed, ())
    functions = _functions({place.file})
    assert escalation.next_step in functions and closing.cancel not in functions
    swaps = _swaps(trial)
    assert swaps is not None and len(swaps) == 1
    before = {function: function.__code__ for function in functions}
    try:
        _swap(trial, functions)
        assert {f.__code__ for f in functions if f.__code__ is not before[f]} == set(swaps.values())
    finally:
        for function, code in before.items():
            function.__code__ = code
