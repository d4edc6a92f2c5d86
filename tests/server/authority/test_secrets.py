"""The server's own secrets."""

import base64
from pathlib import Path

import pytest

from server.identity import load_identity


def test_the_servers_secrets_are_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "server.key"

    first, second = load_identity(path), load_identity(path)

    assert (first.keys.did, first.token_secret) == (second.keys.did, second.token_secret)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["server.key"]
    for secret in (first.keys.seed, first.token_secret):
        for spelling in (secret.hex(), base64.b64encode(secret).decode(), repr(secret)):
            assert spelling not in repr(first)


def test_a_key_file_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "server.key"
    load_identity(path)
    path.chmod(0o640)

    with pytest.raises(Exception, match="chmod 600"):
        load_identity(path)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"seed": "AA==", "tokenSecret": "AA=="}', "not json"])
def test_a_damaged_key_file_is_not_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "server.key"
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(Exception, match="does not hold the server's keys"):
        load_identity(path)

    assert path.read_text() == text
