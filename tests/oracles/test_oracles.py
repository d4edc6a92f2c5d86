"""Every section of every oracle file under --oracles DIR, one test each."""

from pathlib import Path

import pytest

from tests.oracles.checkers import checks_for, load, oracle_files, sections


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    folder: Path = metafunc.config.getoption("oracles")
    files = oracle_files(folder)
    if "oracle_file" in metafunc.fixturenames and "section" in metafunc.fixturenames:
        cases = [(file, section) for file in files for section in sections(load(file))]
        metafunc.parametrize(
            ("oracle_file", "section"), cases, ids=[f"{file.relative_to(folder)}:{section}" for file, section in cases]
        )


def test_section(oracle_file: Path, section: str) -> None:
    checks = checks_for(oracle_file)
    assert checks is not None, f"no checker for {oracle_file.name}"
    assert section in checks, f"no checker for section {section} of {oracle_file.name}"
    content = load(oracle_file)
    assert content[section], f"section {section} of {oracle_file.name} is empty"

    checks[section](content[section], content)


def test_the_folder_holds_oracles(pytestconfig: pytest.Config) -> None:
    folder: Path = pytestconfig.getoption("oracles")

    assert oracle_files(folder), f"no *.json or *.json.gz under {folder}"
