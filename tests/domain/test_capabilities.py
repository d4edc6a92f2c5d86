import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.capabilities import (
    ADMIN,
    AUTHENTICATE_ONLY,
    HOSTED,
    MAX_CAPABILITIES,
    SELF_CUSTODY,
    AuthInfo,
    Capability,
    CapabilityNotMatched,
    Domain,
    InvalidAuthInfo,
    auth_info_from_json,
    matches,
    parse_auth_info,
    require,
    require_at_most,
)
from domain.errors import InvalidJson

words = st.sampled_from(["*", "agent", "perspective", "READ", "UPDATE", "a", "b"])
capabilities = st.builds(
    Capability, words, st.lists(words, max_size=3).map(tuple), st.lists(words, min_size=1, max_size=3).map(tuple)
)
several = st.lists(capabilities, max_size=4).map(tuple)
APP = {"appName": "Notes", "appDesc": "Keeps notes", "capabilities": []}


def with_capability(**changes: object) -> str:
    capability: dict[str, object] = {"with": {"domain": "agent", "pointers": ["*"]}, "can": ["READ"], **changes}
    return json.dumps({**APP, "capabilities": [capability]})


@pytest.mark.parametrize(
    ("held", "asked", "open_"),
    [
        (ADMIN[0], ("agent", "CREATE", ["*"]), True),
        (ADMIN[0], ("a domain of tomorrow", "FLY", ["x", "y"]), True),
        (AUTHENTICATE_ONLY[0], ("agent", "AUTHENTICATE", ["*"]), True),
        (AUTHENTICATE_ONLY[0], ("agent", "READ", ["*"]), False),
        (Capability("agent", ("*",), ("READ", "UPDATE")), ("agent", "UPDATE", ["*"]), True),
        (Capability("agent", ("*",), ("READ",)), ("expression", "READ", ["*"]), False),
        (Capability("agent", ("*",), ("*",)), ("agent", "SIGN", ["anything"]), True),
        (Capability("perspective", ("one",), ("READ",)), ("perspective", "READ", ["one"]), True),
        (Capability("perspective", ("one",), ("READ",)), ("perspective", "READ", ["two"]), False),
        (Capability("perspective", ("one",), ("READ",)), ("perspective", "READ", ["one", "two"]), False),
        (Capability("perspective", ("one",), ("READ",)), ("perspective", "READ", ["*"]), False),
        (Capability("perspective", ("one", "two"), ("READ",)), ("perspective", "READ", ["two", "one"]), True),
        (Capability("perspective", (), ("READ",)), ("perspective", "READ", ["*"]), False),
        (Capability("agent", ("*",), ()), ("agent", "READ", ["*"]), False),
        (Capability("agent", ("*",), ("read",)), ("agent", "READ", ["*"]), False),
        (Capability("runtime", ("*",), ("*",)), ("runtime.friends", "READ", ["*"]), False),
    ],
)
def test_a_capability_opens_what_it_names(held: Capability, asked: tuple[str, str, list[str]], open_: bool) -> None:
    assert matches(held, *asked) is open_


def test_what_is_not_open_is_refused_in_the_words_that_clients_look_for() -> None:
    with pytest.raises(CapabilityNotMatched, match="Capability is not matched") as refused:
        require(AUTHENTICATE_ONLY, Domain.SOCIAL_ORGANISM, "READ", ["so://x"])

    assert refused.value.facts == {"domain": "social-organism", "can": "READ", "pointers": ["so://x"]}


@given(capabilities)
def test_the_admin_credential_opens_whatever_any_capability_names(asked: Capability) -> None:
    require_at_most([asked], ADMIN)


@given(several)
def test_nobody_holds_less_than_itself(held: tuple[Capability, ...]) -> None:
    require_at_most(held, held)


@given(several, several, words, words, words)
def test_what_is_granted_never_opens_more_than_what_is_held(
    granted: tuple[Capability, ...], held: tuple[Capability, ...], domain: str, operation: str, pointer: str
) -> None:
    def opens(capabilities: tuple[Capability, ...]) -> bool:
        return any(matches(each, domain, operation, [pointer]) for each in capabilities)

    try:
        require_at_most(granted, held)
    except CapabilityNotMatched:
        return

    assert not opens(granted) or opens(held)


