"""A child process that cannot outlive its parent."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

# The pipe on the watcher's standard input closes when we end, however we end, a SIGKILL included; it then kills
# its own process group. Linux could do this without a watcher (PR_SET_PDEATHSIG), but there the signal comes
# already when the thread that started the child ends, and a server started from a worker thread would vanish.
_WATCH = 'read -r _; [ -z "$1" ] || rm -rf -- "$1"; kill -KILL 0'


class GuardedProcess:
    """A command running in a process group of its own, its output appended to a log file.

    A small watcher leads the group: it kills the group and removes the `scratch` folder if this process ends
    without having called `stop` or `kill`. Ctrl-C in a terminal does not reach the group.
    """

    def __init__(self, command: Sequence[str], *, folder: Path, log: Path, scratch: Path | None = None) -> None:
        self._watcher = subprocess.Popen(  # noqa: S603 - the command is our own
            ("/bin/sh", "-c", _WATCH, "watcher", str(scratch or "")),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )
        try:
            with log.open("ab") as output:
                self._child = subprocess.Popen(  # noqa: S603 - the caller's own, and no shell reads it
                    command,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    process_group=self._watcher.pid,
                )
        except BaseException:
            self._end_group()
            raise

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.poll() is None

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit status once the process has ended; None after `timeout` seconds if it has not."""
        with suppress(subprocess.TimeoutExpired):
            return self._child.wait(timeout)
        return None

    def stop(self, patience: float) -> None:
        """Ask the process to end, and kill it after `patience` seconds."""
        self._child.terminate()
        self.wait(patience)
        self.kill()

    def kill(self) -> None:
        """End the process at once, as a crash would, and wait until it is gone."""
        self._end_group()
        self._child.wait()

    def _end_group(self) -> None:
        # Until the watcher is waited for, its id stands for no other group. `poll` would do that too.
        if self._watcher.returncode is None:
            os.killpg(self._watcher.pid, signal.SIGKILL)
            self._watcher.wait()
        if self._watcher.stdin:
            self._watcher.stdin.close()
