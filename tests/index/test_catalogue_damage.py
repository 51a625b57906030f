"""Damage to a catalogue: no damaged letter is read as if it were right."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from support_catalogue import D, put
from support_index import document_of

from index.errors import IndexProblem
from index.store.catalogue import Catalogue


def everything(path: Path) -> object:
    """All that a catalogue says, read the way the index reads it."""
    catalogue = Catalogue(path, writable=False)
    try:
        catalogue.require_whole(pages=True)
        documents = list(catalogue.documents())
        rows = sorted(catalogue.rows())
        return (
            documents,
            [catalogue.document(entry.key) for entry in documents],
            list(catalogue.passages()),
            catalogue.rows_by_document(),
            catalogue.vectors_of(rows, D).tolist(),
            catalogue.withdrawn(),
            [catalogue.fact(name) for name in ("generation", "encoder", "splitter")],
            catalogue.known_hashes([found.hash for found in catalogue.passages()]),
        )
    finally:
        catalogue.close()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A catalogue file of some twenty pages."""
    path = tmp_path_factory.mktemp("sound") / "catalogue.sqlite"
    catalogue = Catalogue(path, writable=True)
    catalogue.set_facts(encoder="e" * 64, splitter="1")
    for number in range(12):
        put(catalogue, document_of(f"d{number}", f"第{number}个产业社区，占地{number}亩。\n\n" * 30, "社区"))
    catalogue.change(["d3"], [], {}, withdrawn=["d3"])
    catalogue.close()
    return path.read_bytes()


def flip(content: bytearray, choose: random.Random) -> None:
    content[choose.randrange(len(content))] ^= 1 << choose.randrange(8)


def zero(content: bytearray, choose: random.Random) -> None:
    page = choose.randrange(len(content) // 4096)
    content[page * 4096 : (page + 1) * 4096] = bytes(4096)


def shorten(content: bytearray, choose: random.Random) -> None:
    del content[choose.randrange(100, len(content)) :]


def swap(content: bytearray, choose: random.Random) -> None:
    one, other = choose.sample(range(1, len(content) // 4096), 2)
    left, right = slice(one * 4096, one * 4096 + 4096), slice(other * 4096, other * 4096 + 4096)
    content[left], content[right] = content[right], content[left]


@pytest.mark.parametrize("damage", [flip, zero, shorten, swap])
def test_damage_is_an_error_and_never_a_wrong_text(
    sound: bytes, quick_path: Path, damage: Callable[[bytearray, random.Random], None]
) -> None:
    (quick_path / "sound").write_bytes(sound)
    truth = everything(quick_path / "sound")
    choose, noticed = random.Random(6), 0
    for turn in range(int(os.environ.get("DAMAGES", "60"))):
        content = bytearray(sound)
        damage(content, choose)
        path = quick_path / f"{turn}"
        path.write_bytes(content)
        try:
            found = everything(path)
        except IndexProblem:
            noticed += 1
        else:
            assert found == truth, (damage, turn)
    assert noticed > 0 if damage is flip else noticed > 30


def test_check_finds_a_changed_letter(sound: bytes, quick_path: Path) -> None:
    path = quick_path / "catalogue.sqlite"
    for old, changed in (("占地7亩", "占地9亩"), ('"characters"', '"cHaracters"'), ("e" * 64, "f" * 64)):
        path.write_bytes(sound.replace(old.encode(), changed.encode()))
        catalogue = Catalogue(path, writable=True)
        assert any("checksum" in problem for problem in catalogue.check()), old
        catalogue.close()
