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
        self._hosts = LOOPBACK | {settings.host} | {host.lower() for host in settings.allowed_hosts}
        self._origins = frozenset(settings.allowed_origins)

    def host_allowed(self, headers: Headers) -> bool:
        return _split(f"//{headers.get('host', '')}")[0] in self._hosts

    def origin_allowed(self, headers: Headers) -> bool:
        """Programs send no Origin; a page must be the server's own or a configured one."""
        origin = headers.get("origin")
        if origin is None or origin in self._origins:
            return True
        return _split(origin)[1] == headers.get("host", "").lower()

    def allowed(self, headers: Headers) -> bool:
        return self.host_allowed(headers) and self.origin_allowed(headers)


def _split(url: str) -> tuple[str | None, str]:
    """Host name and host with port of a URL; (None, "") of what is none."""
    try:
        parts = urlsplit(url)
        return parts.hostname, parts.netloc.lower()
    except ValueError:
        return None, ""
