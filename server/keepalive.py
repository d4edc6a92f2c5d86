"""uvicorn's WebSockets, with an end for clients that stopped reading."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

ABORT_SECONDS = 5.0


class SocketProtocol(WebSocketsSansIOProtocol):
    """A client that answers no ping is sent the close code 1011 and, whether it reads that or not, is gone soon after.

    uvicorn closes the connection once everything before the code is sent: to somebody who does not read, never.
    """

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.loop.call_later(ABORT_SECONDS, self.transport.abort)
