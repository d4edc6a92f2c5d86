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
    """Ends the command with the code and message of what was refused, or of a store that is away."""
    try:
        yield
    except CodedError as refusal:
        console.print(f"{refusal.code}: {refusal.message}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(REFUSED) from None
