"""A PostgreSQL server for the tests: the system's own binaries, or those of PyPI's ``pgserver``.

It runs in a folder of its own, on loopback. Commits survive its being killed, not a power cut
(unless it is ``durable``). It may not run as root, so a root gives it to ``nobody``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.memory import in_memory
from tests.waiting import PATIENCE, free_port, wait_until

_SETTINGS = ("max_connections=200", "shared_buffers=64MB")
_HASTY = (
    *("fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"),
    "autovacuum=off",  # rows stay in the order in which they were written
)


def binaries() -> Path | None:
    """The folder of ``initdb`` and ``postgres``; ``None`` where there is none."""
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = [folder for folder in system if (folder / "initdb").exists()]
    if found:
        return found[0]
    on_path = shutil.which("initdb")
    if on_path:
        return Path(os.path.realpath(on_path)).parent
    with suppress(ImportError):
        import pgserver

        folder = Path(pgserver.__file__).parent / "pginstall" / "bin"
        if (folder / "initdb").exists():
            return folder
    return None


class Server:
    """A PostgreSQL server to stop and start; ``url(name)`` is the URL of a database of it."""

    def __init__(
        self, folder: Path, programs: Path, *, durable: bool = False, packed: Path | None = None
    ) -> None:
        """``durable``: each commit waits for the disk, as an operator's server does.

        :param packed: what ``pack`` made of another; without it the server is empty.
        """
        self.folder = folder
        self._settings = _SETTINGS if durable else _SETTINGS + _HASTY
        self._programs = programs
        self._user = "nobody" if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        if self._user is not None:
            owner = pwd.getpwnam(self._user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        if packed is not None:
            subprocess.run(["tar", "-xpf", packed, "-C", folder], check=True)
            return
        data = str(folder / "data")
        self._run("initdb", "-D", data, "-U", "jiaoying", "-A", "trust", "-E", "UTF8")

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = [part for setting in self._settings for part in ("-c", setting)]
        self._process = subprocess.Popen(
            [
                self._programs / "postgres",
                *("-D", self.folder / "data", "-p", str(self.port)),
                *("-c", "listen_addresses=127.0.0.1", "-k", self.folder, *settings),
            ],
            user=self._user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, "PostgreSQL does not answer")

    def _answers(self) -> bool:
        with suppress(Exception):
            self.execute("SELECT 1")
            return True
        return False

    def stop(self, *, kill: bool = False) -> None:
        """Stop it: its clients lose their connections. ``kill``: as a power cut would."""
        assert self._process is not None
        if kill:
            self._process.kill()
        else:
            self._process.send_signal(signal.SIGINT)  # "fast": do not wait for the clients
        self._process.wait(PATIENCE)

    def pack(self, file: Path) -> None:
        """Stop it, and write all that it holds to a file, for others to begin with."""
        self.stop()
        subprocess.run(["tar", "-cf", file, "-C", self.folder, "data"], check=True)

    def abandon(self) -> None:
        """Stop it for good: what is in memory is not written, which would take a minute."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)  # "immediate": its children end too
            self._process.wait(PATIENCE)

    @property
    def pid(self) -> int:
        """Of the server's first process, the parent of the others."""
        assert self._process is not None
        return self._process.pid

    def execute(self, statement: str) -> None:
        """Run one statement in the database ``postgres``."""
        with self._connection() as connection:
            connection.execute(statement)

    def _connection(self) -> Any:
        import psycopg

        return psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=int(PATIENCE))

    def copy(self, template: str, name: str) -> None:
        """Make a database that holds what ``template`` does: its files are copied (the way of
        PostgreSQL 15 writes every page to its log too, and takes twice as long)."""
        with self._connection() as connection:
            newer = connection.info.server_version >= 150_000
            how = " STRATEGY FILE_COPY" if newer else ""
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}{how}")

    def drop(self, name: str) -> None:
        """Delete a database, whoever is still connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """The URL of the database ``name``."""
        return f"postgresql://jiaoying@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            user=self._user,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def server(*, durable: bool = False, packed: Path | None = None) -> Iterator[Server | None]:
    """A running server, ``None`` where there are no binaries; all gone at the end."""
    programs = binaries()
    if programs is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="jiaoying-pg-", dir=None if durable else in_memory()))
    made = None
    try:
        made = Server(folder, programs, durable=durable, packed=packed)
        made.start()
        yield made
    finally:
        if made is not None:
            with suppress(Exception):
                made.abandon()
        shutil.rmtree(folder, ignore_errors=True)
