"""What docs/sandbox.md shows."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def test_the_example_of_the_document_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "sandbox.md").read_text(), re.DOTALL)
    monkeypatch.chdir(ROOT)

    exec(compile(example, "docs/sandbox.md", "exec"), {})

    assert len(capsys.readouterr().out.splitlines()) == 20
