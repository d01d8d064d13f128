"""Many rows given to a statement as one parameter: a JSON array that the database reads as a table.

One statement then does what else takes one a row, and ``executemany`` would let go of and fight for
the interpreter's lock at every row, against the thread that sends. A statement made of these is
the same for SQLite and PostgreSQL, which spell the functions differently, and is made once::

    _CHANGE = update(calls).values(steps=...).where(calls.c.id == given.c.id)
    connection.execute(_CHANGE, {"rows": as_json(rows)})
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Select,
    String,
    Table,
    Text,
    bindparam,
    cast,
    column,
    insert,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy import table as from_clause
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine

Kind = TypeEngine[Any]


def as_json(values: Iterable[Any]) -> str:
    """The parameter for what is ``given`` below: rows as lists or tuples, ids as numbers."""
    return orjson.dumps(list(values)).decode()


def as_json_pairs(numbers: Mapping[int, int | None]) -> str:
    """The parameter for ``given_pairs``."""
    return orjson.dumps(numbers, option=orjson.OPT_NON_STR_KEYS).decode()


class _Elements(FunctionElement[Any]):
    """The elements of a JSON array, one a row, in the column ``value``."""

    inherit_cache = True


@compiles(_Elements, "sqlite")
def _elements_sqlite(element: _Elements, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Elements, "postgresql")
def _elements_postgresql(element: _Elements, compiler: SQLCompiler, **options: Any) -> str:
    # As jsonb each row is taken apart once; as json, once for each of its fields (measured: three
    # times as long).
    return f"jsonb_array_elements(CAST({compiler.process(element.clauses, **options)} AS jsonb))"


class _Pairs(FunctionElement[Any]):
    """The fields of a JSON object, one a row, in the columns ``key`` and ``value``."""

    inherit_cache = True


@compiles(_Pairs, "sqlite")
def _pairs_sqlite(pairs: _Pairs, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(pairs.clauses, **options)})"


@compiles(_Pairs, "postgresql")
def _pairs_postgresql(pairs: _Pairs, compiler: SQLCompiler, **options: Any) -> str:
    return f"jsonb_each_text(CAST({compiler.process(pairs.clauses, **options)} AS jsonb))"


class _Item(FunctionElement[Any]):
    """One item of an element that is an array itself; with the place NULL, the whole element."""

    inherit_cache = True

    def __init__(self, value: ColumnElement[Any], place: ColumnElement[Any], kind: Kind) -> None:
        super().__init__(value, place)
        self.type = kind


@compiles(_Item, "sqlite")
def _item_sqlite(item: _Item, compiler: SQLCompiler, **options: Any) -> str:
    value, place = (compiler.process(clause, **options) for clause in item.clauses)
    # SQLite's JSON numbers and texts are numbers and texts: a cast would only cost.
    return value if place == "NULL" else f"json_extract({value}, '$[{place}]')"


@compiles(_Item, "postgresql")
def _item_postgresql(item: _Item, compiler: SQLCompiler, **options: Any) -> str:
    value, place = (compiler.process(clause, **options) for clause in item.clauses)
    text = f"{value} #>> '{{}}'" if place == "NULL" else f"{value} ->> {place}"
    return f"CAST({text} AS {compiler.dialect.type_compiler_instance.process(item.type)})"


def _item(value: ColumnElement[Any], place: int | None, kind: Kind) -> ColumnElement[Any]:
    at: ColumnElement[Any] = literal_column("NULL" if place is None else str(place))
    # Coerced to the type it has, for the cache of compiled statements: it asks no function.
    return type_coerce(_Item(value, at, kind), kind)


def given_rows(**fields: Kind) -> Select[Any]:
    """The rows given as the parameter ``rows``: ``[[…], …]``, one array a row.

    :param fields: name and type of each item, in the order of the arrays. A time is given in
        milliseconds, as it is stored; a ``JSON`` field as a string of JSON.
    """
    value = _Elements(bindparam("rows", type_=Text)).table_valued("value").c.value
    return select(
        *(
            _item(value, place, kind).label(name)
            for place, (name, kind) in enumerate(fields.items())
        )
    )


Columns = ReadOnlyColumnCollection[str, ColumnElement[Any]]


class Insertion:
    """Adds many rows to a table: ``insertion(connection, rows)``, a list or tuple a row.

    SQLite takes values that are bound by themselves in half the time that it takes to read them
    out of JSON; PostgreSQL takes the JSON (both measured with 46,000 persons).
    """

    def __init__(
        self,
        table: Table,
        made_of: Callable[[Columns], Mapping[str, ColumnElement[Any]]] = dict,
        /,
        **fields: Kind,
    ) -> None:
        """Make one, once.

        :param made_of: what is stored of what is given, by the table's columns; all as it is
            given, if it is left out.
        :param fields: what is given, as of ``given_rows``.
        :ivar statement: adds the rows that are given as the parameter ``rows``.
        """
        self._table, self._made_of = table, made_of
        self.statement = self._from(given_rows(**fields).subquery("given").c)
        self._fields = fields
        self._written = ""

    def __call__(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Add them."""
        whole = 0
        if connection.dialect.name == "sqlite":
            for whole in range(_ROWS_BOUND, len(rows) + 1, _ROWS_BOUND):
                some = rows[whole - _ROWS_BOUND : whole]
                written = self._written or self._write(connection.dialect)
                connection.exec_driver_sql(written, tuple(chain.from_iterable(some)))
        if whole < len(rows):
            connection.execute(self.statement, {"rows": as_json(rows[whole:])})

    def _write(self, dialect: Dialect) -> str:
        """In SQLite's words; always as many rows, so that its driver has the statement ready."""
        names = ", ".join(self._fields)
        rows = ", ".join([f"({', '.join('?' * len(self._fields))})"] * _ROWS_BOUND)
        if self._made_of is dict:
            self._written = f"INSERT INTO {self._table.name} ({names}) VALUES {rows}"
        else:
            columns = (column(name, kind) for name, kind in self._fields.items())
            adding = self._from(from_clause("given", *columns).c)
            written = adding.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
            self._written = f"WITH given ({names}) AS (VALUES {rows}) {written}"
        return self._written

    def _from(self, given: Columns) -> Insert:
        made = self._made_of(given)
        return insert(self._table).from_select(
            list(made), select(*made.values()), include_defaults=False
        )


