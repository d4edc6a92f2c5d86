"""What another program would change, line by line and by predicates."""

import difflib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.organisms import difference as module
from domain.organisms.difference import difference

LINES = st.lists(st.sampled_from(["a.", "b.", "c.", ""]), max_size=12)


def test_predicates_are_compared_by_their_clauses() -> None:
    found = difference("", "", {"a/1": "1", "b/1": "1", "c/1": "1"}, {"b/1": "1", "c/1": "2", "d/2": "1", "aa/0": "1"})

    assert (found.added, found.removed, found.changed) == (("aa/0", "d/2"), ("a/1",), ("c/1",))
    assert found.unified == ""


def patched(before: list[str], unified: str) -> list[str]:
    """The lines after a unified diff, applied as any tool does."""
    after, at = list[str](), 0
    lines = unified.splitlines()[2:]
    for line in lines:
        if line.startswith("@@"):
            start = int(line.split()[1].split(",")[0].removeprefix("-"))
            length = line.split()[1].partition(",")[2]
            start = start if length == "0" else start - 1
            after += before[at:start]
            at = start
        elif line.startswith("+"):
            after.append(line[1:])
        else:
            assert before[at] == line[1:]
            at += 1
            after += [line[1:]] if line.startswith(" ") else []
    return after + before[at:]


@pytest.mark.parametrize("compared", [4_000_000, -1], ids=["line by line", "as a whole"])
@given(before=LINES, after=LINES)
def test_the_difference_leads_from_one_program_to_the_other(compared: int, before: list[str], after: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "COMPARED", compared)
        found = difference("\n".join(before), "\n".join(after), {}, {})

    old, new = "\n".join(before).splitlines(), "\n".join(after).splitlines()
    assert patched(old, found.unified) == new
    assert (found.unified == "") == (old == new)


def test_short_programs_are_compared_as_everybody_does() -> None:
    before, after = ["a.", "b.", "c."], ["a.", "x.", "c."]

    found = difference("\n".join(before), "\n".join(after), {}, {})

    assert found.unified == "\n".join(difflib.unified_diff(before, after, "in force", "proposed", lineterm=""))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n" * 65_000, "\n" * 64_999 + "a"),
        ("a.\nb.\n" * 10_000, "b.\na.\n" * 10_000),
        ("".join(f"a{n % 999}.\n" for n in range(1_990)), "".join(f"a{n % 998}.\n" for n in range(1_990))),
    ],
    ids=["empty lines", "two lines", "many repetitions"],
)
def test_programs_made_to_be_hard_to_compare_take_no_longer(before: str, after: str) -> None:
    started = time.process_time()

    difference(before, after, {}, {})

    assert time.process_time() - started < 5
