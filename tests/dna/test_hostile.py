"""Hostile programs (property 7): no way of running out of a resource, and no way of hiding it, ends in a verdict."""

import pytest

from domain.organisms.dna import DnaVerdict
from server.dna import Engine, Limits
from server.dna.terms import term
from tests.dna.world import REGISTER, judge

FUEL = "fuel limit"
MEMORY = "memory limit"
STACK = "stack limit"
OUTPUT = "output limit"
EXIT = "the program ended the engine"

SMALL = Limits(fuel=1_000_000_000, memory=32 << 20, wall_seconds=120)

# Ways to run out of something, each as the predicate q/0, with what stops it under SMALL.
EXHAUST = {
    "recursion": ("q :- q, q.", MEMORY),
    "list": ("q :- length(L, 1000000000), L = [x|_].", STACK),
    "integer": ("q :- X is 2 ** (2 ** 40), X > 0.", STACK),
    "atoms": ("q :- grow(ab). grow(A) :- atom_concat(A, A, B), grow(B).", MEMORY),
    "clauses": ("q :- numlist(1, 200, L), atomics_to_string(L, S), repeat, assertz(kept(S)), fail.", MEMORY),
    "tables": (":- table r/1.\nq :- r(a). r(X) :- atom_concat(X, a, Y), r(Y).", MEMORY),
    "calls from C": ('q :- format(atom(_), "~@", [q]).', STACK),
    "nested text": (
        "q :- length(L, 5000), maplist(=('('), L), atomic_list_concat(L, A), atom_to_term(A, _, _).",
        STACK,
    ),
    "lowered limit": ("q :- set_prolog_flag(stack_limit, 2000000), r. r :- r, r.", STACK),
    "forever": ("q :- repeat, fail.", FUEL),
    "output": ("q :- repeat, write(user_error, hello), fail.", OUTPUT),
}

# Ways to swallow an error of q/0 and succeed.
SWALLOW = {
    "catch": "catch(q, _, true)",
    "nested catch": "catch(catch(catch(q, _, q), _, q), _, true)",
    "catch and throw": "catch(catch(q, _, throw(other)), other, true)",
    "catch its own way": "catch(q, error(resource_error(_), _), true)",
    "negation": "( catch(\\+ q, _, true) ; true )",
    "ignore": "ignore(catch(q, _, fail))",
    "findall": "findall(x, catch(q, _, true), _)",
    "forall": "forall(member(_, [1, 2]), catch(q, _, true))",
    "aggregate": "catch(aggregate_all(count, q, _), _, true)",
    "backtrace": "catch_with_backtrace(q, _, true)",
    "cleanup": "call_cleanup(true, q)",
    "cleanup of an error": "catch(setup_call_cleanup(true, q, throw(other)), _, true)",
    "cleanup of a cut": "once(setup_call_cleanup(true, member(_, [1, 2]), q))",
    "depth limit": "catch(call_with_depth_limit(q, 1000000000, _), _, true)",
    "inference limit": "catch(call_with_inference_limit(q, 100000000000, _), _, true)",
    "snapshot": "catch(snapshot(q), _, true)",
    "transaction": "catch(transaction(q), _, true)",
    "text output": "catch(with_output_to(string(_), q), _, true)",
    "continuation": "catch(reset(q, _, _), _, true)",
    "engine": "engine_create(x, q, E), catch(engine_next(E, _), _, true)",
    "coroutine": "catch((freeze(X, q), X = 1), _, true)",
    "undo": "catch(( undo(q), fail ; true ), _, true)",
    "message hook": "assertz((user:message_hook(_, _, _) :- q)), print_message(error, format(hello, [])), true",
    "portray": "assertz((user:portray(_) :- q)), catch(print(x), _, true)",
    "exception hook": ("assertz((prolog:prolog_exception_hook(_, other, _, _, _) :- true)), catch(q, other, true)"),
    "a catch of its own": (
        "catch(abolish(system:catch/3), _, true), catch(so_driver:abolish(first_solution/2), _, true),"
        " catch(q, _, true)"
    ),
    "a driver of its own": (
        "catch(redefine_system_predicate(so_driver:first_solution(_, _)), _, true),"
        " catch(assertz((so_driver:first_solution(_, true) :- true)), _, true), catch(q, _, true)"
    ),
    "after the answer": "catch(prolog_cut_to(_), _, true), catch(q, _, true)",
}


