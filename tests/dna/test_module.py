"""The engine's file is the one that was reviewed, and its cache of native code can be trusted or is not used."""

import json
import lzma
import os
import shutil
from pathlib import Path

import pytest
import wasmtime

from domain.organisms.dna import DnaVerdict
from server.dna import Engine, EngineDamaged, module
from server.dna.build import wasm_binary
from tests.dna.world import judge


@pytest.fixture
def native(tmp_path: Path, cache: Path, engine: Engine) -> Path:
    """A cache of its own with the native code in it."""
    return Path(shutil.copytree(cache, tmp_path / "native"))


def works(cache: Path) -> bool:
    with Engine(cache=cache) as opened:
        return judge(opened, "p(_, _).").verdict is DnaVerdict.TRUE


def kept(cache: Path) -> Path:
    (file,) = cache.iterdir()
    return file


def test_the_module_imports_nothing() -> None:
    layout = module.read_layout(module.RUNTIME)
    wasm = module.read_wasm(module.RUNTIME, layout.sha256)

    assert wasm_binary.IMPORT not in dict(wasm_binary.sections(wasm))
    assert {name for name, _, _ in wasm_binary.exports(wasm)} == {
        "memory", "malloc", "put_chars", "put_variable", "call_predicate", "get_nchars", "tripped", "output_left",
        "ticks",
    }  # fmt: skip


def test_the_native_code_is_kept_for_the_owner_alone(cache: Path, engine: Engine) -> None:
    file = kept(cache)

    assert file.name.startswith(engine.hash)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_new_cache_folder_is_private(tmp_path: Path, engine: Engine, cache: Path) -> None:
    folder = tmp_path / "deep" / "chorus"

    module._keep(wasmtime.Module(module.configured(), b"\0asm\1\0\0\0"), folder / "x.cwasm")

    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", ["cut", "bit", "empty", "foreign"])
def test_damaged_native_code_is_not_used(native: Path, damage: str) -> None:
    file = kept(native)
    whole = file.read_bytes()
    broken = {
        "cut": whole[:-100],
        "bit": whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:],
        "empty": b"",
        "foreign": b"\x7fELF" * 100,
    }[damage]
    file.write_bytes(broken)

    assert module._from_cache(module.configured(), file) is None


def test_damaged_native_code_is_replaced(native: Path) -> None:
    file = kept(native)
    size = file.stat().st_size
    file.write_bytes(b"damaged")

    assert works(native)
    assert file.stat().st_size == size


def test_native_code_that_others_can_write_is_not_used(native: Path) -> None:
    engine, file = module.configured(), kept(native)
    file.chmod(0o622)

    assert module._from_cache(engine, file) is None
    file.chmod(0o600)
    assert module._from_cache(engine, file) is not None


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    assert works(tmp_path / "file" / "cache")


def test_the_default_cache_is_the_user_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert module.default_cache() == tmp_path / "chorus"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert module.default_cache() == Path(os.path.expanduser("~/.cache/chorus"))


def test_missing_files_are_damage(tmp_path: Path) -> None:
    with pytest.raises(EngineDamaged):
        module.read_layout(tmp_path)
    with pytest.raises(EngineDamaged):
        module.read_wasm(tmp_path, "00")


def test_another_module_is_damage(tmp_path: Path) -> None:
    layout = module.read_layout(module.RUNTIME)
    (tmp_path / "swi_rt.wasm.xz").write_bytes(lzma.compress(b"\0asm\1\0\0\0"))

    with pytest.raises(EngineDamaged, match="digest"):
        module.read_wasm(tmp_path, layout.sha256)


def test_an_incomplete_description_is_damage(tmp_path: Path) -> None:
    (tmp_path / "swi_rt.json").write_text(json.dumps({"sha256": "00"}))

    with pytest.raises(EngineDamaged):
        module.read_layout(tmp_path)
