"""The build's binary surgery, and the guards in the committed module."""

import pytest
import wasmtime
from hypothesis import given
from hypothesis import strategies as st

from server.dna import module
from server.dna.build import wasm_binary, wat
from server.dna.build.package import lz4_block

SMALL = """
(module
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 0))
  (func (export "next") (result i32) (local i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1))) (global.get $calls))
  (func (export "text") (result i32) (i32.const 100))
  (data (i32.const 100) "needle\\00hay"))
"""


@pytest.fixture
def small() -> bytes:
    return bytes(wasmtime.wat2wasm(SMALL))


def start(wasm: bytes) -> tuple[wasmtime.Store, dict[str, wasmtime.Func]]:
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    exports = wasmtime.Instance(store, wasmtime.Module(engine, wasm), []).exports(store)
    return store, {name: item for name, item in exports.items() if isinstance(item, wasmtime.Func)}


@given(st.integers(0, 2**64))
def test_unsigned_numbers_survive(number: int) -> None:
    encoded = wasm_binary.uleb(number)

    assert wasm_binary.read_uleb(b"x" + encoded, 1) == (number, 1 + len(encoded))


@given(st.integers(-(2**63), 2**63))
def test_signed_numbers_survive(number: int) -> None:
    encoded = wasm_binary.sleb(number)

    assert wasm_binary.read_sleb(b"x" + encoded, 1) == (number, 1 + len(encoded))


def test_sections_survive(small: bytes) -> None:
    assert wasm_binary.join(wasm_binary.sections(small)) == small


def test_code_is_put_before_a_function(small: bytes) -> None:
    index = wasm_binary.exported_function(small, "next")
    seven = bytes([wasm_binary.I32_CONST, 7, 0x0F])  # return 7

    store, functions = start(wasm_binary.prefix_functions(small, {index: seven}))

    assert functions["next"](store) == 7
    assert functions["text"](store) == 100


def test_a_function_is_found_by_a_text_it_uses(small: bytes) -> None:
    address = wasm_binary.text_address(small, b"needle")
    code = bytes([wasm_binary.I32_CONST]) + wasm_binary.sleb(address)

    assert wasm_binary.function_with(small, code) == wasm_binary.exported_function(small, "text")
    with pytest.raises(ValueError, match="occurs 0 times"):
        wasm_binary.text_address(small, b"thread")


def test_a_frozen_module_goes_on_where_it_was(small: bytes) -> None:
    exported, count = wasm_binary.export_globals(small, "g")
    memory = bytearray(2 * 65536)
    memory[70_000] = 5

    frozen = wasm_binary.freeze(exported, bytes(memory), [41])
    store, functions = start(frozen)

    assert count == 1
    assert functions["next"](store) == 42
    assert dict(wasm_binary.data_segments(frozen)) == {69632: bytes(memory[69632:73728])}


def test_exports_are_kept_by_name(small: bytes) -> None:
    kept = wasm_binary.keep_exports(small, {"next": "another"})

    assert [name for name, _, _ in wasm_binary.exports(kept)] == ["another"]


def test_lz4_copies_what_overlaps() -> None:
    assert lz4_block(bytes([0x35, *b"abc", 3, 0, 0x20, *b"xy"])) == b"abc" + b"abcabcabc" + b"xy"
    assert lz4_block(bytes([0xF0, 2, *bytes(17)])) == bytes(17)


def test_the_committed_module_traps_where_resources_run_out() -> None:
    layout = module.read_layout(module.RUNTIME)
    wasm = module.read_wasm(module.RUNTIME, layout.sha256)
    bodies = wasm_binary.function_bodies(wasm)
    message = wasm_binary.text_address(wasm, b"[Thread %d]: failed to recover from %s-overflow\n")
    overflow = bodies[
        wasm_binary.function_with(wasm, bytes([wasm_binary.I32_CONST]) + wasm_binary.sleb(message))
        - wasm_binary.imported_functions(wasm)
    ]

    guard = overflow.index(bytes([wasm_binary.I32_CONST, wat.STACK, wasm_binary.CALL]))
    trip, _ = wasm_binary.read_uleb(overflow, guard + 3)
    guarded = {
        why: sum(
            bytes([wasm_binary.I32_CONST, why, wasm_binary.CALL]) + wasm_binary.uleb(trip) in body for body in bodies
        )
        for why in (wat.MEMORY, wat.STACK, wat.RESOURCE, wat.OUTPUT)
    }

    assert guard < 10
    assert guarded == {wat.MEMORY: 1, wat.STACK: 1, wat.RESOURCE: 1, wat.OUTPUT: 1}
