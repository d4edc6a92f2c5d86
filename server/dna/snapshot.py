"""Memory images: an instance starts from one by mapping it copy-on-write, so that only touched pages are copied."""

import ctypes
import os
import tempfile
import weakref
from collections.abc import Callable, Iterator

import wasmtime

GRAIN = 4096
CHUNK = 65536
WASM_PAGE = 65536


class Snapshot:
    """The memory of an instance at one moment. Immutable and safe to use from several threads.

    `size` is the memory's length in bytes, `stored` how many of them the image keeps (the others are zero).
    """

    __slots__ = ("__weakref__", "_file", "size", "stored")

    def __init__(self, store: wasmtime.Store, memory: wasmtime.Memory) -> None:
        self.size = memory.data_len(store)
        self._file = _anonymous_file()
        weakref.finalize(self, os.close, self._file)
        os.ftruncate(self._file, self.size)
        self.stored = 0
        content = memoryview(memory.get_buffer_ptr(store)).cast("B")
        for start, end in _runs(content):
            os.pwrite(self._file, content[start:end], start)
            self.stored += end - start

    def restore(self, store: wasmtime.Store, memory: wasmtime.Memory) -> None:
        """Make a fresh instance's memory this one. Raises wasmtime.WasmtimeError if its limit is smaller."""
        missing = self.size - memory.data_len(store)
        if missing > 0:
            memory.grow(store, missing // WASM_PAGE)
        if _map is None or not _map(ctypes.cast(memory.data_ptr(store), ctypes.c_void_p).value or 0, self):
            memory.write(store, os.pread(self._file, self.size, 0), 0)

    def fileno(self) -> int:
        """Return the image's file descriptor, open as long as the snapshot lives."""
        return self._file


def _anonymous_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("chorus-dna")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _runs(content: memoryview) -> Iterator[tuple[int, int]]:
    """Yield start and end of the runs that are not zero, in whole grains."""
    start = None
    for at in _grains(content):
        if start is None:
            start = end = at
        elif at != end:
            yield start, end
            start = at
        end = at + GRAIN
    if start is not None:
        yield start, end


def _grains(content: memoryview) -> Iterator[int]:
    """Yield the places of the grains that are not zero; whole chunks of zeros are passed over at once."""
    empty_chunk, empty = bytes(CHUNK), bytes(GRAIN)
    for chunk in range(0, len(content), CHUNK):
        if content[chunk : chunk + CHUNK].tobytes() != empty_chunk:  # a memoryview compares byte by byte
            for at in range(chunk, chunk + CHUNK, GRAIN):
                if content[at : at + GRAIN].tobytes() != empty:
                    yield at


def _mapping() -> Callable[[int, Snapshot], bool] | None:
    """Return mmap(address, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file, 0), if there is one.

    The pages belong to the instance until its store is dropped, when wasmtime unmaps the whole reservation.
    """
    if os.name != "posix":
        return None
    mmap = ctypes.CDLL(None).mmap
    mmap.restype = ctypes.c_void_p
    mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    return lambda address, image: bool(mmap(address, image.size, 3, 0x12, image.fileno(), 0) == address)


_map = _mapping()
