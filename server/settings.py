"""Settings: read once from `CHORUS_…` variables, frozen, passed down."""

import os
import re
from difflib import get_close_matches
from pathlib import Path

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from domain.errors import DomainError
from domain.people.gate import REFUSAL
from domain.people.owner import owners
from resolvers.context import Limits, PeopleRules
from server.limits import DocumentLimits
from server.sandbox.runner import Bounds

PREFIX = "CHORUS_"
OTHERS = frozenset({"CHORUS_TOKEN", "CHORUS_SERVER", "CHORUS_CACHE"})
"""Variables of clients and tools, which no server reads."""

SQLITE = "sqlite:///"
NEO4J = ("neo4j://", "neo4j+s://", "bolt://", "bolt+s://")

OURS = "Value error, "
"""What pydantic sets before the text of a ValueError that a validator of ours raised."""


def no_store(url: str) -> str:
    """What is wrong with a URL that names no store; not the URL itself, which may hold a password."""
    scheme = url.split(":", 1)[0]
    return f"expected sqlite:///path or neo4j://host:port, got the scheme {scheme!r}"


class Settings(BaseSettings):
    """Everything that can be configured. The defaults run locally and need no service."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on; others than loopback need an admin credential.")
    port: int = Field(12000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    data: Path = Field(Path("chorus-data"), description="Folder of the server's own keys and the embedded database.")
    store: str = Field(
        "", description="`sqlite:///path` or `neo4j://host:port`; empty for `chorus.db` in the data folder."
    )
    store_user: str = Field("", description="User of the Neo4j database.")
    store_password: str = Field("", repr=False, description="Password of the Neo4j database.")
    store_database: str = Field("neo4j", description="Name of the Neo4j database.")
    admin_credential: str = Field("", repr=False, description="Token that may do everything, as the main agent.")
    allowed_hosts: tuple[str, ...] = Field(
        (), description="JSON list of host names that requests may name, beside loopback and the listening address."
    )
    allowed_origins: tuple[str, ...] = Field(
        (), description="JSON list of origins whose pages may use the server, beside its own."
    )
    log_level: str = Field(
        "INFO", pattern="^(?i:debug|info|warning|error)$", description="DEBUG, INFO, WARNING or ERROR."
    )
    log_format: str = Field("console", pattern="^(console|json)$", description="`console` or `json`.")
    page: int = Field(100, ge=1, le=1000, description="Most items of a page.")
    clock_ahead: int = Field(60, ge=0, description="Seconds that a statement may be dated ahead.")
    clock_behind: int = Field(86_400, ge=1, description="Seconds that a statement may be dated behind.")
    proposal_lifetime: int = Field(30 * 86_400, ge=1, description="Seconds until an open proposal expires.")
    open_proposals: int = Field(
        1_000, ge=1, description="Most open proposals of one organism's members, and as many requests to join."
    )
    members: int = Field(10_000, ge=1, description="Most members of one organism.")
    settle_interval: int = Field(60, ge=1, description="Seconds between evaluations of all open proposals.")
    ping_interval: int = Field(20, ge=1, description="Seconds between pings on a socket, and until its pong is due.")
    body_size: int = Field(2_000_000, ge=1_000, description="Most bytes of a request's body or a socket's message.")
    document_tokens: int = Field(5_000, ge=100, description="Most tokens of a GraphQL document.")
    document_depth: int = Field(20, ge=5, description="Most levels of nested fields.")
    document_aliases: int = Field(50, ge=1, description="Most aliases of an operation.")
    document_fields: int = Field(2_000, ge=100, description="Most fields of an operation, fragments spread.")
    document_repeats: int = Field(
        100, ge=10, description="Most fields of one name, and most spreads of fragments, in a document."
    )
    socket_init: int = Field(10, ge=1, description="Seconds until a socket must have sent `connection_init`.")
    subscriptions: int = Field(1_000, ge=1, description="Most operations at once on one socket.")
    verify_aside: str = Field(
        "auto",
        pattern="^(auto|always|never)$",
        description="Whether signatures that come many at once are verified in a process of their own: "
        "`always`, `never`, or `auto`, which is with Neo4j.",
    )
    record_aside: str = Field(
        "auto",
        pattern="^(auto|always|never)$",
        description="Whether interactions that come many at once are recorded in a process of their own, with the "
        "embedded store: `always`, `never`, or `auto`, which is where there is more than one processor.",
    )
    dna_workers: int = Field(2, ge=1, le=64, description="Threads that evaluate Social DNA.")

    owners: dict[str, tuple[str, ...]] = Field(
        {},
        description="JSON object: by the DID of an observing agent (`*` for all), its owner's platform ids and DIDs.",
    )
    reserved_names: tuple[str, ...] = Field(
        (), description="JSON list of names that nobody but an owner may show, nor anything that looks like them."
    )
    direct_message_refusal: str = Field(
        REFUSAL, description="What the sender of a refused direct message reads.", min_length=1, max_length=500
    )
    people_interval: int = Field(
        60,
        ge=1,
        description="Seconds between looks for tiers that time has changed, and for the daily round over people.",
    )

    dna_requests: int = Field(
        120,
        ge=1,
        description="Most evaluations, explanations, examinations, looks back and settlings of Social DNA by hand, "
        "requests to join, and outlooks of alliance decisions, per agent and minute.",
    )
    sandbox_workers: int = Field(1, ge=1, le=64, description="Processes that run simulations at once.")
    sandbox_seconds: int = Field(600, ge=1, description="Most seconds of a simulation, or of a sweep of them.")
    sandbox_memory: int = Field(
        1_000_000_000, ge=100_000_000, description="Most bytes of memory of a simulation or sweep."
    )
    sandbox_runs: int = Field(20, ge=1, description="Most unfinished simulations and sweeps of one agent.")

    @property
    def sandbox(self) -> Bounds:
        return Bounds(self.sandbox_workers, self.sandbox_seconds, self.sandbox_memory, self.sandbox_runs)

    @property
    def verifies_aside(self) -> bool:
        """With the embedded store the other processor has its writing thread to run."""
        embedded = self.store_url.startswith(SQLITE)
        return self.verify_aside == "always" or (self.verify_aside == "auto" and not embedded)

    @property
    def records_aside(self) -> bool:
        several = len(os.sched_getaffinity(0)) > 1
        return self.record_aside == "always" or (self.record_aside == "auto" and several)

    @property
    def store_url(self) -> str:
        return self.store or f"sqlite:///{self.data / 'chorus.db'}"

    @property
    def limits(self) -> Limits:
        return Limits(
            page=self.page,
            clock_ahead=self.clock_ahead * 1000,
            clock_behind=self.clock_behind * 1000,
            proposal_lifetime=self.proposal_lifetime * 1000,
            open_proposals=self.open_proposals,
            members=self.members,
        )

    @field_validator("store")
    @classmethod
    def _a_store(cls, given: str) -> str:
        if given and not given.startswith((SQLITE, *NEO4J)):
            raise ValueError(no_store(given))
        return given

    @field_validator("owners")
    @classmethod
    def _identities(cls, given: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        try:
            owners(given)
        except DomainError as exc:
            raise ValueError(exc.message) from exc
        return given

    @property
    def people(self) -> PeopleRules:
        return PeopleRules(owners(self.owners), self.reserved_names, self.direct_message_refusal)

    @property
    def documents(self) -> DocumentLimits:
        return DocumentLimits(
            tokens=self.document_tokens,
            depth=self.document_depth,
            aliases=self.document_aliases,
            fields=self.document_fields,
            repeats=self.document_repeats,
        )


def complaint(error: ValueError) -> str | None:
    """What is wrong with the settings, a line for each, in the names of their variables; None of another error.

    What was given is left out: it may be a secret.
    """
    if isinstance(error, SettingsError):
        (name,) = re.findall(r'field "(\w+)"', str(error))
        return f"{PREFIX}{name.upper()}: expected JSON"
    if not isinstance(error, ValidationError) or error.title != Settings.__name__:
        return None
    return "\n".join(f"{_variable(each['loc'])}: {each['msg'].removeprefix(OURS)}" for each in error.errors())


def _variable(place: tuple[int | str, ...]) -> str:
    name, *inside = place
    return PREFIX + str(name).upper() + "".join(f"[{each}]" for each in inside)


def mistyped() -> list[str]:
    """Variables that look like settings and are none, each with what may be meant."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    found = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known | OTHERS)
    return [f"{name} is no setting" + _meant(name, known) for name in found]


def _meant(name: str, known: set[str]) -> str:
    near = get_close_matches(name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known], 1)
    return f"; did you mean {PREFIX}{near[0]}?" if near else ""
