"""On PostgreSQL what calls refer to is checked for all rows of a statement at once.

A foreign key looks for each row by itself: of the call of 60,000 persons that was more than half.
The same rows are refused as before, under the same names, with the same code of error.
"""

from alembic import op

revision = "0022"
down_revision = "0021"

REFERRED = {
    "alert_id": "alerts",
    "person_id": "people",
    "stand_in_for": "calls",
    "proxy_by": "people",
    "discharged_by": "people",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for column in REFERRED:
        op.drop_constraint(f"calls_{column}_fkey", "calls", type_="foreignkey")
    for statement in (*_of_calls(), *_of_what_they_refer_to()):
        op.execute(statement)


def _refuse(column: str) -> str:
    rule = f"calls_{column}_fkey"
    return (
        f"RAISE EXCEPTION 'a call refers by {column} to what is not there' "
        "USING ERRCODE = 'foreign_key_violation', TABLE = 'calls', "
        f"COLUMN = '{column}', CONSTRAINT = '{rule}';"
    )


def _function(name: str, body: str, declared: str = "") -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $refer$ {declared} BEGIN "
        f"{body} RETURN NULL; END $refer$"
    )


def _of_calls() -> list[str]:
    """New calls all at once; an update, which seldom changes whom a call is to, row by row."""
    # EXECUTE plans anew each time: for one call by the index, for thousands all of them joined. And
    # all are counted, for to find the first one only another way would seem cheaper.
    all_at_once = " ".join(
        "EXECUTE 'SELECT count(*) FROM gained WHERE gained."
        f"{column} IS NOT NULL AND NOT EXISTS (SELECT FROM {table} known "
        f"WHERE known.id = gained.{column})' INTO missing; "
        f"IF missing > 0 THEN {_refuse(column)} END IF;"
        for column, table in REFERRED.items()
    )
    by_row = " ".join(
        f"IF NEW.{column} IS DISTINCT FROM OLD.{column} AND NEW.{column} IS NOT NULL "
        f"AND NOT EXISTS (SELECT FROM {table} known WHERE known.id = NEW.{column}) "
        f"THEN {_refuse(column)} END IF;"
        for column, table in REFERRED.items()
    )
    differs = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in REFERRED)
    return [
        _function("refer_new_calls", all_at_once, "DECLARE missing bigint;"),
        "CREATE TRIGGER calls_refer_new AFTER INSERT ON calls "
        "REFERENCING NEW TABLE AS gained FOR EACH STATEMENT EXECUTE FUNCTION refer_new_calls()",
        _function("refer_changed_call", by_row),
        "CREATE TRIGGER calls_refer_changed AFTER UPDATE ON calls "
        f"FOR EACH ROW WHEN ({differs}) EXECUTE FUNCTION refer_changed_call()",
    ]


def _of_what_they_refer_to() -> list[str]:
    """No call is left that refers to what is gone: not by a transaction under way either.

    SHARE waits for those who write calls, and keeps others from beginning. Nothing but a console
    ever deletes a person or a warning, or changes their number.
    """
    statements = []
    for table in ("alerts", "people"):
        columns = [column for column, referred in REFERRED.items() if referred == table]
        looks = " ".join(
            f"IF EXISTS (SELECT FROM calls WHERE calls.{column} = OLD.id) "
            f"THEN {_refuse(column)} END IF;"
            for column in columns
        )
        statements += [
            _function(f"keep_{table}_of_calls", f"LOCK TABLE calls IN SHARE MODE; {looks}"),
            f"CREATE TRIGGER {table}_of_calls_deleted AFTER DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION keep_{table}_of_calls()",
            f"CREATE TRIGGER {table}_of_calls_changed AFTER UPDATE OF id ON {table} "
            "FOR EACH ROW WHEN (NEW.id <> OLD.id) "
            f"EXECUTE FUNCTION keep_{table}_of_calls()",
        ]
    # Archiving deletes thousands of calls at once; their stand-ins go with them, or before.
    stand_ins = (
        "EXECUTE 'SELECT count(*) FROM lost JOIN calls ON calls.stand_in_for = lost.id "
        "WHERE calls.stand_in_for IS NOT NULL' INTO missing; "
        f"IF missing > 0 THEN {_refuse('stand_in_for')} END IF;"
    )
    statements += [
        _function("keep_calls_of_stand_ins", stand_ins, "DECLARE missing bigint;"),
        "CREATE TRIGGER calls_of_stand_ins_deleted AFTER DELETE ON calls "
        "REFERENCING OLD TABLE AS lost FOR EACH STATEMENT "
        "EXECUTE FUNCTION keep_calls_of_stand_ins()",
        _function(
            "keep_number_of_call",
            "IF EXISTS (SELECT FROM calls WHERE calls.stand_in_for = OLD.id) "
            f"THEN {_refuse('stand_in_for')} END IF;",
        ),
        "CREATE TRIGGER calls_of_stand_ins_changed AFTER UPDATE OF id ON calls "
        "FOR EACH ROW WHEN (NEW.id <> OLD.id) EXECUTE FUNCTION keep_number_of_call()",
    ]
    return statements