_ROWS_BOUND = 250


def given_pairs(key: str, value: str) -> Select[int, int]:
    """The numbers given as the parameter ``rows``, by id: ``{"id": number, ...}``.

    In SQLite an update by these costs a fifth less than by ``given_rows``, which takes rows apart.

    :param key: name of the ids; ``value``: of the numbers.
    """
    pairs = _Pairs(bindparam("rows", type_=Text)).table_valued("key", "value")
    return select(
        cast(pairs.c.key, BigInteger).label(key), cast(pairs.c.value, BigInteger).label(value)
    )


def _given(parameter: str, kind: Kind) -> Select[Any]:
    value = _Elements(bindparam(parameter, type_=Text)).table_valued(column("value")).c.value
    return select(_item(value, None, kind).label("value"))


GIVEN_IDS: Select[tuple[int]] = _given("ids", BigInteger())
"""The numbers given as the parameter ``ids``, for ``column.in_(GIVEN_IDS)``."""

GIVEN_WORDS: Select[tuple[str]] = _given("words", String())
"""The texts given as the parameter ``words``."""


class _Listed(FunctionElement[Any]):
    """The rows of a subquery as JSON, one array a row; null where there is none."""

    inherit_cache = True
    type = Text()


@compiles(_Listed, "sqlite")
def _listed_sqlite(listed: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    values = compiler.process(listed.clauses, **options)
    return f"CASE WHEN count(*) > 0 THEN json_group_array(json_array({values})) END"


@compiles(_Listed, "postgresql")
def _listed_postgresql(listed: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    values = compiler.process(listed.clauses, **options)
    return f"CAST(json_agg(json_build_array({values})) AS text)"


def listed_rows(*columns: ColumnElement[Any]) -> ColumnElement[str]:
    """What a query groups, as the text of a JSON array of arrays; null where there is no row."""
    return type_coerce(_Listed(*columns), Text)


class _Among(FunctionElement[Any]):
    """Whether a column holds one of the given values."""

    inherit_cache = True
    type = NullType()  # a Boolean would be compared with 1, which hides the index from SQLite


@compiles(_Among, "sqlite")
def _among_sqlite(among: _Among, compiler: SQLCompiler, **options: Any) -> str:
    value, given = (compiler.process(clause, **options) for clause in among.clauses)
    return f"{value} IN {given}"


@compiles(_Among, "postgresql")
def _among_postgresql(among: _Among, compiler: SQLCompiler, **options: Any) -> str:
    value, given = (compiler.process(clause, **options) for clause in among.clauses)
    return f"{value} = ANY (ARRAY{given})"


def looked_up(column: ColumnElement[Any], given: Select[Any]) -> ColumnElement[bool]:
    """As ``column.in_(given)``, but each value is looked up in the column's index, always.

    PostgreSQL would rather read a table through when it has not counted it lately.
    """
    return _Among(column, given.scalar_subquery())
