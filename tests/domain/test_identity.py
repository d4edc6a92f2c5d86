import hashlib

import base58
import pytest
from cryptography.exceptions import InvalidSignature as OpensslRefusal
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidDid, InvalidSignature
from domain.identity import SMALL_ORDER, Did, KeyPair, did_of, key_id, parse_did, public_key, verify
from tests.domain import curve
from tests.domain.agents import agent

seeds = st.binary(min_size=32, max_size=32)
messages = st.binary(max_size=200)

# RFC 8032 section 7.1: secret key, public key, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
        "655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
        "b00d291612bb0c00",
    ),
]


def did_of_bytes(key: bytes, codec: bytes = b"\xed\x01") -> str:
    """A DID of anything, unchecked."""
    return "did:key:z" + base58.b58encode(codec + key).decode()


def key_of(keys: KeyPair) -> bytes:
    return public_key(keys.did)


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_keys_and_signatures_are_those_of_rfc_8032(secret: str, public: str, message: str, signature: str) -> None:
    keys = KeyPair.generate(bytes.fromhex(secret))

    assert key_of(keys).hex() == public
    assert keys.sign(bytes.fromhex(message)) == signature
    verify(keys.did, bytes.fromhex(message), signature)


def test_the_did_of_a_seed_is_the_one_ad4m_gives_it() -> None:
    keys = KeyPair.generate(bytes(range(32)))

    assert keys.did == "did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd"
    assert key_id(keys.did) == f"{keys.did}#z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd"


@given(seeds)
def test_every_key_has_a_did_that_gives_the_key_back(seed: bytes) -> None:
    keys = KeyPair.generate(seed)

    assert did_of(key_of(keys)) == keys.did == parse_did(keys.did)
    assert keys.seed == seed


@given(seeds, messages)
def test_every_signature_of_a_key_verifies(seed: bytes, message: bytes) -> None:
    keys = KeyPair.generate(seed)

    verify(keys.did, message, keys.sign(message))


