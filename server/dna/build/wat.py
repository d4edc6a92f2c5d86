"""WebAssembly text of the small modules that take the place of emscripten's JavaScript."""

from collections.abc import Mapping, Sequence

import wasmtime

# Why an evaluation was stopped: the argument of `trip`, read by the host from the global `tripped`.
MEMORY, STACK, RESOURCE, OUTPUT, EXIT = 1, 2, 3, 4, 5

# Copying and filling memory costs one instruction however long it is; this makes it cost about 0.4 a byte.
BURN = """(func (export "burn") (param $bytes i32)
 (local.set $bytes (i32.shr_u (local.get $bytes) (i32.const 4)))
 (block $done (loop $next (br_if $done (i32.eqz (local.get $bytes)))
  (local.set $bytes (i32.sub (local.get $bytes) (i32.const 1))) (br $next))))"""

# emscripten names an indirect call after its types: the result first, then the parameters.
INVOKE_PREFIX = "invoke_"


def support(imports: Mapping[str, str], exports: Mapping[str, str]) -> str:
    """setjmp/longjmp by WebAssembly exceptions, `burn`, and `trip`: nothing inside WebAssembly can catch a trap."""
    lines = [
        "(module",
        f'(import "main" "{exports["wasmTable"]}" (table $table 0 funcref))',
        f'(import "main" "{exports["_emscripten_stack_get_current"]}" (func $save (result i32)))',
        f'(import "main" "{exports["__emscripten_stack_restore"]}" (func $restore (param i32)))',
        f'(import "main" "{exports["_setThrew"]}" (func $set_threw (param i32 i32)))',
        '(global $tripped (export "tripped") (mut i32) (i32.const 0))',
        '(func (export "trip") (param $why i32) (global.set $tripped (local.get $why)) (unreachable))',
        BURN,
        "(tag $longjmp)",
    ]
    for short, name in imports.items():
        if name == "__emscripten_throw_longjmp":
            lines.append(f'(func (export "{short}") (throw $longjmp))')
        elif name.startswith(INVOKE_PREFIX):
            lines.append(_invoke(short, name.removeprefix(INVOKE_PREFIX)))
    return "\n".join([*lines, ")"])


def _invoke(short: str, signature: str) -> str:
    result = "" if signature[0] == "v" else "(result i32)"
    count = len(signature) - 1
    parameters = f"(param {' '.join(['i32'] * count)})" if count else ""
    arguments = " ".join(f"(local.get {index + 1})" for index in range(count))
    call = f"(call_indirect $table {parameters} {result} {arguments} (local.get 0))"
    return f"""(func (export "{short}") (param i32) {parameters} {result} (local $sp i32)
 (local.set $sp (call $save))
 (block $jumped (try_table (catch $longjmp $jumped)
  {f"(return {call})" if result else f"{call} (return)"}))
 (call $restore (local.get $sp))
 (call $set_threw (i32.const 1) (i32.const 0))
 {"(i32.const 0)" if result else ""})"""


def stubs(imports: Sequence[wasmtime.ImportType], names: Mapping[str, str], memory: str) -> str:
    """The run-time system: no files, no environment, a clock that only counts, output that is counted and dropped."""
    lines = [
        "(module",
        f'(import "main" "{memory}" (memory $memory 0))',
        '(import "main" "trip" (func $trip (param i32)))',
        '(global $ticks (export "ticks") (mut i64) (i64.const 0))',
        '(global $output_left (export "output_left") (mut i64) (i64.const 0))',
        "(func $now (result i64)",
        " (global.set $ticks (i64.add (global.get $ticks) (i64.const 1))) (global.get $ticks))",
    ]
    return "\n".join([*lines, *(_stub(item, names[item.name or ""]) for item in imports), ")"])


def _stub(item: wasmtime.ImportType, name: str) -> str:
    kind = item.type
    if not isinstance(kind, wasmtime.FuncType):
        raise TypeError(f"{name} is not a function")
    parameters = " ".join(f"(param {param})" for param in kind.params)
    results = " ".join(f"(result {result})" for result in kind.results)
    return f'(func (export "{item.name}") {parameters} {results} {_body(name, [str(r) for r in kind.results])})'


