"""Finds a TCP port for a server on this machine."""

import random
import socket

# Below the range from which Linux (32768 up) and macOS (49152 up) serve outgoing connections. A port from that
# range, as binding to port 0 gives, can be lost while the server is down: a client that keeps redialling is
# sooner or later given the very port it dials, is connected to itself, and the server cannot come back.
_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port on 127.0.0.1 on which nothing listens now. Raises `OSError` when every one tried is taken."""
    for port in random.SystemRandom().sample(_PORTS, 100):
        if is_free(port):
            return port
    raise OSError("no free port found")


def is_free(port: int) -> bool:
    """Whether a server could listen on that port of 127.0.0.1 now."""
    with socket.socket() as listener:
        # As servers do: connections of a server that just ended do not keep its port taken.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen()
        except OSError:
            return False
    return True
