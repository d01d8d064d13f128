"""No secret appears in a log line, error, repr, page or audit entry.

Every way of failing is gone through with distinctive secrets, every logger at DEBUG, and all that
comes out is searched.
"""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from bot.app import App
from bot.cli import main
from bot.config.load import load
from bot.config.reader import Secret
from bot.config.settings import BotSettings, PaceLimits, Settings
from bot.telegram.failures import RedactTokens, redacted
from bot.watch.metrics import exposition
from contacts import people_store
from contacts.linking import LinkRefusal, link_by_code
from data import audit
from data.database import Database
from data.errors import ConfigError, JiaoyingError, NotAllowed
from data.tables.running import audit as audit_table
from tests.forked import forked_command
from tests.roster import NOW, VILLAGERS, fill
from tests.waiting import StillClock, free_port, until

TOKEN = "7777000111:AAtokenDISTINCTIVEtokenDISTINCTIVE0"
WEBHOOK = "webhookDISTINCTIVEsecret"
BOARD = "boardDISTINCTIVEsecret00000000000"
PASSWORD = "passwordDISTINCTIVE"
FEED = "mapkeyDISTINCTIVE"
HEART = "heartbeatDISTINCTIVE"
INVITE = "inviteDISTINCTIVE"
MARK = "DISTINCTIVE"
"""A part of every secret above: looked for everywhere, in any case."""

VARIABLES = {
    "JIAOYING_TELEGRAM_TOKEN": TOKEN,
    "JIAOYING_TELEGRAM__WEBHOOK__SECRET_TOKEN": WEBHOOK,
    "JIAOYING_BOARD__SECRET": BOARD,
    "JIAOYING_FEEDS__0__URL": f"https://127.0.0.1:1/api/{FEED}/csv",
    "JIAOYING_FEEDS__0__NAME": "firms",
    "JIAOYING_WATCH__HEARTBEAT_URL": f"http://127.0.0.1:1/{HEART}",
}


def clean(text: str) -> bool:
    """Whether no secret is in it, whole or in part, in whatever case."""
    return MARK.lower() not in text.lower()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged at DEBUG, as the product's own handler writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(RedactTokens())
    root = logging.getLogger()
    before, others = root.level, root.handlers[:]
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    names = [name for name in logging.root.manager.loggerDict if not name.startswith("sqlalchemy")]
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield written
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    root.setLevel(before)
    root.handlers[:] = others


def settings_of(base_url: str, **changes: Any) -> Settings:
    made = load(None, VARIABLES)
    telegram = replace(
        made.telegram,
        api_base_url=base_url,
        limits=PaceLimits(900, 100, 1000),
        bots=(BotSettings(token=Secret(TOKEN)),),
    )
    watch = replace(made.watch, port=0, heartbeat_seconds=1)
    return replace(made, telegram=telegram, watch=watch, **changes)


# ------------------------------------------------------------------------------------- settings


def test_reprs_and_texts_of_the_settings() -> None:
    made = load(None, VARIABLES | {"JIAOYING_DATABASE__URL": f"postgresql://u:{PASSWORD}@h/db"})
    for text in (repr(made), str(made), f"{made.telegram!r}", f"{made.telegram.bots[0].token}"):
        assert clean(text), text
    assert made.telegram.bots[0].token.reveal() == TOKEN
    for part in (made.database, made.board, made.watch, made.feeds[0], made.telegram.webhook):
        assert clean(repr(part)), part


WRONG = {
    "token": {"JIAOYING_TELEGRAM_TOKEN": f"{TOKEN} with a space"},
    "token elsewhere": {"JIAOYING_TELEGRAM__TOKEN": TOKEN},
    "token as bots": {"JIAOYING_TELEGRAM__BOTS": TOKEN},
    "token as telegram": {"JIAOYING_TELEGRAM": TOKEN},
    "webhook secret": {"JIAOYING_TELEGRAM__WEBHOOK__SECRET_TOKEN": f"{WEBHOOK} !"},
    "webhook as one": {"JIAOYING_TELEGRAM__WEBHOOK": WEBHOOK},
    "database": {"JIAOYING_DATABASE__URL": f"mysql://u:{PASSWORD}@h/db"},
    "database as one": {"JIAOYING_DATABASE": f"postgresql://u:{PASSWORD}@h/db"},
    "database deeper": {"JIAOYING_DATABASE__URL__X": f"postgresql://u:{PASSWORD}@h/db"},
    "feed": {"JIAOYING_FEEDS__0__URL": f"ftp://h/{FEED}"},
    "feeds as one": {"JIAOYING_FEEDS": f"https://h/{FEED}"},
    "heartbeat": {"JIAOYING_WATCH__HEARTBEAT_URL": f"nonsense {HEART}"},
    "watch as one": {"JIAOYING_WATCH": f"http://h/{HEART}"},
    "board": {"JIAOYING_BOARD": BOARD},
    "unknown key": {"JIAOYING_BOARD__SECRETS": BOARD},
}