@given(messages, st.integers(0, 511))
def test_every_flipped_bit_of_a_signature_is_refused(message: bytes, bit: int) -> None:
    signature = bytearray.fromhex(agent(1).sign(message))
    signature[bit // 8] ^= 1 << bit % 8

    with pytest.raises(InvalidSignature):
        verify(agent(1).did, message, signature.hex())


@given(messages, messages)
def test_a_signature_holds_for_no_other_message_or_agent(message: bytes, other: bytes) -> None:
    signature = agent(1).sign(message)

    with pytest.raises(InvalidSignature):
        verify(agent(1).did, other + b"!" if other == message else other, signature)
    with pytest.raises(InvalidSignature):
        verify(agent(2).did, message, signature)


def test_the_small_order_list_holds_every_encoding_of_every_such_point() -> None:
    expected = set().union(*(curve.every_encoding(point) for point in curve.torsion()))

    assert expected == SMALL_ORDER
    assert len(expected) == 14


@pytest.mark.parametrize("key", sorted(SMALL_ORDER), ids=bytes.hex)
def test_no_did_has_a_small_order_key(key: bytes) -> None:
    with pytest.raises(InvalidDid):
        parse_did(did_of_bytes(key))
    with pytest.raises(InvalidDid):
        did_of(key)


@pytest.mark.parametrize("point", sorted(curve.torsion()), ids=lambda point: curve.encode(point).hex())
def test_a_forgery_by_a_small_order_key_passes_openssl_and_not_us(point: curve.Point) -> None:
    key, message, s = curve.encode(point), b"the group says so", 0
    while True:  # R = S·B satisfies the equation whenever the challenge is a multiple of the order of the key
        s += 1
        r = curve.encode(curve.multiply(s, curve.base()))
        if curve.multiply(curve.challenge(r, key, message), point) == curve.IDENTITY:
            break
    signature = r + s.to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(key).verify(signature, message)

    with pytest.raises(InvalidDid):
        verify(Did(did_of_bytes(key)), message, signature.hex())


def test_a_signature_whose_r_is_the_identity_passes_openssl_and_not_us() -> None:
    keys, message, r = agent(1), b"the group says so", curve.encode(curve.IDENTITY)
    s = curve.challenge(r, key_of(keys), message) * curve.secret_scalar(keys.seed) % curve.L
    signature = r + s.to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(key_of(keys)).verify(signature, message)

    with pytest.raises(InvalidSignature, match="small order"):
        verify(keys.did, message, signature.hex())


@pytest.mark.parametrize(
    "point", sorted(curve.torsion() - {curve.IDENTITY}), ids=lambda point: curve.encode(point).hex()
)
def test_a_signature_that_holds_only_times_the_cofactor_is_refused(point: curve.Point) -> None:
    """Verifiers that multiply by eight accept it, others do not: a group could be told two things by one signature."""
    keys, message, nonce = agent(1), b"the group says so", 12345
    r = curve.encode(curve.add(curve.multiply(nonce, curve.base()), point))
    s = (nonce + curve.challenge(r, key_of(keys), message) * curve.secret_scalar(keys.seed)) % curve.L
    signature = r + s.to_bytes(32, "little")

    with pytest.raises(InvalidSignature, match="over these bytes"):
        verify(keys.did, message, signature.hex())


@given(seeds, messages, st.integers(0, 600), st.booleans())
def test_what_we_accept_is_what_openssl_accepts(seed: bytes, message: bytes, bit: int, flip: bool) -> None:
    keys = KeyPair.generate(seed)
    signature = bytearray.fromhex(keys.sign(message))
    if flip and bit < 512:
        signature[bit // 8] ^= 1 << bit % 8
    try:
        Ed25519PublicKey.from_public_bytes(key_of(keys)).verify(bytes(signature), message)
        accepted = True
    except OpensslRefusal:
        accepted = False
    try:
        verify(keys.did, message, signature.hex())
    except InvalidSignature:
        assert not accepted
    else:
        assert accepted


@pytest.mark.parametrize("r", sorted(SMALL_ORDER), ids=bytes.hex)
def test_every_small_order_r_is_refused(r: bytes) -> None:
    with pytest.raises(InvalidSignature, match="small order"):
        verify(agent(1).did, b"", (r + bytes(32)).hex())


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("excess", range(19))
def test_every_point_encoded_beyond_the_field_is_refused(excess: int, sign: int) -> None:
    point = (curve.P + excess | sign << 255).to_bytes(32, "little")

    with pytest.raises(InvalidSignature, match="canonical R"):
        verify(agent(1).did, b"", (point + bytes(32)).hex())
    with pytest.raises(InvalidDid, match="canonically encoded"):
        parse_did(did_of_bytes(point))


def test_the_largest_y_of_the_field_is_not_refused_as_non_canonical() -> None:
    assert parse_did(did_of_bytes((curve.P - 2).to_bytes(32, "little")))


@given(messages, st.integers(1, 7))
def test_s_beyond_the_group_order_is_refused(message: bytes, times: int) -> None:
    signature = bytes.fromhex(agent(1).sign(message))
    s = int.from_bytes(signature[32:], "little") + times * curve.L

    with pytest.raises(InvalidSignature, match="below the group order"):
        verify(agent(1).did, message, (signature[:32] + s.to_bytes(32, "little")).hex())


SIGNATURE = agent(1).sign(b"")


@pytest.mark.parametrize(
    "spelling",
    [
        SIGNATURE.upper(),
        SIGNATURE[:-2],
        SIGNATURE[:-1],
        SIGNATURE + "00",
        " " + SIGNATURE[:-1],
        SIGNATURE + "\n",
        SIGNATURE[:2] + " " + SIGNATURE[2:],
        "0x" + SIGNATURE[2:],
        "g" + SIGNATURE[1:],
        "٠" + SIGNATURE[1:],
        "",
        None,
        bytes.fromhex(SIGNATURE),
    ],
)
def test_a_signature_has_one_spelling(spelling: str) -> None:
    with pytest.raises(InvalidSignature):
        verify(agent(1).did, b"", spelling)


def test_a_key_that_is_not_on_the_curve_verifies_nothing() -> None:
    off_curve = next(y for y in range(2, 100) if curve.x_of(y) is None)
    did = parse_did(did_of_bytes(off_curve.to_bytes(32, "little")))

    with pytest.raises(InvalidSignature):
        verify(did, b"", SIGNATURE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "did:key:",
        "did:key:z",
        "did:web:example.org",
        "did:key:zQ3shWhAZydqDE1s5Ka3gJTDpjdYg1Ajw6PFywSP7QJD8x8ki",
        did_of_bytes(bytes(32), codec=b"\xe7\x01"),
        did_of_bytes(key_of(agent(1))[:31]),
        did_of_bytes(key_of(agent(1)) + b"\0"),
        did_of_bytes(key_of(agent(1)), codec=b""),
        "did:key:z6Mk" + "1" * 1_000_000,
        None,
        7,
    ],
)
def test_only_an_ed25519_did_key_is_a_did(text: str) -> None:
    with pytest.raises(InvalidDid):
        parse_did(text)


def test_a_key_pair_never_shows_its_secret() -> None:
    keys = agent(1)

    shown = f"{keys!r} {keys} {[keys]}"

    assert keys.did in shown
    assert keys.seed.hex() not in shown
    assert "private" not in shown.lower()


def test_key_pairs_of_one_seed_are_equal_and_frozen() -> None:
    seed = hashlib.sha256(b"one seed").digest()

    assert KeyPair.generate(seed) == KeyPair.generate(seed)
    assert KeyPair.generate(seed) != agent(1)
    with pytest.raises(AttributeError):
        agent(1).did = agent(2).did  # type: ignore[misc]  # the point of the test
