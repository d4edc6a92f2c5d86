"""WebAssembly binary surgery: just the sections that the build reads or rewrites."""

from collections.abc import Iterator, Mapping, Sequence

MAGIC = b"\0asm\1\0\0\0"
CUSTOM, IMPORT, MEMORY, GLOBAL, EXPORT, CODE, DATA, DATA_COUNT = 0, 2, 5, 6, 7, 10, 11, 12
FUNCTION_KIND, GLOBAL_KIND = 0, 3
I32_CONST, I64_CONST, CALL, END = 0x41, 0x42, 0x10, 0x0B
WASM_PAGE = 65536
DATA_GRAIN = 4096

Section = tuple[int, bytes]


def uleb(number: int) -> bytes:
    """Return a number as unsigned LEB128."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def sleb(number: int) -> bytes:
    """Return a number as signed LEB128."""
    out = bytearray()
    while not -64 <= number < 64:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number & 127])


def read_uleb(data: bytes, at: int) -> tuple[int, int]:
    """Return the unsigned LEB128 number at a place, and the place after it."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, at


def read_sleb(data: bytes, at: int) -> tuple[int, int]:
    """Return the signed LEB128 number at a place, and the place after it."""
    start = at
    number, at = read_uleb(data, at)
    bits = 7 * (at - start)
    return (number - (1 << bits) if number >> (bits - 1) else number), at


def sections(module: bytes) -> list[Section]:
    """Split a module into its sections."""
    if module[:8] != MAGIC:
        raise ValueError("not a WebAssembly module")
    at, found = 8, []
    while at < len(module):
        kind = module[at]
        size, at = read_uleb(module, at + 1)
        found.append((kind, module[at : at + size]))
        at += size
    return found


def join(parts: Sequence[Section]) -> bytes:
    """Make a module of sections."""
    return MAGIC + b"".join(bytes([kind]) + uleb(len(body)) + body for kind, body in parts)


def body_of(module: bytes, wanted: int) -> bytes:
    """Return the body of the first section of a kind."""
    return next(body for kind, body in sections(module) if kind == wanted)


def replace(module: bytes, wanted: int, body: bytes) -> bytes:
    """Return the module with the sections of a kind given a new body."""
    return join([(kind, body if kind == wanted else old) for kind, old in sections(module)])


def name_global(module: bytes, index: int, name: str) -> bytes:
    """Append a name section that names one global (subsection 7 of the extended names)."""
    entry = uleb(1) + uleb(index) + uleb(len(name)) + name.encode()
    return join([*sections(module), (CUSTOM, b"\x04name\x07" + uleb(len(entry)) + entry)])


def exports(module: bytes) -> Iterator[tuple[str, int, int]]:
    """Yield name, kind and index of each export."""
    body = body_of(module, EXPORT)
    count, at = read_uleb(body, 0)
    for _ in range(count):
        size, at = read_uleb(body, at)
        name = body[at : at + size].decode()
        kind = body[at + size]
        index, at = read_uleb(body, at + size + 1)
        yield name, kind, index


def write_exports(module: bytes, wanted: Sequence[tuple[str, int, int]]) -> bytes:
    """Return the module with exactly these exports."""
    rows = [uleb(len(name.encode())) + name.encode() + bytes([kind]) + uleb(index) for name, kind, index in wanted]
    return replace(module, EXPORT, uleb(len(rows)) + b"".join(rows))


def keep_exports(module: bytes, names: Mapping[str, str]) -> bytes:
    """Return the module with only the named exports, under their new names."""
    return write_exports(module, [(names[name], kind, index) for name, kind, index in exports(module) if name in names])


def exported_function(module: bytes, wanted: str) -> int:
    """Return the index of an exported function."""
    return next(index for name, kind, index in exports(module) if name == wanted and kind == FUNCTION_KIND)


def imported_functions(module: bytes) -> int:
    """Count the imported functions, which come first in the index space; other imports are not expected."""
    body = next((body for kind, body in sections(module) if kind == IMPORT), b"\0")
    count, at = read_uleb(body, 0)
    for _ in range(count):
        for _ in range(2):
            size, at = read_uleb(body, at)
            at += size
        if body[at] != FUNCTION_KIND:
            raise ValueError("an import is not a function")
        _, at = read_uleb(body, at + 1)
    return count


def function_bodies(module: bytes) -> list[bytes]:
    """Return the bodies (locals and code) of the functions that the module defines."""
    body = body_of(module, CODE)
    count, at = read_uleb(body, 0)
    found = []
    for _ in range(count):
        size, at = read_uleb(body, at)
        found.append(body[at : at + size])
        at += size
    return found