@pytest.mark.parametrize("setting", WRONG)
def test_a_wrong_setting_is_not_quoted_when_it_may_be_a_secret(setting: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(None, WRONG[setting])
    assert clean(f"{refused.value} {refused.value!r} {refused.value.facts}"), refused.value


FILES = {
    "a list of tokens": f'[telegram]\nbots = ["{TOKEN}"]\n',
    "a token as bots": f'[telegram]\nbots = "{TOKEN}"\n',
    "a url as database": f'database = "postgresql://u:{PASSWORD}@h/db"\n',
    "no toml": f'[telegram]\ntoken = "{TOKEN}\n',
    "twice": f'[board]\nsecret = "{BOARD}"\nsecret = "{BOARD}"\n',
    "bare": f"[board]\nsecret = {BOARD}\n",
    "a number": f"[[telegram.bots]]\ntoken = [1, '{TOKEN}']\n",
}


@pytest.mark.parametrize("mistake", FILES)
def test_nor_from_a_file(mistake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    file.write_text(FILES[mistake], encoding="utf-8")
    assert main(["--config", str(file), "check"]) == 2
    printed = capsys.readouterr()
    assert clean(printed.out + printed.err), printed.err


# ------------------------------------------------------------------------------ the command line

URLS = {
    "refused": f"postgresql://u:{PASSWORD}@127.0.0.1:1/db",
    "no port": f"postgresql://u:{PASSWORD}@127.0.0.1:port/db",
    "odd driver": f"postgresql+nodriver://u:{PASSWORD}@127.0.0.1/db",
    "at in it": f"postgresql://u:{PASSWORD}@@127.0.0.1:1/db",
    "a query": f"postgresql://u@127.0.0.1:1/db?password={PASSWORD}",
    "an odd query": f"postgresql://u:{PASSWORD}@127.0.0.1:1/db?nosuchoption={PASSWORD}",
}


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    """In processes of their own: what a traceback would print is seen too.

    All at once: each waits five seconds for its database.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("JIAOYING_")
    } | VARIABLES
    environment |= {
        "JIAOYING_LOG__LEVEL": "DEBUG",
    }
    checks = {
        failure: forked_command(
            ["check"],
            environment | {"JIAOYING_DATABASE__URL": url},
            folder=tmp_path,
            out=f"{tmp_path}/{failure}.out",
            err=f"{tmp_path}/{failure}.err",
        )
        for failure, url in URLS.items()
    }
    for failure, check in checks.items():
        assert check.wait() != 0, failure
        out = (tmp_path / f"{failure}.out").read_text("utf-8")
        errors = (tmp_path / f"{failure}.err").read_text("utf-8")
        assert clean(out + errors), (failure, out + errors)
        assert "Traceback" not in errors, (failure, errors)


def test_check_status_and_link_lists_print_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    database = Database(f"sqlite:///{tmp_path}/test.db", synchronous="normal")
    fill(database)
    database.do(lambda c: c.execute(_coded(VILLAGERS[0]["id"], INVITE)))
    database.close()
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("JIAOYING_DATABASE__URL", f"sqlite:///{tmp_path}/test.db")
    for command in (["check"], ["status", "--json"], ["audit", "verify"], ["db", "upgrade"]):
        out = io.StringIO()
        main(command, out)
        assert clean(out.getvalue()), command
    assert clean(log.getvalue())


# ------------------------------------------------------------------------------------- at work


def unauthorized(request: web.Request) -> web.Response:
    text = f"Unauthorized: {request.path}"  # as a proxy might, it repeats the address
    return web.json_response({"ok": False, "error_code": 401, "description": text}, status=401)


def not_found(request: web.Request) -> web.Response:
    text = f"Not Found {request.path}"
    return web.json_response({"ok": False, "error_code": 404, "description": text}, status=404)


def html(request: web.Request) -> web.Response:
    return web.Response(status=502, text=f"<html>{request.url}</html>", content_type="text/html")


def hangs_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def redirect(request: web.Request) -> web.Response:
    raise web.HTTPFound(f"http://127.0.0.1:1{request.path}")


FAILURES: dict[str, Callable[[web.Request], web.Response] | None] = {
    "nobody listens": None,
    "401": unauthorized,
    "404": not_found,
    "502 with a page": html,
    "hung up": hangs_up,
    "redirected": redirect,
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_the_bot_at_work(
    failure: str, tmp_path: Path, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    database = Database(f"sqlite:///{tmp_path}/test.db", synchronous="normal")
    fill(database)
    server, base = None, f"http://127.0.0.1:{free_port()}"
    if (answer := FAILURES[failure]) is not None:
        application = web.Application()

        async def handle(request: web.Request) -> web.Response:
            return answer(request)

        application.router.add_route("*", "/{path:.*}", handle)
        server = TestServer(application)
        await server.start_server()
        base = str(server.make_url("")).rstrip("/")
    app = App(settings_of(base), database, clock=StillClock(), ticking=False)
    try:
        await app.start()
        await until(lambda: any(word in log.getvalue() for word in ("getMe: ", "令牌")))
        await app.ticks.run("feeds")
        await until(lambda: "feed firms: " in log.getvalue())
        figures = (await exposition(app.services.database, app.vitals(), NOW)).decode()
        reprs = f"{app!r} {app.lines!r} {app.lines[0].voice!r} {app.services!r} {app.vitals()!r}"
        # python-telegram-bot's own objects quote the token; the filter of the log takes it out.
        reprs += redacted(repr(vars(app.lines[0])))
    finally:
        await app.stop()
        if server is not None:
            await server.close()
    rows = database.read(lambda c: c.execute(select(audit_table.c.detail)).scalars().all())
    database.close()
    output = capfd.readouterr()
    for place, text in (
        ("log", log.getvalue()),
        ("output", output.out + output.err),
        ("figures", figures),
        ("trail", "".join(rows)),
        ("reprs", reprs),
    ):
        assert clean(text), (place, [line for line in text.splitlines() if not clean(line)][:3])
    assert log.getvalue(), "nothing was logged: nothing was tried"


# ------------------------------------------------------------------------------- the invite codes


def _coded(person_id: int, code: str) -> Any:
    from data.tables.contacts import people

    return people.update().where(people.c.id == person_id).values(invite_code=code)


def test_an_invite_code_is_in_no_trail_error_or_repr(database: Database) -> None:
    villager = VILLAGERS[0]["id"]
    database.do(lambda c: c.execute(_coded(villager, INVITE)))
    database.do(lambda c: c.execute(_unlinked(villager)))
    linked = database.do(lambda c: link_by_code(c, INVITE, 424_242, NOW))
    assert clean(repr(linked))
    with pytest.raises(NotAllowed) as refused:
        database.do(lambda c: link_by_code(c, INVITE, 424_243, NOW))
    assert refused.value.code is LinkRefusal.CODE_USED
    assert clean(f"{refused.value!r} {refused.value} {refused.value.facts}")
    rows = database.read(lambda c: list(audit.trail(c, f"person:{villager}")))
    assert rows and clean(str(rows))
    assert clean(repr(database.read(lambda c: people_store.person(c, villager))))


def _unlinked(person_id: int) -> Any:
    from data.tables.contacts import people

    return people.update().where(people.c.id == person_id).values(telegram_id=None)


def test_an_error_of_the_database_quotes_no_values(database: Database) -> None:
    """A bug's traceback is logged: the row it concerned must not be in it."""
    from sqlalchemy import insert

    from data.tables.contacts import people

    row = {**VILLAGERS[0], "id": 9999, "invite_code": INVITE, "name": None}
    with pytest.raises(Exception) as failed:
        database.do(lambda c: c.execute(insert(people).values(row)))
    words = str(failed.value).split("DETAIL")[0]  # PostgreSQL's own words: see docs/security.md
    assert clean(words), words
    assert VILLAGERS[0]["phone"] not in words


@pytest.mark.parametrize(
    "text",
    [
        f"https://api.telegram.org/bot{TOKEN}/getMe",
        f"bot{TOKEN.replace(':', '%3A')}",
        f"bot{TOKEN.replace(':', '%3a')}",
        f"'{TOKEN}'",
        f"token={TOKEN}&x=1",
        f"/file/bot{TOKEN}/photos/1.jpg",
    ],
)
def test_the_last_net_under_every_log_line(text: str) -> None:
    assert clean(redacted(text))


def test_errors_of_ours_carry_no_settings() -> None:
    assert not [name for name in vars(JiaoyingError("x")) if name not in ("code", "facts")]
