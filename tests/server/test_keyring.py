import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import Did
from graphdb.sqlite.store import SqliteStore
from graphdb.store import Accounts
from resolvers.errors import (
    AgentExists,
    AlreadyHosted,
    InvalidKeystore,
    KeyringBusy,
    NotHosted,
    TooManyAttempts,
    WrongPassphrase,
)
from server.keyring import PAUSE, WAITING, InvalidName, StoreKeyring
from server.sealing import MOST_MEMORY_KIB, RECOMMENDED, Cost, InvalidPassphrase, seal, unseal
from tests.domain.agents import agent
from tests.services import CHEAP, Clock

ADA = agent(1)
SEALED = seal(ADA, "correct horse", os.urandom, CHEAP)


@pytest.fixture
async def accounts(tmp_path: Path) -> AsyncIterator[Accounts]:
    store = await SqliteStore.open(str(tmp_path / "chorus.db"))
    yield store.accounts
    await store.close()


def keyring(accounts: Accounts, clock: Clock | None = None, cost: Cost = CHEAP) -> StoreKeyring:
    return StoreKeyring(accounts, clock or Clock(), os.urandom, cost)


def changed(**fields: object) -> str:
    return json.dumps({**json.loads(SEALED), **fields})


# Sealing


def test_a_sealed_key_opens_with_its_passphrase_only() -> None:
    assert unseal(SEALED, ADA.did, "correct horse").seed == ADA.seed

    with pytest.raises(WrongPassphrase):
        unseal(SEALED, ADA.did, "Correct horse")


def test_the_recommended_parameters_are_used_unless_others_are_given() -> None:
    sealed = seal(ADA, "correct horse", os.urandom)

    assert Cost(passes=3, lanes=4, memory_kib=65536) == RECOMMENDED
    assert {"passes": 3, "lanes": 4, "memoryKiB": 65536}.items() <= json.loads(sealed).items()
    assert unseal(sealed, ADA.did, "correct horse").did == ADA.did


def test_neither_the_key_nor_the_passphrase_is_in_what_is_stored() -> None:
    assert ADA.seed.hex() not in SEALED
    assert base64.b64encode(ADA.seed).decode() not in SEALED
    assert "correct horse" not in SEALED


def test_the_same_key_is_never_sealed_twice_alike() -> None:
    again = json.loads(seal(ADA, "correct horse", os.urandom, CHEAP))

    assert all(again[name] != json.loads(SEALED)[name] for name in ("salt", "nonce", "ciphertext"))


def test_a_passphrase_typed_in_another_normal_form_is_the_same() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"

    assert unseal(seal(ADA, composed, os.urandom, CHEAP), ADA.did, decomposed).did == ADA.did


def test_a_key_sealed_for_one_agent_does_not_open_as_anothers() -> None:
    other = agent(2).did

    with pytest.raises(InvalidKeystore):
        unseal(SEALED, other, "correct horse")
    with pytest.raises(WrongPassphrase):
        unseal(changed(did=other), other, "correct horse")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        changed(version=2),
        changed(kdf="pbkdf2"),
        changed(cipher="rot13"),
        changed(memoryKiB=MOST_MEMORY_KIB + 1),
        changed(memoryKiB=0),
        changed(memoryKiB="8"),
        changed(memoryKiB=True),
        changed(passes=1_000_000),
        changed(lanes=0),
        changed(salt="!"),
        changed(salt=""),
        changed(nonce=None),
        SEALED + " " * 3_000,
    ],
)
def test_what_is_not_a_keystore_or_costs_too_much_is_refused(text: str) -> None:
    with pytest.raises(InvalidKeystore):
        unseal(text, ADA.did, "correct horse")


@given(st.text() | st.builds(lambda at, with_: SEALED[:at] + with_ + SEALED[at + 1 :], st.integers(0, 300), st.text()))
def test_no_keystore_breaks_the_server(text: str) -> None:
    try:
        keys = unseal(text, ADA.did, "correct horse")
    except (InvalidKeystore, WrongPassphrase):
        return

    assert keys.seed == ADA.seed


@pytest.mark.parametrize("passphrase", ["", "x" * 1_025, "\ud800"])
def test_passphrases_have_bounds(passphrase: str) -> None:
    with pytest.raises(InvalidPassphrase):
        seal(ADA, passphrase, os.urandom, CHEAP)


# The keyring


async def test_a_new_agent_can_sign_at_once(accounts: Accounts) -> None:
    keys = keyring(accounts)

    did = await keys.create("Ada", "correct horse")

    opened = keys.open_key(did)
    assert opened is not None
    assert opened.did == did
    assert keys.unlocked() == {did}
    assert await keys.hosts(did)


async def test_after_a_restart_a_key_is_locked_until_its_passphrase_comes(accounts: Accounts) -> None:
    did = await keyring(accounts).create("Ada", "correct horse")
    restarted = keyring(accounts)
    assert restarted.open_key(did) is None

    await restarted.unlock(did, "correct horse")

    opened = restarted.open_key(did)
    assert opened is not None
    assert opened.did == did


async def test_a_wrong_passphrase_neither_opens_nor_locks(accounts: Accounts) -> None:
    keys, elsewhere = keyring(accounts), keyring(accounts)
    did = await keys.create("Ada", "correct horse")

    for refused in (elsewhere.unlock(did, "wrong"), keys.lock(did, "wrong"), keys.export(did, "wrong")):
        with pytest.raises(WrongPassphrase) as error:
            await refused
        assert "wrong" not in str(error.value)

    assert elsewhere.open_key(did) is None
    assert keys.open_key(did) is not None


