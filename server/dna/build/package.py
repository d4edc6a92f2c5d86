"""Read the npm package swipl-wasm: the module, the names of its imports and exports, and its file system."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

LZ4_CHUNK = 2048  # emscripten's file packager compresses in chunks of this size


@dataclass(frozen=True, slots=True)
class Package:
    """SWI-Prolog as published; `imports` maps short names to emscripten's, `exports` the other way round."""

    wasm: bytes
    files: dict[str, bytes]
    imports: dict[str, str]
    exports: dict[str, str]


def read_package(folder: Path) -> Package:
    """Read `dist/swipl` of the package."""
    script = (folder / "swipl-web.js").read_text()
    image = _file_image(script, (folder / "swipl-web.data").read_bytes())
    return Package(
        wasm=(folder / "swipl-web.wasm").read_bytes(),
        files=_files(script, image),
        imports=_imports(script),
        exports=dict(re.findall(r'(\w+)=(?:Module\["\w+"\]=)?wasmExports\["([\w$]+)"\]', script)),
    )


def _imports(script: str) -> dict[str, str]:
    start = script.index("wasmImports={") + len("wasmImports={")
    listing = script[start : script.index("}", start)]
    return dict(re.findall(r"([\w$]+):(\w+)", listing))


def _file_image(script: str, data: bytes) -> bytes:
    table = script[script.index("compressedData={data:null") :]
    offsets, sizes, compressed = (_numbers(table, name) for name in ("offsets", "sizes", "successes"))
    chunks = (
        lz4_block(data[offset : offset + size]) if packed else data[offset : offset + size]
        for offset, size, packed in zip(offsets, sizes, compressed, strict=True)
    )
    return b"".join(chunks)


def _numbers(table: str, name: str) -> list[int]:
    match = re.search(name + r":(\[[^\]]*\])", table)
    if match is None:
        raise ValueError(f"no table {name} in the package's script")
    return [int(number) for number in json.loads(match.group(1))]


def _files(script: str, image: bytes) -> dict[str, bytes]:
    start = script.index("loadPackage({files:[")
    listing = script[start : script.index("})", start)]
    found = re.findall(r'filename:"([^"]+)",start:(\d+),end:(\d+)', listing)
    return {name: image[int(first) : int(last)] for name, first, last in found}


def lz4_block(source: bytes) -> bytes:
    """Unpack one LZ4 block (the block format's description, section "Sequences")."""
    out = bytearray()
    at = 0
    while at < len(source):
        token = source[at]
        literals, at = _length(source, at + 1, token >> 4)
        out += source[at : at + literals]
        at += literals
        if at >= len(source):
            break
        distance = source[at] | source[at + 1] << 8
        copied, at = _length(source, at + 2, token & 15)
        for _ in range(copied + 4):
            out.append(out[-distance])
    return bytes(out)


def _length(source: bytes, at: int, length: int) -> tuple[int, int]:
    if length < 15:
        return length, at
    while source[at] == 255:
        length += 255
        at += 1
    return length + source[at], at + 1