def prefix_functions(module: bytes, prefixes: Mapping[int, bytes]) -> bytes:
    """Return the module with code put before the first instruction of some functions (by index)."""
    first = imported_functions(module)
    bodies = function_bodies(module)
    for index, code in prefixes.items():
        body = bodies[index - first]
        start = _code_start(body)
        bodies[index - first] = body[:start] + code + body[start:]
    return replace(module, CODE, uleb(len(bodies)) + b"".join(uleb(len(body)) + body for body in bodies))


def _code_start(body: bytes) -> int:
    groups, at = read_uleb(body, 0)
    for _ in range(groups):
        _, at = read_uleb(body, at)
        at += 1
    return at


def text_address(module: bytes, text: bytes) -> int:
    """Return the address of a text that occurs exactly once in the data segments."""
    found = []
    for offset, data in data_segments(module):
        at = data.find(text)
        while at >= 0:
            found.append(offset + at)
            at = data.find(text, at + 1)
    if len(found) != 1:
        raise ValueError(f"{text!r} occurs {len(found)} times")
    return found[0]


def data_segments(module: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield offset and bytes of each active data segment."""
    body = body_of(module, DATA)
    count, at = read_uleb(body, 0)
    for _ in range(count):
        if body[at : at + 2] != bytes([0, I32_CONST]):
            raise ValueError("only active segments at a constant offset are expected")
        offset, at = read_sleb(body, at + 2)
        size, at = read_uleb(body, at + 1)
        yield offset, body[at : at + size]
        at += size


def function_with(module: bytes, code: bytes) -> int:
    """Return the index of the one function whose body contains some code."""
    found = [index for index, body in enumerate(function_bodies(module)) if code in body]
    if len(found) != 1:
        raise ValueError(f"{len(found)} functions contain {code.hex()}")
    return found[0] + imported_functions(module)


def globals_of(module: bytes) -> list[tuple[int, int, bytes]]:
    """Return type, mutability and initialiser of each global; only constant initialisers are expected."""
    body = body_of(module, GLOBAL)
    count, at = read_uleb(body, 0)
    found = []
    for _ in range(count):
        start = at + 2
        if body[start] not in (I32_CONST, I64_CONST):
            raise ValueError("a global does not start as a constant")
        _, end = read_sleb(body, start + 1)
        found.append((body[at], body[at + 1], body[start : end + 1]))
        at = end + 1
    return found


def export_globals(module: bytes, prefix: str) -> tuple[bytes, int]:
    """Export every global as prefix + index; return the module and their number."""
    count = len(globals_of(module))
    extra = [(f"{prefix}{index}", GLOBAL_KIND, index) for index in range(count)]
    return write_exports(module, [*exports(module), *extra]), count


def freeze(module: bytes, memory: bytes, values: Sequence[int]) -> bytes:
    """Return the module that starts with this memory and these values of its globals."""
    segments = list(_runs(memory))
    data = uleb(len(segments)) + b"".join(
        bytes([0, I32_CONST]) + sleb(at) + bytes([END]) + uleb(len(run)) + run for at, run in segments
    )
    bodies = {
        MEMORY: _memory(body_of(module, MEMORY), len(memory) // WASM_PAGE),
        GLOBAL: _globals(globals_of(module), values),
        DATA: data,
        DATA_COUNT: uleb(len(segments)),
    }
    return join([(kind, bodies.get(kind, body)) for kind, body in sections(module) if kind != CUSTOM])


def _memory(body: bytes, pages: int) -> bytes:
    _, at = read_uleb(body, 0)
    _, rest = read_uleb(body, at + 1)
    return uleb(1) + body[at : at + 1] + uleb(pages) + body[rest:]


def _globals(old: Sequence[tuple[int, int, bytes]], values: Sequence[int]) -> bytes:
    rows = [
        bytes([kind, mutable]) + (bytes([I32_CONST]) + sleb(value) + bytes([END]) if mutable else start)
        for (kind, mutable, start), value in zip(old, values, strict=True)
    ]
    return uleb(len(rows)) + b"".join(rows)


def _runs(memory: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the runs of memory that are not zero, in whole grains."""
    zero = bytes(DATA_GRAIN)
    start = None
    for at in range(0, len(memory), DATA_GRAIN):
        empty = memory[at : at + DATA_GRAIN] == zero
        if not empty and start is None:
            start = at
        elif empty and start is not None:
            yield start, memory[start:at]
            start = None
    if start is not None:
        yield start, memory[start:]
