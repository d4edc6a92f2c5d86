import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.address import address, is_address, is_organism_uri

HELLO = "QmzSYwdbLiA2HuW1Bdzm2iDpjRoNY3TxKbWuUkXCmzZL9CtmRnb"
ADDRESS_OF_LOCAL_PERSISTENCE = "QmzSYwdexVtzt8GEY37qzRy15mNL59XrpjvZJjgYXa43j6CewKE"


def test_the_address_of_hello_is_ad4m_s() -> None:
    assert address("hello") == HELLO


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_address_is_recognised(text: str) -> None:
    assert len(address(text)) == 51
    assert is_address(address(text))
    assert is_organism_uri(f"so://{address(text)}")


def test_an_address_of_ad4m_s_own_is_recognised() -> None:
    assert is_address(ADDRESS_OF_LOCAL_PERSISTENCE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "so://",
        HELLO,
        f"so:/{HELLO}",
        f"SO://{HELLO}",
        f"so://{HELLO} ",
        f"so://{HELLO}\n",
        f"so://{HELLO}1",
        f"so://{HELLO[:-1]}",
        f"so://{HELLO[:-1]}0",
        f"so://so://{HELLO}",
        f"neighbourhood://{HELLO}",
        "so://Qmz" + base58.b58encode(b"\x01\x00\x12\x21" + b"\xff" * 32).decode(),
        "so://QmzSYwd" + "z" * 44,
        "so://QmzSYwd" + "1" * 44,
        "so://" + "Q" * 1_000_000,
    ],
)
def test_what_is_not_an_organism_uri(text: str) -> None:
    assert not is_organism_uri(text)
