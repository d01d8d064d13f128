"""A connection that stands for one to a PostgreSQL server: keeps what it was told, answers as set.

For what is said there and nowhere else, where a server would take a second to start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql


class FakeConnection:
    """Each statement takes the next of ``answers``; ``None`` when there are no more.

    :ivar said: the statements, as PostgreSQL reads them, with what was given to them.
    """

    def __init__(
        self, dialect: str = "postgresql", answers: Iterable[Any] = (), *, status: str = "INTRANS"
    ) -> None:
        self.dialect = SimpleNamespace(name=dialect)
        self.said: list[tuple[str, Mapping[str, Any]]] = []
        self.info: dict[str, Any] = {}
        self._answers = list(answers)
        transaction = SimpleNamespace(transaction_status=SimpleNamespace(name=status))
        self.connection = SimpleNamespace(driver_connection=SimpleNamespace(info=transaction))

    @property
    def as_it_is(self) -> Connection:
        """For functions that want a connection."""
        return cast(Connection, self)

    def execute(self, statement: Any, values: Mapping[str, Any] | None = None) -> Any:
        compiled = statement.compile(dialect=postgresql.dialect())
        self.said.append((str(compiled), compiled.construct_params(dict(values or {}))))
        answer = self._answers.pop(0) if self._answers else None
        return SimpleNamespace(
            scalar=lambda: answer, scalar_one=lambda: answer, first=lambda: answer, rowcount=1
        )
