"""Runs a real Neo4j Community on this machine, without Docker."""

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Self

from neo4j import Driver, GraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from graphdb.neo4j.local import config, jars, release
from graphdb.neo4j.local.errors import DidNotStart, NoJava, PortTaken
from graphdb.neo4j.local.port import free_port, is_free
from graphdb.neo4j.local.process import GuardedProcess
from graphdb.neo4j.local.runtime import java

_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
_FIRST_PASSWORD = "neo4j"  # noqa: S105 - what every new Neo4j asks to have changed
_HOME = "SHOW SETTINGS 'server.directories.neo4j_home' YIELD value RETURN value"


class LocalNeo4j:
    """A Neo4j server of our own: one process, one data folder, one port on 127.0.0.1.

    Starting takes about 6 s and 350 MB of memory. The server ends with the process that started it, however
    that ends. Without `data` the data lives in a temporary folder that `close` removes; with it the data stays
    and a later server can take it up. Without `port` a free one is chosen, and kept over restarts.
    With `password` the user `neo4j` has that password (8 characters or more), without it nobody needs one.
    `settings` are further lines of `neo4j.conf`, `java_options` of Java's command line.

    Nothing here is asynchronous: in a coroutine, call `await asyncio.to_thread(server.restart)`.
    """

    def __init__(
        self,
        version: str = release.LONG_TERM,
        *,
        data: Path | None = None,
        port: int | None = None,
        password: str | None = None,
        settings: Mapping[str, str] = _NO_SETTINGS,
        java_options: Sequence[str] = (),
    ) -> None:
        self.version = version
        self._release = release.find(version)
        self._data = data
        self._home: Path | None = None
        self._port = port
        self._password = password
        self._settings = settings
        self._java_options = java_options
        self._process: GuardedProcess | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def uri(self) -> str:
        """Its address with routing, `neo4j://127.0.0.1:PORT`; `bolt://` and the same port works as well."""
        return f"neo4j://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        if self._port is None:
            raise RuntimeError("the port is chosen when the server starts")
        return self._port

    @property
    def auth(self) -> tuple[str, str] | None:
        """User and password for a driver; None when nobody needs one."""
        return ("neo4j", self._password) if self._password is not None else None

    @property
    def pid(self) -> int:
        """The process id of the server itself, the one to send signals to."""
        if self._process is None:
            raise RuntimeError("the server has not been started")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    @property
    def home(self) -> Path:
        """The folder with `data`, `conf`, `logs` and the server's output, `neo4j.log`."""
        if self._home is None:
            self._home = (self._data or Path(tempfile.mkdtemp(prefix="chorus-neo4j-"))).resolve()
        return self._home

    def start(self, patience: float = 120.0) -> None:
        """Start the server and return once it answers a query, fetching it first if need be.

        Raises `NoJava`, `NoMaven`, `FetchFailed`, `PortTaken`, or `DidNotStart` if it ends first or takes longer
        than `patience` seconds. Does nothing while it runs.
        """
        if self.running:
            return
        chosen = self._port
        if chosen is not None and not is_free(chosen):
            raise PortTaken(chosen)
        while True:
            self._port = chosen or free_port()
            try:
                self._launch()
                self._wait_until_it_answers(patience)
            except DidNotStart:
                if chosen is not None or is_free(self._port):
                    raise
            else:
                return

    def stop(self, patience: float = 60.0) -> None:
        """Shut the server down properly; after `patience` seconds, kill it. The data stays."""
        if self._process is not None:
            self._process.stop(patience)

    def kill(self) -> None:
        """End the server with SIGKILL, as a crash would. The data stays."""
        if self._process is not None:
            self._process.kill()

    def restart(self) -> None:
        """Start the server again, stopping it first if it runs, on the same data and the same port."""
        self.stop()
        self.start()

    def wait(self) -> int:
        """The exit status of the server, once it has ended."""
        status = None
        while self._process is not None and status is None:
            status = self._process.wait()
        return status or 0

    def close(self) -> None:
        """Stop the server and remove its data if they are temporary."""
        self.stop()
        if self._data is None and self._home is not None:
            shutil.rmtree(self._home)
            self._home = None

    def log(self, lines: int = 20) -> str:
        """The last lines the server wrote."""
        return "".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)[-lines:])

    @property
    def _log(self) -> Path:
        return self.home / "neo4j.log"

    def _launch(self) -> None:
        runtime = java(self._release.java)
        if runtime is None:
            raise NoJava(self._release.java)
        folder = jars.fetch(self.version)
        config.configure(self.home, port=self.port, auth=self._password is not None, settings=self._settings)
        command = config.command(self._release, java=runtime, jars=folder, home=self.home, options=self._java_options)
        scratch = self.home if self._data is None else None
        self._process = GuardedProcess(command, folder=self.home, log=self._log, scratch=scratch)

    def _wait_until_it_answers(self, patience: float) -> None:
        process, deadline = self._process, time.monotonic() + patience
        while process is not None and not self._answers():
            status = process.wait(0.1)
            if status is not None or time.monotonic() > deadline:
                process.kill()
                reason = f"it took longer than {patience:g} s" if status is None else f"exit status {status}"
                raise DidNotStart(reason, self.log())

    def _answers(self) -> bool:
        """Whether this very server answers a query, and not another one that took the port before it."""
        try:
            with self._driver(self._password) as driver:
                return self._is_ours(driver)
        except AuthError:
            return self._set_password()
        except (DriverError, Neo4jError):
            return False

    def _is_ours(self, driver: Driver) -> bool:
        with driver.session(database="neo4j") as session:
            return Path(session.run(_HOME).single(strict=True)[0]) == self.home

    def _set_password(self) -> bool:
        statement = "ALTER CURRENT USER SET PASSWORD FROM $first TO $password"
        try:
            with self._driver(_FIRST_PASSWORD) as driver, driver.session(database="system") as session:
                session.run(statement, first=_FIRST_PASSWORD, password=self._password).consume()
                return True
        except (DriverError, Neo4jError):
            return False

    def _driver(self, password: str | None) -> Driver:
        auth = None if password is None else ("neo4j", password)
        return GraphDatabase.driver(f"bolt://127.0.0.1:{self.port}", auth=auth, connection_timeout=5.0)