async def test_a_locked_key_signs_nothing(accounts: Accounts) -> None:
    keys = keyring(accounts)
    did = await keys.create("Ada", "correct horse")

    await keys.lock(did, "correct horse")

    assert keys.open_key(did) is None
    assert keys.unlocked() == frozenset()


async def test_a_changed_passphrase_replaces_the_old_one(accounts: Accounts) -> None:
    keys = keyring(accounts)
    did = await keys.create("Ada", "correct horse")

    await keys.change_passphrase(did, "correct horse", "battery staple")

    await keyring(accounts).unlock(did, "battery staple")
    with pytest.raises(WrongPassphrase):
        await keyring(accounts).unlock(did, "correct horse")


async def test_guessing_is_slowed_down_and_the_owner_waits_with_the_guesser(accounts: Accounts) -> None:
    clock = Clock()
    keys = keyring(accounts, clock)
    did = await keys.create("Ada", "correct horse")
    for guess in range(5):
        with pytest.raises(WrongPassphrase):
            await keys.check(did, f"guess {guess}")

    with pytest.raises(TooManyAttempts) as slowed:
        await keys.check(did, "correct horse")

    assert slowed.value.facts == {"did": did, "seconds": PAUSE // 1000}
    clock.forward(PAUSE / 1000)
    await keys.check(did, "correct horse")
    with pytest.raises(WrongPassphrase):
        await keys.check(did, "counted anew")
    await keys.check(did, "correct horse")


async def test_there_is_one_main_agent_however_many_ask_for_it_at_once(accounts: Accounts) -> None:
    keys = keyring(accounts)

    made = await asyncio.gather(*(keys.create_main("correct horse") for _ in range(5)), return_exceptions=True)

    dids = [each for each in made if isinstance(each, str)]
    assert len(dids) == 1
    assert [type(each) for each in made if each not in dids] == [AgentExists] * 4
    assert await keys.main_agent() == dids[0]
    assert await keyring(accounts).main_agent() == dids[0]


async def test_an_agent_with_a_name_is_never_the_main_one(accounts: Accounts) -> None:
    keys = keyring(accounts)
    await keys.create("made first", "correct horse")
    assert await keys.main_agent() is None

    main = await keys.create_main("correct horse")

    assert await keys.main_agent() == main


@pytest.mark.parametrize("name", ["", "x" * 201])
async def test_names_have_bounds(accounts: Accounts, name: str) -> None:
    with pytest.raises(InvalidName):
        await keyring(accounts).create(name, "correct horse")


async def test_a_backup_restores_the_agent_on_another_server(accounts: Accounts, tmp_path: Path) -> None:
    did = await keyring(accounts).create("Ada", "correct horse")
    backup = await keyring(accounts).export(did, "correct horse")
    (tmp_path / "other").mkdir()
    store = await SqliteStore.open(str(tmp_path / "other" / "chorus.db"))
    elsewhere = keyring(store.accounts)

    await elsewhere.restore(did, backup, "correct horse")

    assert await elsewhere.main_agent() == did
    assert elsewhere.open_key(did) is not None
    with pytest.raises(AlreadyHosted):
        await elsewhere.restore(did, backup, "correct horse")
    await store.close()


async def test_a_restored_agent_does_not_take_the_main_ones_place(accounts: Accounts) -> None:
    keys = keyring(accounts)
    main = await keys.create_main("correct horse")

    await keys.restore(ADA.did, SEALED, "correct horse")

    assert await keyring(accounts).main_agent() == main
    assert keys.unlocked() == {main, ADA.did}


async def test_a_backup_without_its_passphrase_or_of_another_agent_restores_nothing(accounts: Accounts) -> None:
    keys = keyring(accounts)

    with pytest.raises(WrongPassphrase):
        await keys.restore(ADA.did, SEALED, "wrong")
    with pytest.raises(InvalidKeystore):
        await keys.restore(agent(2).did, SEALED, "correct horse")

    assert await accounts.agents() == ()


async def test_a_key_that_is_not_kept_here_is_told_apart_from_a_wrong_passphrase(accounts: Accounts) -> None:
    keys = keyring(accounts)

    with pytest.raises(NotHosted):
        await keys.unlock(ADA.did, "correct horse")
    assert not await keys.hosts(ADA.did)


async def test_the_loop_goes_on_while_a_key_is_derived(accounts: Accounts) -> None:
    keys = keyring(accounts, cost=RECOMMENDED)
    turns = 0
    making = asyncio.create_task(keys.create("Ada", "correct horse"))

    while not making.done():
        turns += 1
        await asyncio.sleep(0)

    assert turns > 100
    assert keys.unlocked() == {Did(making.result())}


async def test_a_flood_of_passphrases_is_refused_and_leaves_the_keyring_usable(accounts: Accounts) -> None:
    keys = keyring(accounts)
    did = await keys.create("Ada", "correct horse")

    answers = await asyncio.gather(
        *(keys.check(did, "correct horse") for _ in range(3 * WAITING)), return_exceptions=True
    )

    assert {type(answer) for answer in answers} == {type(None), KeyringBusy}
    await keys.check(did, "correct horse")
