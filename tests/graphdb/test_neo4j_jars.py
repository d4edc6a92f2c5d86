"""The jars of Neo4j are fetched once, and the right Java is found; both without a network."""

import threading
from pathlib import Path

import pytest

from graphdb.neo4j.local import LONG_TERM, FetchFailed, NoMaven, UnknownVersion, cache_folder, fetch, java

# Stands at the process boundary for Maven, which needs a network: it is given the same command line.
MAVEN = """#!/bin/sh
echo run >> "{runs}"
for argument in "$@"; do
  case $argument in -Djars=*) jars=${{argument#-Djars=}} ;; esac
done
/bin/mkdir "$jars"
echo jar > "$jars/neo4j.jar"
echo "[INFO] Downloaded from central: neo4j.jar"
echo "[ERROR] the last word"
exit {status}
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, on a machine without programs."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("CHORUS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "cache"


def install_maven(tmp_path: Path, status: int = 0) -> Path:
    """Install a Maven that ends with that status; the file in which it notes every run."""
    runs = tmp_path / "runs"
    write_program(tmp_path / "bin" / "mvn", MAVEN.format(runs=runs, status=status))
    return runs


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def test_a_fetched_release_is_not_fetched_again(cache: Path, tmp_path: Path) -> None:
    install_maven(tmp_path)
    downloads: list[str] = []
    first = fetch(LONG_TERM, on_download=lambda: downloads.append("file"))
    (tmp_path / "bin" / "mvn").unlink()

    second = fetch(LONG_TERM)

    assert first == second == cache / f"neo4j-{LONG_TERM}"
    assert [each.name for each in second.iterdir()] == ["neo4j.jar"]
    assert downloads == ["file"]


def test_fetches_at_the_same_time_run_maven_once(cache: Path, tmp_path: Path) -> None:
    runs = install_maven(tmp_path)
    threads = [threading.Thread(target=fetch, args=(LONG_TERM,)) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert runs.read_text() == "run\n"


def test_a_failed_fetch_tells_mavens_words_and_counts_for_nothing(cache: Path, tmp_path: Path) -> None:
    install_maven(tmp_path, status=1)
    with pytest.raises(FetchFailed, match="the last word"):
        fetch(LONG_TERM)

    install_maven(tmp_path)

    assert fetch(LONG_TERM).is_dir()
    assert not list(cache.glob("*.part"))


def test_without_maven_that_is_said(cache: Path) -> None:
    with pytest.raises(NoMaven, match="mvn"):
        fetch(LONG_TERM)


def test_only_known_releases_are_fetched(cache: Path) -> None:
    with pytest.raises(UnknownVersion):
        fetch("[5,)")

    assert not cache.exists()


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"CHORUS_CACHE": "/there", "XDG_CACHE_HOME": "/xdg"}, "/there"),
        ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/chorus"),
        ({"HOME": "/home/ada"}, "/home/ada/.cache/chorus"),
    ],
)
def test_the_cache_is_where_the_user_wants_it(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str
) -> None:
    for name in ("CHORUS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert cache_folder() == Path(folder)


def test_java_home_wins_if_it_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_program(tmp_path / "bin" / "java", "#!/bin/sh\nexit 1\n")
    (tmp_path / "release").write_text('IMPLEMENTOR="Somebody"\nJAVA_VERSION="90.0.2"\nJAVA_VERSION_DATE="2056-04-21"\n')

    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    assert java(21) == java(90) == tmp_path / "bin" / "java"
    assert java(91) is None


def test_a_java_on_the_path_is_asked_for_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_program(tmp_path / "bin" / "java", """#!/bin/sh\necho 'openjdk version "90.0.2" 2056-04-21' >&2\n""")

    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    assert java(90) == tmp_path / "bin" / "java"
    assert java(91) is None
