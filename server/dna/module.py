"""The engine's WebAssembly module: checked against its digest, compiled once, its native code cached."""

import contextlib
import hashlib
import json
import lzma
import os
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import wasmtime

from server.dna.errors import EngineDamaged

RUNTIME = Path(__file__).parent / "runtime"
WASM_STACK = 2 << 20  # bytes of native stack: enough for the C stack's own, portable limit to come first


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the host finds things in the module's memory; written by the build."""

    predicates: dict[str, int]
    terms: int
    buffer: int
    buffer_size: int
    sha256: str


def read_layout(folder: Path) -> Layout:
    """Read the module's description. Raises EngineDamaged."""
    try:
        meta = json.loads((folder / "swi_rt.json").read_text())
        return Layout(**{name: meta[name] for name in Layout.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineDamaged("the engine's description cannot be read") from error


def read_wasm(folder: Path, sha256: str) -> bytes:
    """Read the module. Raises EngineDamaged if it is not the one with this digest."""
    try:
        wasm = lzma.decompress((folder / "swi_rt.wasm.xz").read_bytes())
    except (OSError, lzma.LZMAError) as error:
        raise EngineDamaged("the engine's module cannot be read") from error
    if hashlib.sha256(wasm).hexdigest() != sha256:
        raise EngineDamaged("the engine's module does not match its digest")
    return wasm


def configured() -> wasmtime.Engine:
    """Return a wasmtime engine that counts fuel and can be interrupted."""
    config = wasmtime.Config()
    config.consume_fuel = True
    config.epoch_interruption = True
    config.wasm_exceptions = True
    config.max_wasm_stack = WASM_STACK
    return wasmtime.Engine(config)


def default_cache() -> Path | None:
    """Return the user's cache folder for Chorus, or None for a user without a home."""
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "chorus"
    except RuntimeError:
        return None


def load(engine: wasmtime.Engine, folder: Path, layout: Layout, cache: Path | None) -> wasmtime.Module:
    """Return the compiled module, from the cache where that is possible.

    Compiling takes seconds, so the native code is kept, under the module's digest and wasmtime's version. Whatever is
    wrong with the cache, the module is compiled again and the engine works.
    """
    if cache is None:
        return wasmtime.Module(engine, read_wasm(folder, layout.sha256))
    kept = cache / f"{layout.sha256}-wasmtime-{version('wasmtime')}.cwasm"
    native = _from_cache(engine, kept)
    if native is None:
        native = wasmtime.Module(engine, read_wasm(folder, layout.sha256))
        with contextlib.suppress(OSError):
            _keep(native, kept)
    return native


def _from_cache(engine: wasmtime.Engine, kept: Path) -> wasmtime.Module | None:
    """Native code is run as it is: only a file that belongs to us, written by nobody else, and whole, is taken."""
    try:
        with kept.open("rb") as file:
            status = os.fstat(file.fileno())
            if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
                return None
            expected, native = file.read(32), file.read()
        if hashlib.sha256(native).digest() != expected:
            return None
        return wasmtime.Module.deserialize(engine, native)
    except (OSError, wasmtime.WasmtimeError):
        return None


def _keep(module: wasmtime.Module, kept: Path) -> None:
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    native = bytes(module.serialize())
    descriptor, name = tempfile.mkstemp(dir=kept.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(hashlib.sha256(native).digest() + native)
        os.replace(name, kept)
    except OSError:
        os.unlink(name)
        raise
