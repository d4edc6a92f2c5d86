"""Which hosts a request may name and which pages may send it."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

from server.settings import Settings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_loopback(host: str) -> bool:
    return host in LOOPBACK


class Origins:
    """A host that nobody configured is refused, so that no foreign name can be made to point here."""

    def __init__(self, settings: Settings) -> None:
        self._hosts = LOOPBACK | {settings.host} | set(settings.allowed_hosts)
        self._origins = frozenset(settings.allowed_origins)

    def host_allowed(self, headers: Headers) -> bool:
        name = urlsplit(f"//{headers.get('host', '')}").hostname
        return name in self._hosts

    def allowed(self, headers: Headers) -> bool:
        """Programs send no Origin; a page must be the server's own or a configured one."""
        if not self.host_allowed(headers):
            return False
        origin = headers.get("origin")
        if origin is None or origin in self._origins:
            return True
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
