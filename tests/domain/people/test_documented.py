"""The worked examples of docs/people.md run as they stand."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "people.md"


def test_the_worked_examples_hold() -> None:
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf8"), re.DOTALL)

    assert examples
    for example in examples:
        exec(compile(example, str(PAGE), "exec"), {})
