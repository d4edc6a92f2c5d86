import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree  # type: ignore[import-untyped]  # it ships none

from domain.canonical import Json, canonical
from domain.errors import InvalidHead, InvalidSignature
from domain.organisms.log import (
    EMPTY,
    HEAD_DOMAIN,
    Frontier,
    Head,
    head_from_json,
    leaf_hash,
    node_hash,
    sign_head,
    verify_head,
)
from tests.domain.agents import agent
from tests.domain.organisms.examples import AT, ORGANISM, OTHER_ORGANISM, SERVER, hash_of

entries = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=70)

# The eight entries and roots of the reference tests of Certificate Transparency (RFC 6962, merkle_tree_test.cc).
CT_ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(tree_hash(leaves[:k]), tree_hash(leaves[k:]))


def frontier_of(texts: list[str]) -> Frontier:
    return EMPTY.extend(map(leaf_hash, texts))


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    texts = [bytes.fromhex(entry).decode("latin-1") for entry in CT_ENTRIES[:size]]

    assert frontier_of(texts).root().hex() == CT_ROOTS[size - 1]


@given(entries)
def test_roots_are_those_of_the_recursive_definition(texts: list[str]) -> None:
    assert frontier_of(texts).root() == tree_hash(list(map(leaf_hash, texts)))


@given(entries.filter(bool))
def test_roots_are_pymerkle_s(texts: list[str]) -> None:
    tree = InmemoryTree(algorithm="sha256")
    for text in texts:
        tree.append_entry(text.encode())

    assert frontier_of(texts).root() == tree.get_root()


def test_every_size_to_three_hundred_has_the_defined_root() -> None:
    leaves = [leaf_hash(str(number)) for number in range(300)]
    frontier = EMPTY
    for size, leaf in enumerate(leaves, 1):
        frontier = frontier.append(leaf)
        assert (frontier.size, frontier.root()) == (size, tree_hash(leaves[:size]))


def test_the_empty_log_has_the_hash_of_nothing() -> None:
    assert EMPTY.size == 0
    assert EMPTY.root() == hashlib.sha256(b"").digest()


@given(entries, entries)
def test_appending_goes_on_from_a_stored_frontier(before: list[str], after: list[str]) -> None:
    stored = frontier_of(before).to_bytes()

    resumed = Frontier.from_bytes(stored)

    assert resumed == frontier_of(before)
    assert resumed.extend(map(leaf_hash, after)) == frontier_of(before + after)


def test_a_frontier_stays_small_and_unchanged() -> None:
    frontier = frontier_of(["x"] * 1_023)
    before = frontier.to_bytes()

    frontier.append(leaf_hash("y"))

    assert frontier.to_bytes() == before
    assert len(before) == 8 + 10 * 32


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 7, b"\0" * 9, b"\0" * 40, (1).to_bytes(8, "big"), (3).to_bytes(8, "big") + bytes(32)]
)
def test_what_is_not_a_stored_frontier_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"frontier|subtrees"):
        Frontier.from_bytes(data)


def test_a_leaf_is_not_taken_for_a_node() -> None:
    left, right = leaf_hash("l"), leaf_hash("r")

    assert leaf_hash((left + right).decode("latin-1")) != node_hash(left, right)
    assert leaf_hash("é") == hashlib.sha256(b"\x00\xc3\xa9").digest()


def a_head() -> Head:
    return sign_head(SERVER, ORGANISM, 7, hash_of("root"), 2, AT)


def test_a_head_is_signed_over_its_domain_and_canonical_json() -> None:
    head = a_head()
    unsigned: dict[str, Json] = {
        "organism": ORGANISM,
        "size": 7,
        "root": hash_of("root"),
        "epoch": 2,
        "timestamp": AT,
    }

    assert HEAD_DOMAIN == b"social-organism-head/1\x00"
    assert head.signature == SERVER.sign(HEAD_DOMAIN + canonical(unsigned).encode())
    assert head.as_json() == unsigned | {"signature": head.signature}
    assert head_from_json(head.as_json()) == head
    verify_head(head, SERVER.did)


@pytest.mark.parametrize(
    "change",
    [
        {"organism": OTHER_ORGANISM},
        {"size": 8},
        {"root": hash_of("other root")},
        {"epoch": 3},
        {"timestamp": "2026-03-04T05:06:07.090Z"},
        {"signature": SERVER.sign(b"something else")},
    ],
)
def test_a_changed_head_is_refused(change: dict[str, Json]) -> None:
    changed = head_from_json(a_head().as_json() | change)

    with pytest.raises(InvalidSignature):
        verify_head(changed, SERVER.did)


def test_a_head_of_another_server_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        verify_head(a_head(), agent(1).did)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (None, "$"),
        ({}, "$"),
        (a_head().as_json() | {"more": 1}, "$"),
        (a_head().as_json() | {"organism": ""}, "$.organism"),
        (a_head().as_json() | {"size": 2**53}, "$.size"),
        (a_head().as_json() | {"size": 1.0}, "$.size"),
        (a_head().as_json() | {"root": None}, "$.root"),
        (a_head().as_json() | {"epoch": False}, "$.epoch"),
        (a_head().as_json() | {"timestamp": None}, "$.timestamp"),
        (a_head().as_json() | {"signature": "A" * 128}, "$.signature"),
    ],
)
def test_other_shapes_are_refused_with_the_path(value: Json, path: str) -> None:
    with pytest.raises(InvalidHead) as refusal:
        head_from_json(value)

    assert refusal.value.path == path


def test_no_malformed_head_is_signed() -> None:
    with pytest.raises(InvalidHead):
        sign_head(SERVER, ORGANISM, -1, hash_of("root"), 2, AT)