def _body(name: str, results: Sequence[str]) -> str:
    if name in BODIES:
        return BODIES[name]
    if name.startswith("___syscall"):
        return "(i32.const -44)"  # -ENOENT: there is nothing to find
    return f"({results[0]}.const 0)" if results else ""


LEAVE = f"(call $trip (i32.const {EXIT})) (unreachable)"

# Grow by 4 MB more than asked for when the limit allows it; a refusal ends the evaluation, whatever malloc would do.
GROW = f"""(local $have i32) (local $pages i32)
 (local.set $have (i32.shl (memory.size $memory) (i32.const 16)))
 (if (i32.le_u (local.get 0) (local.get $have)) (then (return (i32.const 1))))
 (local.set $pages
  (i32.shr_u (i32.add (i32.sub (local.get 0) (local.get $have)) (i32.const 65535)) (i32.const 16)))
 (if (i32.ne (memory.grow $memory (i32.add (local.get $pages) (i32.const 64))) (i32.const -1))
  (then (return (i32.const 1))))
 (if (i32.eq (memory.grow $memory (local.get $pages)) (i32.const -1)) (then (call $trip (i32.const {MEMORY}))))
 (i32.const 1)"""

WRITE = f"""(local $length i32) (local $index i32)
 (block $done (loop $next (br_if $done (i32.ge_u (local.get $index) (local.get 2)))
  (local.set $length (i32.add (local.get $length)
   (i32.load offset=4 (i32.add (local.get 1) (i32.shl (local.get $index) (i32.const 3))))))
  (local.set $index (i32.add (local.get $index) (i32.const 1))) (br $next)))
 (global.set $output_left (i64.sub (global.get $output_left) (i64.extend_i32_u (local.get $length))))
 (if (i64.lt_s (global.get $output_left) (i64.const 0)) (then (call $trip (i32.const {OUTPUT}))))
 (i32.store (local.get 3) (local.get $length)) (i32.const 0)"""

BODIES = {
    "_fd_write": WRITE,
    "_fd_read": "(i32.store (local.get 3) (i32.const 0)) (i32.const 0)",
    "_fd_close": "(i32.const 0)",
    "_fd_seek": "(i32.const 70)",  # ESPIPE
    "_fd_fdstat_get": "(i64.store (local.get 1) (i64.const 2)) (i64.store offset=8 (local.get 1) (i64.const 0))"
    " (i64.store offset=16 (local.get 1) (i64.const 0)) (i32.const 0)",
    "_emscripten_resize_heap": GROW,
    "_emscripten_get_heap_max": "(i32.const 0x7fff0000)",
    "_clock_time_get": "(i64.store (local.get 2) (i64.add (i64.const 1700000000000000000)"
    " (i64.mul (i64.const 1000000) (call $now)))) (i32.const 0)",
    "_emscripten_date_now": "(f64.add (f64.const 1.7e12) (f64.convert_i64_u (call $now)))",
    "_emscripten_get_now": "(f64.add (f64.const 1000) (f64.convert_i64_u (call $now)))",
    "_environ_sizes_get": "(i32.store (local.get 0) (i32.const 0)) (i32.store (local.get 1) (i32.const 0))"
    " (i32.const 0)",
    "_environ_get": "(i32.const 0)",
    "_exit": LEAVE,
    "__abort_js": LEAVE,
    "_emscripten_run_script": LEAVE,
    "_emscripten_asm_const_int": LEAVE,
    "_emscripten_asm_const_ptr": LEAVE,
    "___syscall_getcwd": "(i32.store16 (local.get 0) (i32.const 47)) (i32.const 2)",
    "___syscall_getuid32": "(i32.const 0)",
    "___syscall_fcntl64": "(i32.const 0)",
    "___syscall_umask": "(i32.const 0)",
    "___syscall_ioctl": "(i32.const -59)",  # -ENOTTY
}
