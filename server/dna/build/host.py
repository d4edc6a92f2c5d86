"""Boot SWI-Prolog once, with a read-only file system in memory, to take a snapshot of it."""

import struct
from collections.abc import Callable
from typing import Any

import wasmtime

from server.dna.build.package import Package

ENOENT, EBADF, EINVAL, EPERM, ENOSYS, ENOTTY, ESPIPE = 44, 8, 28, 63, 52, 59, 70
STACK_SLACK = 4096  # bytes above the end of the C stack that are kept free
FIXED_TIME = 1_700_000_000  # seconds; the same boot every time
FILE, FOLDER, DEVICE = 0o100644, 0o40777, 0o20666
Q_NODEBUG, Q_CATCH = 4, 8


class BootError(Exception):
    """A goal of the build did not succeed; carries the goal and what it printed."""


class Machine:
    """One instance of the module, with emscripten's system calls answered in Python."""

    def __init__(self, engine: wasmtime.Engine, module: wasmtime.Module, package: Package) -> None:
        self._package = package
        self._folders = _folders(package.files)
        self._open: dict[int, tuple[str, int]] = {}
        self._ticks = 0
        self._printed = bytearray()
        self.store = wasmtime.Store(engine)
        linker = wasmtime.Linker(engine)
        for item in module.imports:
            name = package.imports[item.name or ""]
            if not isinstance(item.type, wasmtime.FuncType):
                raise TypeError(f"{name} is not a function")
            linker.define_func(item.module, item.name or "", item.type, self._system_call(name))
        self.exports = linker.instantiate(self.store, module).exports(self.store)
        self.memory = self._memory()

    def _memory(self) -> wasmtime.Memory:
        memory = self.exports[self._package.exports["wasmMemory"]]
        if not isinstance(memory, wasmtime.Memory):
            raise TypeError("the module has no memory")
        return memory

    # wasmtime types calls as Any; every call here passes and returns integers
    def call(self, name: str, *arguments: int) -> Any:
        """Call an exported C function by its emscripten name (or by its own, for those that we add)."""
        function = self.exports[self._package.exports.get(name, name)]
        if not isinstance(function, wasmtime.Func):
            raise TypeError(f"{name} is not a function")
        return function(self.store, *arguments)

    def text(self, text: str) -> int:
        """Put a text into the module's memory; returns its address."""
        data = text.encode() + b"\0"
        address: int = self.call("_malloc", len(data))
        self.memory.write(self.store, data, address)
        return address

    def boot(self, constructors: str) -> None:
        """Initialise C and Prolog. `constructors` is the export that runs the static constructors."""
        self.call("_emscripten_stack_init")
        base = int(self.call("_emscripten_stack_get_current"))
        self.call("__set_stack_limits", base, int(self.call("_emscripten_stack_get_end")) + STACK_SLACK)
        self.call(constructors)
        arguments = [self.text(word) for word in ("swipl", "-q", "--home=/swipl")]
        vector: int = self.call("_malloc", 4 * (len(arguments) + 1))
        self.memory.write(self.store, struct.pack(f"<{len(arguments) + 1}I", *arguments, 0), vector)
        if not self.call("_PL_initialise", len(arguments), vector):
            raise BootError("PL_initialise", self._printed.decode())

    def run(self, goal: str) -> None:
        """Run a goal that must succeed."""
        frame = self.call("_PL_open_foreign_frame")
        term = self.call("_PL_new_term_ref")
        self._printed.clear()
        parsed = self.call("_PL_chars_to_term", self.text(goal), term)
        succeeded = parsed and self.call("_PL_call_predicate", 0, Q_NODEBUG | Q_CATCH, self.predicate("call", 1), term)
        self.call("_PL_discard_foreign_frame", frame)
        if not succeeded:
            raise BootError(goal, self._printed.decode())

    def predicate(self, name: str, arity: int, module: str = "system") -> int:
        """Return the handle of a predicate."""
        handle: int = self.call("_PL_predicate", self.text(name), arity, self.text(module))
        return handle

    # ---- system calls, by their emscripten names ----

    def _system_call(self, name: str) -> Callable[..., Any]:
        known = getattr(self, "_do_" + name.strip("_"), None)
        if known is not None:
            return known  # type: ignore[no-any-return]  # getattr; the linker checks the types
        missing = -ENOSYS if "syscall" in name else 0
        return lambda *_: missing

    def _pack(self, address: int, layout: str, *values: int) -> int:
        self.memory.write(self.store, struct.pack(layout, *values), address)
        return 0

    def _path(self, address: int) -> str:
        data = bytearray()
        while (byte := self.memory.read(self.store, address, address + 1)) != b"\0":
            data += byte
            address += 1
        return _absolute(data.decode())

    def _stat(self, path: str, address: int) -> int:
        if path in self._package.files:
            mode, size = FILE, len(self._package.files[path])
        elif path in self._folders:
            mode, size = FOLDER, 4096
        else:
            return -ENOENT
        inode = 1 + sorted([*self._package.files, *self._folders]).index(path)
        return self._write_stat(address, mode, size, inode)

    def _write_stat(self, address: int, mode: int, size: int, inode: int) -> int:
        times = (FIXED_TIME, 0) * 3
        return self._pack(address, "<6Iqii6qQ", 1, mode, 1, 0, 0, 0, size, 4096, (size + 511) // 512, *times, inode)

    def _do_syscall_stat64(self, path: int, buffer: int) -> int:
        return self._stat(self._path(path), buffer)

    _do_syscall_lstat64 = _do_syscall_stat64

    def _do_syscall_newfstatat(self, _folder: int, path: int, buffer: int, _flags: int) -> int:
        return self._stat(self._path(path), buffer)

    def _do_syscall_fstat64(self, descriptor: int, buffer: int) -> int:
        if descriptor in self._open:
            return self._stat(self._open[descriptor][0], buffer)
        return self._write_stat(buffer, DEVICE, 0, descriptor) if descriptor < 3 else -EBADF

    def _do_syscall_faccessat(self, _folder: int, path: int, mode: int, _flags: int) -> int:
        name = self._path(path)
        if name in self._package.files:
            return -EPERM if mode & 2 else 0
        return 0 if name in self._folders else -ENOENT

    def _do_syscall_openat(self, _folder: int, path: int, flags: int, _mode: int) -> int:
        name = self._path(path)
        if flags & 3:
            return -EPERM
        if name not in self._package.files:
            return -ENOENT
        descriptor = 3 + len(self._open)
        while descriptor in self._open:
            descriptor += 1
        self._open[descriptor] = (name, 0)
        return descriptor

    def _do_syscall_getcwd(self, buffer: int, _size: int) -> int:
        self._pack(buffer, "<2s", b"/\0")  # type: ignore[arg-type]  # struct takes bytes for "s"
        return 2

    def _do_syscall_chdir(self, _path: int) -> int:
        return 0

    def _do_syscall_getuid32(self) -> int:
        return 0

    def _do_syscall_umask(self, _mask: int) -> int:
        return 0o22

    def _do_syscall_readlinkat(self, *_: int) -> int:
        return -EINVAL

    def _do_syscall_ioctl(self, *_: int) -> int:
        return -ENOTTY

    def _do_syscall_fcntl64(self, *_: int) -> int:
        return 0

    def _do_fd_close(self, descriptor: int) -> int:
        self._open.pop(descriptor, None)
        return 0

    def _do_fd_fdstat_get(self, descriptor: int, buffer: int) -> int:
        return self._pack(buffer, "<B23x", 2 if descriptor < 3 else 4)

    def _do_fd_seek(self, descriptor: int, offset: int, whence: int, result: int) -> int:
        if descriptor not in self._open:
            return ESPIPE
        name, at = self._open[descriptor]
        at = (0, at, len(self._package.files[name]))[whence] + offset
        self._open[descriptor] = (name, at)
        return self._pack(result, "<q", at)

    def _do_fd_read(self, descriptor: int, vectors: int, count: int, result: int) -> int:
        if descriptor == 0:
            return self._pack(result, "<I", 0)
        if descriptor not in self._open:
            return EBADF
        name, start = self._open[descriptor]
        at = start
        for address, size in self._vectors(vectors, count):
            chunk = self._package.files[name][at : at + size]
            self.memory.write(self.store, chunk, address)
            at += len(chunk)
        self._open[descriptor] = (name, at)
        return self._pack(result, "<I", at - start)

    def _do_fd_write(self, _descriptor: int, vectors: int, count: int, result: int) -> int:
        total = 0
        for address, size in self._vectors(vectors, count):
            self._printed += self.memory.read(self.store, address, address + size)
            total += size
        return self._pack(result, "<I", total)

    def _vectors(self, address: int, count: int) -> list[tuple[int, int]]:
        packed = bytes(self.memory.read(self.store, address, address + 8 * count))
        return list(struct.iter_unpack("<II", packed))

    def _do_emscripten_get_heap_max(self) -> int:
        return 0x7FFF0000

    def _do_emscripten_resize_heap(self, size: int) -> int:
        pages = ((size & 0xFFFFFFFF) - self.memory.data_len(self.store) + 65535) // 65536
        if pages > 0:
            self.memory.grow(self.store, pages)
        return 1

    def _tick(self) -> int:
        self._ticks += 1
        return self._ticks

    def _do_emscripten_date_now(self) -> float:
        return FIXED_TIME * 1e3 + self._tick()

    def _do_emscripten_get_now(self) -> float:
        return 1000.0 + self._tick()

    def _do_clock_time_get(self, _clock: int, _precision: int, result: int) -> int:
        return self._pack(result, "<Q", FIXED_TIME * 10**9 + 10**6 * self._tick())

    def _do_environ_sizes_get(self, count: int, size: int) -> int:
        return self._pack(count, "<I", 0) + self._pack(size, "<I", 0)

    def _do_environ_get(self, *_: int) -> int:
        return 0

    def _do_tzset_js(self, offset: int, daylight: int, standard_name: int, daylight_name: int) -> None:
        for address in (offset, daylight):
            self._pack(address, "<I", 0)
        for address in (standard_name, daylight_name):
            self.memory.write(self.store, b"UTC\0", address)

    def _do_localtime_js(self, _time: int, result: int) -> None:
        self.memory.write(self.store, bytes(44), result)

    def _do_exit(self, status: int) -> None:
        raise BootError(f"exit({status})", self._printed.decode())

    def _do_abort_js(self) -> None:
        raise BootError("abort", self._printed.decode())


def _absolute(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def _folders(files: dict[str, bytes]) -> frozenset[str]:
    found = {"/", "/tmp", "/home", "/home/web_user"}  # noqa: S108  (paths inside the module)
    for name in files:
        parts = name.split("/")
        found.update("/".join(parts[:depth]) for depth in range(2, len(parts)))
    return frozenset(found)
