"""Build the Social DNA engine: `python -m server.dna.build` writes server/dna/runtime/swi_rt.{wasm.xz,json}.

Fetches two pinned npm packages into a temporary folder, boots SWI-Prolog with the driver, and writes a module without
imports that starts from that memory. README.md describes the steps.
"""

import argparse
import hashlib
import json
import lzma
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import wasmtime

from server.dna.build import wasm_binary, wat
from server.dna.build.host import Machine
from server.dna.build.package import Package, read_package

PACKAGES = ("swipl-wasm@8.0.5", "binaryen@132.0.0")
SOURCES = {
    "swipl-web.wasm": "3223ce237f3ec3f02266a4a07a7cfa7294dd8d5696dce93d305d424e35e66615",
    "swipl-web.data": "f6ea3ce279e5a11db99ac22e770636c9e8068963624bae5d2e4896d5454e9740",
    "swipl-web.js": "fd829b58dec85887db0ad015fe79bcd0d143c7054a55b73819113361f2fa43ff",
}
FEATURES = ("--all-features", "--disable-compact-imports")
HERE = Path(__file__).parent
RUNTIME = HERE.parent / "runtime"

CONSTRUCTORS = "ba"  # __wasm_call_ctors
GLOBAL_PREFIX = "__global_"
# PL_error(pred, arity, msg, id, ...): the ids of pl-error.h in this build, checked by tests/dna/test_hostile.py
ERR_NOMEM, ERR_RESOURCE = 7, 12
BULK = ("bulk_copy", "bulk_fill")
MEMORY_COPY, MEMORY_FILL = bytes([0xFC, 10, 0, 0]), bytes([0xFC, 11, 0])
BUFFER_SIZE = 65536 + 4096

# What the host calls at run time: emscripten's name, and the name in our module.
KEPT = {
    "wasmMemory": "memory",
    "_malloc": "malloc",
    "_PL_put_chars": "put_chars",
    "_PL_put_variable": "put_variable",
    "_PL_call_predicate": "call_predicate",
    "_PL_get_nchars": "get_nchars",
}
ENTRIES = ("load_program", "load_facts", "index_facts", "handle", "evaluate", "load_tool", "ask")

LIBRARIES = (
    "lists,apply,aggregate,assoc,pairs,ordsets,yall,strings,dcg/basics,dcg/high_order,solution_sequences,dif,when,"
    "option,error,charsio,ugraphs,rbtrees,terms,occurs,debug,gensym,nb_set"
)
# The stack limit is out of the way: the memory limit, enforced by the runtime, is the one that counts. So stacks need
# nothing in reserve for handling an overflow; taking such a reserve back from a full stack corrupts the one above it.
SETUP = (
    "set_prolog_flag(unknown, error)",
    "set_prolog_flag(verbose_load, silent)",
    "load_files('/so/so_driver.pl', [silent(true)])",
    "set_module(dna:base(user))",
    "set_module(so_facts:base(system))",
    "set_prolog_flag(dna:double_quotes, string)",
    "set_prolog_flag(so_facts:double_quotes, string)",
    "set_module(so_tools:base(user))",
    "set_prolog_flag(so_tools:double_quotes, string)",
    "set_prolog_flag(autoload, true)",
    f"forall(member(L, [{LIBRARIES}]), user:use_module(library(L)))",
    "user:load_files('/so/so_library.pl', [silent(true)])",
    "so_driver:declare_vocabulary",
    "so_driver:warm",
    "set_prolog_flag(autoload, false)",
    "set_prolog_flag(stack_limit, 1073741824)",
    *(f"set_prolog_stack({stack}, spare(0))" for stack in ("local", "global", "trail")),
    "numlist(1, 10000, _)",  # a stack gives up what it has in reserve when it grows
    "garbage_collect, garbage_collect_atoms, garbage_collect_clauses, trim_stacks",
    "flush_output",
)


