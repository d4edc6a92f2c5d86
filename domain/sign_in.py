"""How an agent that keeps its own key shows that it does: it signs a challenge of the server."""

from dataclasses import dataclass

from domain.canonical import canonical
from domain.identity import Did, verify
from domain.timestamp import format_millis

SIGN_IN_DOMAIN = b"chorus-sign-in/1\0"
"""Set before the challenge, so that no signature made for anything else signs in, nor the other way round."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """Signed once by `did` before `expires_at` (milliseconds). It names the server, so no other one can pass it on."""

    did: Did
    server: Did
    nonce: str
    expires_at: int

    @property
    def text(self) -> str:
        """What is signed, as canonical JSON; clients see the same four fields."""
        return canonical(
            {
                "did": self.did,
                "server": self.server,
                "nonce": self.nonce,
                "expiresAt": format_millis(self.expires_at),
            }
        )

    @property
    def signed_bytes(self) -> bytes:
        return SIGN_IN_DOMAIN + self.text.encode()

    def verify(self, signature: str) -> None:
        """Raises InvalidSignature unless it is the agent's, in lower-case hex."""
        verify(self.did, self.signed_bytes, signature)
