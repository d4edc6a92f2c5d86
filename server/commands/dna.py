"""`chorus dna lint`, `eval` and `repl`: Social DNA at the command line, on the engine that servers use."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from domain.organisms.dna import Evaluation
from domain.organisms.examination import CaptureCost, Severity
from domain.organisms.explanation import Explanation
from domain.organisms.templates import recognised
from server.dna import DnaEngineError, Engine, Fact, Program
from server.dna.capture import FEWEST, MOST, capture_cost
from server.dna.explain import explain
from server.dna.lint import lint
from server.dna.query import judge_query, solve

HELP = "A goal, or :why PREDICATE SUBJECT, :facts, :quit. Facts that the program does not mention are not there."

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Examine and try out Social DNA.")

ProgramFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A Prolog program.")]
FactsFile = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, help='A JSON list of facts: [["so_vouch", "did:…", "did:…", 1700000000000], …].'
    ),
]


@app.command("lint")
def lint_file(
    file: ProgramFile,
    members: Annotated[int, typer.Option(min=FEWEST, max=MOST, help="Members for the capture cost.")] = 9,
) -> None:
    """Say what is wrong in a program and how few could take it over. Ends with 1 if there are errors."""
    text = _text(file)
    with Engine() as engine:
        findings = lint(engine, text)
        for finding in findings:
            typer.echo(f"{file}:{finding}")
        if any(each.severity is Severity.ERROR for each in findings):
            raise typer.Exit(1)
        found = capture_cost(engine, text, members, exact=recognised(text) is not None)
    for line in _cost(found):
        typer.echo(line)


def _cost(found: CaptureCost) -> Iterator[str]:
    if found.impossible:
        yield f"capture cost with {found.members} members: nobody can let a majority of outsiders in"
    elif found.upper is None:
        yield f"capture cost with {found.members} members: at least {found.lower}; no way in was found"
    else:
        bounds = str(found.cost) if found.cost is not None else f"{found.lower} to {found.upper}"
        yield f"capture cost with {found.members} members: {bounds}"
    if found.exhausted:
        yield "the search ran out of its budget"
    yield from (f"  {move}" for move in found.moves)


@app.command("eval")
def evaluate_file(
    file: ProgramFile,
    query: Annotated[str, typer.Option(help='A goal: membrane("did:key:…", o).')],
    facts: FactsFile = None,
) -> None:
    """Evaluate a goal once; print verdict and record as JSON. Ends with 0 for true, 1 for false, 3 for undecided."""
    with _opened(file, facts) as (engine, program, known):
        found = judge_query(engine, program, query, known)
    typer.echo(json.dumps(_record(found), indent=2))
    raise typer.Exit({"true": 0, "false": 1}.get(str(found.verdict), 3))


def _record(found: Evaluation) -> dict[str, object]:
    return {
        "verdict": str(found.verdict),
        "reason": found.reason,
        "engine": found.engine_hash,
        "dna": found.dna_hash,
        "facts": found.facts_hash,
        "fuel": found.fuel,
        "milliseconds": round(found.milliseconds, 3),
    }


@app.command("repl")
def repl_file(file: ProgramFile, facts: FactsFile = None) -> None:
    """Ask a program goal after goal, with bindings and reasons; engine, program and facts stay the same for all."""
    with _opened(file, facts) as (engine, program, known):
        typer.echo(HELP)
        typer.echo(f"engine {engine.hash}\ndna {program.dna_hash}\nfacts {program.facts_hash(known)}")
        for line in _lines():
            if line == ":quit":
                return
            try:
                _answer(engine, program, known, line)
            except DnaEngineError as error:
                typer.echo(f"error: {error}")


def _lines() -> Iterator[str]:
    """What is typed, until the end of the input; with a prompt where somebody sits."""
    while True:
        if sys.stdin.isatty():
            typer.echo("?- ", nl=False)
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()


def _answer(engine: Engine, program: Program, facts: tuple[Fact, ...], line: str) -> None:
    if line == ":facts":
        for fact in facts:
            typer.echo(json.dumps(fact))
    elif line.startswith(":why"):
        _why(engine, program, facts, line.split(maxsplit=2)[1:])
    elif line.startswith(":"):
        typer.echo(HELP)
    else:
        _ask(engine, program, facts, line)


def _why(engine: Engine, program: Program, facts: tuple[Fact, ...], asked: list[str]) -> None:
    if len(asked) != 2:
        typer.echo(HELP)
        return
    found = explain(engine, program, asked[0], asked[1], facts)
    typer.echo(f"{found.verdict}" + (f": {found.reason}" if found.reason else ""))
    typer.echo(Explanation(found.tree, None, found.truncated).words)


def _ask(engine: Engine, program: Program, facts: tuple[Fact, ...], line: str) -> None:
    found = judge_query(engine, program, line, facts)
    if found.verdict == "true":
        answers = solve(engine, program, line, facts)
        for bindings in answers.bindings:
            typer.echo(", ".join(f"{name} = {value}" for name, value in bindings.items()) or "true")
        if answers.more:
            typer.echo("…")
    reason = f": {found.reason}" if found.reason else ""
    typer.echo(f"{found.verdict}{reason} ({found.fuel} fuel, {found.milliseconds:.1f} ms)")


@contextmanager
def _opened(file: Path, facts: Path | None) -> Iterator[tuple[Engine, Program, tuple[Fact, ...]]]:
    """The engine with a program and its facts; what is wrong with them ends the command with 2."""
    text = _text(file)
    try:
        with Engine() as engine:
            program = engine.compile(text)
            yield engine, program, _facts(program, facts)
    except DnaEngineError as error:
        typer.echo(f"{file}: {error}", err=True)
        raise typer.Exit(2) from error


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf8")
    except UnicodeDecodeError as error:
        typer.echo(f"{file}: not UTF-8: {error}", err=True)
        raise typer.Exit(2) from error


def _facts(program: Program, file: Path | None) -> tuple[Fact, ...]:
    if file is None:
        return ()
    try:
        given = json.loads(file.read_text(encoding="utf8"))
        return tuple(_fact(program, each) for each in given)
    except (ValueError, TypeError, RecursionError) as error:
        typer.echo(f"{file}: expected a JSON list of facts, each a list of its name and arguments: {error}", err=True)
        raise typer.Exit(2) from error


def _fact(program: Program, given: object) -> Fact:
    if not isinstance(given, list) or not all(isinstance(each, str | int | float) for each in given):
        raise TypeError(f"{given!r:.80} is not one")
    if len(given) in (2, 3) and given[0] == "so_member":  # JSON has no atoms: the handle is the registered one
        return ("so_member", given[1], program.handle)
    return tuple(given)