def main() -> None:
    """Fetch, build, write; say whether the result is the committed one."""
    parser = argparse.ArgumentParser(prog="python -m server.dna.build", description=__doc__)
    parser.add_argument("--check", action="store_true", help="build and compare with the committed digest only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        fetch(work)
        wasm, meta = build(work, read_package(work / "node_modules/swipl-wasm/dist/swipl"))
    committed = RUNTIME / "swi_rt.json"
    same = committed.exists() and json.loads(committed.read_text())["sha256"] == meta["sha256"]
    print(f"{meta['sha256']} {'as committed' if same else 'differs from the committed engine'}")  # noqa: T201
    if options.check:
        sys.exit(0 if same else 1)
    RUNTIME.mkdir(exist_ok=True)
    (RUNTIME / "swi_rt.wasm.xz").write_bytes(lzma.compress(wasm, preset=9 | lzma.PRESET_EXTREME))
    committed.write_text(json.dumps(meta, indent=2, sort_keys=True) + "\n")


def fetch(work: Path) -> None:
    """Install the pinned packages with npm, and check the files that we take from them."""
    run = shutil.which("npm")
    if run is None:
        raise SystemExit("npm (Node.js 20 or newer) is needed to build the engine")
    (work / "package.json").write_text('{"private": true}')
    subprocess.run(  # noqa: S603  (a fixed command)
        [run, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", *PACKAGES], cwd=work, check=True
    )
    for name, digest in SOURCES.items():
        data = (work / "node_modules/swipl-wasm/dist/swipl" / name).read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            raise SystemExit(f"{name} is not the file that this build was made for")


def build(work: Path, package: Package) -> tuple[bytes, dict[str, object]]:
    """Return the engine's module and its description."""
    module, count = wasm_binary.export_globals(guard(work, package), GLOBAL_PREFIX)
    config = wasmtime.Config()
    config.wasm_exceptions = True
    engine = wasmtime.Engine(config)
    driver = {f"/so/{name}": (HERE / name).read_bytes() for name in ("so_driver.pl", "so_library.pl")}
    booted = Package(package.wasm, package.files | driver, package.imports, package.exports)
    machine = Machine(engine, wasmtime.Module(engine, module), booted)
    machine.boot(CONSTRUCTORS)
    for goal in SETUP:
        machine.run(goal)
    meta = handles(machine)
    frozen = wasm_binary.freeze(module, memory_of(machine), globals_of(machine, count))
    wasm = close(work, frozen, package, engine)
    return wasm, {**meta, "packages": list(PACKAGES), "sha256": hashlib.sha256(wasm).hexdigest()}


def guard(work: Path, package: Package) -> bytes:
    """Return SWI-Prolog with longjmp inside WebAssembly, and a trap wherever a resource runs out."""
    named = wasm_binary.name_global(lowered(work, package.wasm), 0, "__stack_pointer")
    checked = tool(work, "wasm-opt", write(work / "named.wasm", named), "--stack-check")
    support = assemble(work, "support", wat.support(package.imports, package.exports))
    module = merge(work, checked, support)
    trip, burn = (wasm_binary.exported_function(module, name) for name in ("trip", "burn"))
    return wasm_binary.prefix_functions(
        module,
        {
            out_of_stack(module): _trip(trip, wat.STACK),
            error_function(module, package): _trip_on_resources(trip),
            wasm_binary.exported_function(module, BULK[0]): _burning(burn, MEMORY_COPY),
            wasm_binary.exported_function(module, BULK[1]): _burning(burn, MEMORY_FILL),
        },
    )


def lowered(work: Path, wasm: bytes) -> bytes:
    """Return the module with its bulk memory instructions gathered in two functions, exported as BULK.

    binaryen appends the two: copy(to, from, size) and fill(to, byte, size).
    """
    options = ("--llvm-memory-copy-fill-lowering", "--disable-memory64", "--disable-multimemory")
    before = len(wasm_binary.function_bodies(wasm))
    module = tool(work, "wasm-opt", write(work / "package.wasm", wasm), *options)
    count = wasm_binary.imported_functions(module) + before
    if len(wasm_binary.function_bodies(module)) != before + len(BULK):
        raise ValueError("the bulk memory instructions were not lowered as expected")
    added = [(name, wasm_binary.FUNCTION_KIND, count + index) for index, name in enumerate(BULK)]
    return wasm_binary.write_exports(module, [*wasm_binary.exports(module), *added])


def _burning(burn: int, instruction: bytes) -> bytes:
    """burn(size); the bulk instruction itself, on all three parameters; return."""
    return (
        bytes([0x20, 2, wasm_binary.CALL]) + wasm_binary.uleb(burn) + bytes([0x20, 0, 0x20, 1, 0x20, 2]) + instruction
    ) + bytes([0x0F])


def out_of_stack(module: bytes) -> int:
    """Find outOfStack(), by the message that only it prints."""
    address = wasm_binary.text_address(module, b"[Thread %d]: failed to recover from %s-overflow\n")
    return wasm_binary.function_with(module, bytes([wasm_binary.I32_CONST]) + wasm_binary.sleb(address))


def error_function(module: bytes, package: Package) -> int:
    """Find PL_error(), which PL_resource_error() calls as PL_error(NULL, 0, NULL, ERR_RESOURCE, ...)."""
    wrapper = wasm_binary.exported_function(module, package.exports["_PL_resource_error"])
    body = wasm_binary.function_bodies(module)[wrapper - wasm_binary.imported_functions(module)]
    zero = bytes([wasm_binary.I32_CONST, 0])
    before = zero * 3 + bytes([wasm_binary.I32_CONST, ERR_RESOURCE, 0x20])
    at = body.index(before) + len(before)
    _, at = wasm_binary.read_uleb(body, at)
    if body[at] != wasm_binary.CALL:
        raise ValueError("PL_resource_error() does not look as expected")
    return wasm_binary.read_uleb(body, at + 1)[0]


def _trip(trip: int, why: int) -> bytes:
    return bytes([wasm_binary.I32_CONST, why, wasm_binary.CALL]) + wasm_binary.uleb(trip)


def _trip_on_resources(trip: int) -> bytes:
    """if (id == ERR_NOMEM || id == ERR_RESOURCE) trip(RESOURCE): local.get 3, i32.eq, i32.or, if ... end."""
    tests = [bytes([0x20, 3, wasm_binary.I32_CONST, code, 0x46]) for code in (ERR_NOMEM, ERR_RESOURCE)]
    return b"".join(tests) + bytes([0x72, 0x04, 0x40]) + _trip(trip, wat.RESOURCE) + bytes([wasm_binary.END])


def handles(machine: Machine) -> dict[str, object]:
    """Make what the host uses at run time: predicate handles, two term references, a buffer."""
    predicates = {name: machine.predicate(name, 2, "so_driver") for name in ENTRIES}
    machine.call("_PL_open_foreign_frame")  # stays open, so that the references stay valid
    terms = machine.call("_PL_new_term_refs", 2)
    return {
        "predicates": predicates,
        "terms": terms,
        "buffer": machine.call("_malloc", BUFFER_SIZE),
        "buffer_size": BUFFER_SIZE,
    }


def memory_of(machine: Machine) -> bytes:
    """Return the whole memory."""
    return bytes(machine.memory.read(machine.store, 0, machine.memory.data_len(machine.store)))


def globals_of(machine: Machine, count: int) -> list[int]:
    """Return the values of all globals."""
    found = []
    for index in range(count):
        item = machine.exports[f"{GLOBAL_PREFIX}{index}"]
        if not isinstance(item, wasmtime.Global):
            raise TypeError("a global is missing")
        found.append(int(item.value(machine.store)))
    return found


def close(work: Path, frozen: bytes, package: Package, engine: wasmtime.Engine) -> bytes:
    """Answer the remaining imports with stubs, and keep only the exports that the host uses."""
    imports = wasmtime.Module(engine, frozen).imports
    stubs = assemble(work, "stubs", wat.stubs(imports, package.imports, package.exports["wasmMemory"]))
    merged = merge(work, frozen, stubs, "--skip-export-conflicts")
    names = {package.exports[name]: ours for name, ours in KEPT.items()}
    closed = wasm_binary.keep_exports(merged, names | {name: name for name in ("tripped", "output_left", "ticks")})
    if wasmtime.Module(engine, closed).imports:
        raise ValueError("the module still has imports")
    return closed


def assemble(work: Path, name: str, text: str) -> bytes:
    """Turn WebAssembly text into a module."""
    source = work / f"{name}.wat"
    source.write_text(text)
    return tool(work, "wasm-as", source)


def merge(work: Path, first: bytes, second: bytes, *options: str) -> bytes:
    """Merge a module that answers imports from "a" into one that the other imports as "main"."""
    files = (str(write(work / "first.wasm", first)), "main", str(write(work / "second.wasm", second)), "a")
    return tool(work, "wasm-merge", *files, *options)


def write(path: Path, data: bytes) -> Path:
    """Write a file and return its path."""
    path.write_bytes(data)
    return path


def tool(work: Path, name: str, *arguments: str | Path) -> bytes:
    """Run one of binaryen's tools and return what it wrote."""
    out = work / "out.wasm"
    command = [str(work / "node_modules/.bin" / name), *FEATURES, *map(str, arguments), "-o", str(out)]
    subprocess.run(command, cwd=work, check=True)  # noqa: S603  (a fixed command)
    return out.read_bytes()


if __name__ == "__main__":
    main()