def test_every_pointer_and_operation_granted_must_be_held_by_one_capability_or_another() -> None:
    both = Capability("perspective", ("a", "b"), ("READ", "UPDATE"))
    read, update = (Capability("perspective", ("a", "b"), (operation,)) for operation in ("READ", "UPDATE"))
    only_a = Capability("perspective", ("a",), ("READ", "UPDATE"))

    require_at_most([both], [read, update])

    for held in ([read], [update], [only_a], [only_a, read], []):
        with pytest.raises(CapabilityNotMatched):
            require_at_most([both], held)


@pytest.mark.parametrize("token", [SELF_CUSTODY, HOSTED])
def test_an_agents_own_token_cannot_reach_the_server_or_make_agents(token: tuple[Capability, ...]) -> None:
    for domain, operation in [
        ("agent", "CREATE"),
        ("runtime", "QUIT"),
        ("runtime.trusted_agents", "CREATE"),
        ("artificial intelligence", "UPDATE"),
        ("language", "DELETE"),
        ("*", "READ"),
    ]:
        with pytest.raises(CapabilityNotMatched):
            require(token, domain, operation)
    require(token, Domain.AGENT, "PERMIT")
    require(token, Domain.SOCIAL_ORGANISM, "CREATE")


def test_only_a_hosted_agent_may_sign_with_a_key_here() -> None:
    require(HOSTED, Domain.AGENT, "SIGN")

    with pytest.raises(CapabilityNotMatched):
        require(SELF_CUSTODY, Domain.AGENT, "SIGN")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.builds(AuthInfo, texts, texts, *[st.none() | texts] * 3, several))
def test_an_auth_info_survives_its_json(info: AuthInfo) -> None:
    assert parse_auth_info(info.text) == info


def test_an_auth_info_is_written_as_ad4m_has_it() -> None:
    capabilities = (Capability("agent", ("*",), ("READ",)),)
    info = AuthInfo("Notes", "Keeps notes", app_url="https://notes.example", capabilities=capabilities)

    assert info.as_json() == {
        "appName": "Notes",
        "appDesc": "Keeps notes",
        "appDomain": None,
        "appUrl": "https://notes.example",
        "appIconPath": None,
        "capabilities": [{"with": {"domain": "agent", "pointers": ["*"]}, "can": ["READ"]}],
    }


def test_fields_of_other_versions_are_ignored_and_capabilities_may_be_missing() -> None:
    info = auth_info_from_json({"appName": "Notes", "appDesc": "", "capabilities": None, "userEmail": "a@b"})

    assert info == AuthInfo("Notes", "")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[]", r"\$:"),
        ('{"appDesc": "", "capabilities": []}', "appName"),
        ('{"appName": 7, "appDesc": "", "capabilities": []}', "appName"),
        (json.dumps({**APP, "appName": "x" * 201}), "appName"),
        (json.dumps({**APP, "appUrl": ["x"]}), "appUrl"),
        (json.dumps({**APP, "capabilities": {}}), "capabilities"),
        (json.dumps({**APP, "capabilities": [1] * (MAX_CAPABILITIES + 1)}), "capabilities"),
        (with_capability(**{"with": {"domain": "agent", "pointers": "*"}}), r"capabilities\[0\].with.pointers"),
        (with_capability(can="READ"), r"capabilities\[0\].can"),
        (with_capability(can=["x"] * 33), r"capabilities\[0\].can"),
        (with_capability(can=[None]), r"capabilities\[0\].can\[0\]"),
    ],
)
def test_what_is_not_an_auth_info_is_refused_with_its_place(text: str, path: str) -> None:
    with pytest.raises(InvalidAuthInfo, match=path):
        parse_auth_info(text)


def test_an_auth_info_that_would_not_fit_a_header_is_refused() -> None:
    capability = {"with": {"domain": "agent", "pointers": ["p" * 1_000] * 2}, "can": ["READ"]}
    within_each_limit = {**APP, "capabilities": [capability] * 10}

    with pytest.raises(InvalidAuthInfo, match="characters of JSON"):
        auth_info_from_json(within_each_limit)  # type: ignore[arg-type]  # plain JSON, typed more narrowly
    with pytest.raises(InvalidJson):
        parse_auth_info(json.dumps(within_each_limit))
