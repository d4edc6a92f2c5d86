"""ad4m's way for an app to get a token: it asks, somebody permits and reads out six digits, it comes with them.

Open requests live in this process; behind several, the three calls must reach the same one.
"""

import hmac
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.capabilities import AuthInfo, parse_auth_info
from domain.identity import Did
from resolvers.errors import NoPermittedRequest, UnknownRequest
from server.expiring import Expiring

REQUEST_LIFETIME = 600_000
OPEN_REQUESTS = 10_000
ATTEMPTS = 5


@dataclass(slots=True)
class Permit:
    """What was granted, by whom, and the digits that fetch it, once."""

    agent: Did
    text: str
    code: str = field(repr=False)
    attempts: int = ATTEMPTS

    @property
    def auth(self) -> AuthInfo:
        """Kept as text: thousands of them may wait, and as objects each would take ten times the memory."""
        return parse_auth_info(self.text)


class Permits:
    """Requests that were permitted are kept apart from the open ones, which anybody can make many of.

    Of an open one nothing is kept but its id: the permit says what is granted.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._requests: Expiring[bool] = Expiring(clock, REQUEST_LIFETIME, OPEN_REQUESTS)
        self._permits: Expiring[Permit] = Expiring(clock, REQUEST_LIFETIME, OPEN_REQUESTS)

    def request(self) -> str:
        request_id = str(uuid.uuid4())
        self._requests.put(request_id, True)
        return request_id

    def permit(self, agent: Did, request_id: str, auth: AuthInfo) -> str:
        """The digits; other ones if the same agent permits again. Raises `UnknownRequest`."""
        permitted = self._permits.get(request_id)
        asked = self._requests.pop(request_id) is not None
        if not asked and (permitted is None or permitted.agent != agent):
            raise UnknownRequest(request_id)
        code = f"{secrets.randbelow(1_000_000):06d}"
        self._permits.put(request_id, Permit(agent, auth.text, code))
        return code

    def redeem(self, request_id: str, code: str) -> Permit:
        """Works once. Raises `NoPermittedRequest`; after five wrong codes there is nothing left to guess."""
        permitted = self._permits.get(request_id)
        if permitted is None:
            raise NoPermittedRequest
        right = hmac.compare_digest(code.encode("utf8", "replace"), permitted.code.encode())
        permitted.attempts -= 1
        if right or permitted.attempts == 0:
            self._permits.pop(request_id)
        if not right:
            raise NoPermittedRequest
        return permitted
