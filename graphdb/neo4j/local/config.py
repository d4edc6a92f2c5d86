"""The settings and the command line of a small local Neo4j."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from graphdb.neo4j.local.release import Release

CYPHER_25: Mapping[str, str] = MappingProxyType({"db.query.default_language": "CYPHER_25"})
"""Makes Cypher 25 the default language; for releases that know it (2025.06 and later)."""

SHORT_LIVED = ("-XX:TieredStopAtLevel=1",)
"""Java options for a server that ends within minutes: compiled quickly rather than well, in a third less time."""

_FOLDERS = ("conf", "data", "logs", "plugins", "import", "run", "tmp")

_JAVA_OPTIONS = (
    "-Xms256m",
    "-Xmx512m",
    "-XX:+UseSerialGC",  # 120 MB less memory than G1, and as fast on a small heap
    "-XX:-UsePerfData",  # no file in the system's temporary folder, which a kill would leave behind
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
    "-Dfile.encoding=UTF-8",
)


def configure(home: Path, *, port: int, auth: bool, settings: Mapping[str, str]) -> None:
    """Lay out a home folder for a server that listens on that port of 127.0.0.1 only."""
    for folder in _FOLDERS:
        (home / folder).mkdir(parents=True, exist_ok=True)
    lines = {**_defaults(port, auth), **settings}.items()
    (home / "conf" / "neo4j.conf").write_text("".join(f"{key}={value}\n" for key, value in lines), encoding="utf-8")


def _defaults(port: int, auth: bool) -> dict[str, str]:
    address = f"127.0.0.1:{port}"
    return {
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": address,
        "server.bolt.advertised_address": address,  # what routing drivers (neo4j://) are told to dial
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "dbms.security.auth_enabled": str(auth).lower(),
        "dbms.usage_report.enabled": "false",
        "server.memory.pagecache.size": "64m",
        # By default a fresh data folder preallocates 520 MB of transaction logs; so it takes 2 MB.
        "db.tx_log.rotation.size": "16m",
        "db.tx_log.preallocate": "false",
        # Bolt's two thread pools are given 5 s each to end, and always take them: 10 s for every stop.
        "internal.server.bolt.thread_pool_shutdown_wait_time": "0s",
    }


def command(release: Release, *, java: Path, jars: Path, home: Path, options: Sequence[str] = ()) -> tuple[str, ...]:
    """The command that runs a configured server in the foreground."""
    return (
        str(java),
        *_JAVA_OPTIONS,
        *options,
        f"-Djava.io.tmpdir={home / 'tmp'}",
        "--class-path",
        f"{jars}/*",
        release.main,
        f"--home-dir={home}",
        f"--config-dir={home / 'conf'}",
        "--console-mode",
    )
