"""An organism's profile: what it calls itself, as far as its members can change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from domain.canonical import Json, canonical, parse, sha256_hex
from domain.organisms.fields import Limits, check_profile
from domain.organisms.organism import Organism

_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Profile:
    """Name, description and meta; a proposal changes all three at once."""

    name: str
    description: str | None = None
    meta: Mapping[str, Json] | None = None

    def as_json(self) -> dict[str, Json]:
        """Without what it does not have."""
        meta = None if self.meta is None else dict(self.meta)
        fields: dict[str, Json] = {"name": self.name, "description": self.description, "meta": meta}
        return {name: value for name, value in fields.items() if value is not None}

    @property
    def hash(self) -> str:
        """What a proposal names it by: lower-case hex SHA-256 of its canonical JSON."""
        return sha256_hex(canonical(self.as_json()).encode())

    def check(self) -> None:
        """Raises `InvalidStatement` or `InvalidJson` where a founding statement could not say it either."""
        check_profile(self.as_json(), _LIMITS)
        parse(canonical(self.as_json()))


def profile_of(organism: Organism) -> Profile:
    return Profile(organism.name, organism.description, organism.meta)


def profile_from(fields: Mapping[str, Json]) -> Profile:
    """The inverse of `Profile.as_json`."""
    meta = cast("Mapping[str, Json] | None", fields.get("meta"))
    description = fields.get("description")
    return Profile(str(fields["name"]), None if description is None else str(description), meta)