@pytest.mark.parametrize("way", SWALLOW)
@pytest.mark.parametrize("resource", EXHAUST)
def test_an_exhausted_resource_cannot_be_swallowed(engine: Engine, resource: str, way: str) -> None:
    clauses, expected = EXHAUST[resource]

    evaluation = judge(engine, f"{clauses}\np(_, _) :- {SWALLOW[way]}.", SMALL)

    assert evaluation.verdict is DnaVerdict.UNDECIDED
    assert evaluation.reason == expected


@pytest.mark.parametrize("way", SWALLOW)
def test_the_same_way_succeeds_when_nothing_is_exhausted(engine: Engine, way: str) -> None:
    evaluation = judge(engine, f"q.\np(_, _) :- {SWALLOW[way]}.", SMALL)

    assert evaluation.verdict is DnaVerdict.TRUE, evaluation.reason


HOSTILE = {
    "inf_rec": ("p(_, _) :- p(a, b), q. q.", MEMORY),
    "repeat_fail": ("p(_, _) :- repeat, fail.", FUEL),
    "exp_back": ("p(_, _) :- r(60). r(0). r(N) :- N > 0, M is N - 1, ( r(M), fail ; r(M) ).", FUEL),
    "atom_grow": ("p(_, _) :- r(ab). r(A) :- atom_concat(A, A, B), r(B).", MEMORY),
    "length_bomb": ("p(_, _) :- length(L, 1000000000), L = [x|_].", STACK),
    "bigint": ("p(_, _) :- r(3). r(X) :- Y is X * X, r(Y).", FUEL),
    "deep_nonterm": ("p(_, _) :- r(0). r(X) :- r(s(X)), true.", MEMORY),
    "inf_output": ("p(_, _) :- repeat, write(hello), flush_output, fail.", OUTPUT),
    "inf_error_output": ("p(_, _) :- repeat, format(user_error, hello, []), fail.", OUTPUT),
    "halt": ("p(_, _) :- halt.", EXIT),
    "flags": ("p(_, _) :- set_prolog_flag(stack_limit, 4000000000), r(0). r(X) :- r(s(X)), true.", MEMORY),
    "catch_all": ("p(_, _) :- catch(q, _, p(a, b)). q :- q, r. r.", MEMORY),
    "script": ("p(_, _) :- wasm:js_run_script('1', _).", None),
    "deep_text": ("p(_, _) :- r(100000, x, T), term_to_atom(T, _), fail. " + "r(0, T, T) :- !. r(N, T0, T) :- "
                  "M is N - 1, r(M, [T0], T).", None),
    "abort": ("p(_, _) :- abort.", None),
    "undefined": (":- table r/0. r :- tnot(r). p(_, _) :- r.", None),
    "throw": ("p(_, _) :- throw(me).", None),
    "huge_error": ("p(_, _) :- length(L, 300000), atom_codes(A, L), throw(A). ", None),
    "big_ball": ("p(_, _) :- numlist(1, 200000, L), throw(L).", None),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_program_is_undecided(engine: Engine, name: str) -> None:
    program, expected = HOSTILE[name]

    evaluation = judge(engine, program)

    assert evaluation.verdict is DnaVerdict.UNDECIDED
    assert evaluation.reason
    assert expected in (None, evaluation.reason)


POWERLESS = {
    "open_file": "open('/etc/passwd', read, _)",
    "write_file": "open('/tmp/pwned', write, _)",
    "consult": "consult('iso.pl')",
    "see": "see('/etc/passwd')",
    "getenv": "getenv('HOME', _)",
    "directory": "directory_files('/', _)",
    "exists": "( exists_file('/swipl/boot.prc') ; exists_directory('/home') )",
    "socket": "tcp_socket(_)",
    "process": "process_create(path(ls), [], _)",
    "thread": "thread_create(true, _)",
    "library": "use_module(library(process))",
    "foreign": "load_foreign_library(foreign(socket))",
    "driver file": "exists_file('/so/so_driver.pl')",
}


@pytest.mark.parametrize("name", POWERLESS)
def test_nothing_outside_can_be_reached(engine: Engine, name: str) -> None:
    assert judge(engine, f"p(_, _) :- catch({POWERLESS[name]}, _, fail).").verdict is DnaVerdict.FALSE


def test_a_shell_command_runs_nothing(engine: Engine) -> None:
    assert judge(engine, "p(_, _) :- shell('exit 3', Status), Status == 3.").verdict is not DnaVerdict.TRUE


def test_the_clock_is_the_same_for_everybody(engine: Engine) -> None:
    program = "p(_, _) :- get_time(T), statistics(cputime, C), statistics(walltime, W), throw(T-C-W)."

    assert len({judge(engine, program).reason for _ in range(3)}) == 1


def test_there_is_no_randomness(engine: Engine) -> None:
    program = "p(_, _) :- X is random(1000000000), Y is random_float, throw(X-Y)."

    assert len({judge(engine, program).reason for _ in range(3)}) == 1


CARRIED = {
    "clause": ("assertz(kept(1))", "catch(kept(1), _, fail)"),
    "global variable": ("nb_setval(kept, 1)", "nb_current(kept, 1)"),
    "flag": ("flag(kept, _, 1)", "flag(kept, 1, 1)"),
    "record": ("recordz(kept, 1)", "recorded(kept, 1)"),
    "operator": ("op(200, xfx, kept)", "current_op(_, _, kept)"),
    "prolog flag": ("set_prolog_flag(unknown, fail)", "current_prolog_flag(unknown, fail)"),
    "stack limit": ("set_prolog_flag(stack_limit, 3000000)", "current_prolog_flag(stack_limit, 3000000)"),
    "fact": ("assertz(so_member(mallory, o))", "so_member(mallory, o)"),
    "driver": ("assertz(so_driver:kept)", "catch(so_driver:kept, _, fail)"),
}


@pytest.mark.parametrize("name", CARRIED)
def test_nothing_is_carried_from_one_evaluation_to_the_next(engine: Engine, name: str) -> None:
    leave, find = CARRIED[name]
    program = engine.compile(
        f"{REGISTER}leave(_, _) :- {leave}.\nfind(_, _) :- {find}.\nboth(_, _) :- {leave}, {find}."
    )

    assert program.evaluate("leave", "").verdict is DnaVerdict.TRUE
    assert program.evaluate("find", "").verdict is DnaVerdict.FALSE
    assert program.evaluate("both", "").verdict is DnaVerdict.TRUE


def test_the_stack_limit_cannot_be_raised(engine: Engine) -> None:
    deep = "p(_, _) :- catch(set_prolog_flag(stack_limit, 2000000000), _, true), r(0). r(X) :- r(s(X)), true."

    assert judge(engine, deep, SMALL).reason == MEMORY


SPOILED = {
    "not JSON": ("[1", None),
    "no object": ("[1]", None),
    "deep": ("[" * 4000, None),
    "many digits": ('{"status": ' + "9" * 5000 + "}", None),
    "too long": ('{"status": "true", "message": "' + "x" * 9000 + '"}', OUTPUT),
    "another status": ('{"status": "perhaps"}', "the program spoiled its evaluation"),
    "more than a status": ('{"status": "true", "fuel": 0}', "the program spoiled its evaluation"),
    "odd message": ('{"message": [null, {}]}', "[None, {}]"),
    "long message": ('{"message": "' + "m" * 5000 + '"}', "m" * 400),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_driver_is_undecided(engine: Engine, name: str) -> None:
    reply, reason = SPOILED[name]
    program = f"p(_, _) :- abolish(so_driver:reply/2), assertz(so_driver:reply(_, {term(reply)}))."

    evaluation = judge(engine, program)

    assert evaluation.verdict is DnaVerdict.UNDECIDED
    assert evaluation.reason == (reason or "engine fault")


def test_copying_memory_uses_fuel(engine: Engine) -> None:
    program = """
p(_, _) :- double(20, "x", Megabyte), copies(COUNT, Megabyte).
double(0, Text, Text) :- !.
double(N, Text0, Text) :- M is N - 1, string_concat(Text0, Text0, Text1), double(M, Text1, Text).
copies(0, _) :- !.
copies(N, Text) :- M is N - 1, \\+ \\+ string_concat(Text, y, _), copies(M, Text).
"""

    few, many = (judge(engine, program.replace("COUNT", str(count))) for count in (10, 110))

    assert few.verdict is many.verdict is DnaVerdict.TRUE
    assert many.fuel - few.fuel > 100 * (1 << 20) // 4


@pytest.mark.parametrize("stack", ["local", "global", "trail"])
def test_stacks_keep_nothing_in_reserve(engine: Engine, stack: str) -> None:
    """Taking a reserve back from a full stack lets it grow into the next one: server/dna/build/README.md."""
    program = engine.compile(f"{REGISTER}p(_, _) :- prolog_stack_property({stack}, spare(0)).")

    assert program.evaluate("p", "x").verdict is DnaVerdict.TRUE
