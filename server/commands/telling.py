"""What a command says of what was refused."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from domain.errors import CodedError

REFUSED = 2

# Without emoji, which would make a key of `did:key:`.
console = Console(stderr=True, emoji=False)


@contextmanager
def told_refusals() -> Iterator[None]:
    """Ends the command with what was refused and its code, or with what is wrong with a store or a file."""
    try:
        yield
    except CodedError as refusal:
        _complain(f"{refusal.code}: {refusal.message}")
        raise typer.Exit(REFUSED) from None
    except OSError as problem:
        _complain(str(problem))
        raise typer.Exit(REFUSED) from None


def _complain(what: str) -> None:
    console.print(plain(what), markup=False, highlight=False, soft_wrap=True)


def plain(text: str) -> str:
    """In one line that commands no terminal: a key or a name in it may be anybody's."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
