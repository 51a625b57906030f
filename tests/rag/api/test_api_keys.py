"""API keys: random, shown once, hashed at rest, private on disk, compared in constant time."""

import ast
import hashlib
import json
import os
import stat
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.api import api_keys as module
from rag.api.api_keys import (
    KEY_FILE,
    ROLES,
    Key,
    KeyRefused,
    KeyRing,
    KeysUnusable,
    Role,
    add_key,
    find_key,
    read_keys,
    remove_key,
)
from rag.cli.key_commands import key_app

DIGEST = hashlib.sha256(b"rag_secret").hexdigest()


def test_a_key_has_256_random_bits_and_is_kept_as_a_hash_only(tmp_path: Path) -> None:
    key, secret = add_key(tmp_path / "home", "page", "ask")
    assert len(secret) == len("rag_") + 43  # 43 characters of base64 hold 256 bits
    assert key.sha256 == hashlib.sha256(secret.encode()).hexdigest()
    written = (tmp_path / "home" / KEY_FILE).read_text(encoding="utf-8")
    assert secret not in written
    assert secret[4:] not in written
    assert len({add_key(tmp_path, f"key{number}", "ask")[1] for number in range(20)}) == 20


def test_the_file_is_private_from_its_first_byte_on_and_replaced_in_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = os.umask(0)
    modes: list[int] = []
    replace = os.replace

    def watched(scratch: Path, path: Path) -> None:
        modes.append(stat.S_IMODE(scratch.stat().st_mode))
        replace(scratch, path)

    monkeypatch.setattr(os, "replace", watched)
    try:
        add_key(tmp_path, "one", "ask")
        add_key(tmp_path, "two", "admin")
    finally:
        os.umask(old)
    assert modes == [0o600, 0o600]
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [KEY_FILE]


def test_a_full_disk_leaves_the_old_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_key(tmp_path, "one", "ask")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeysUnusable, match="No space left"):
        add_key(tmp_path, "two", "ask")
    assert [key.name for key in read_keys(tmp_path)] == ["one"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [KEY_FILE]


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("mine", encoding="utf-8")
    (tmp_path / f"{KEY_FILE}.new").symlink_to(tmp_path / "other")
    add_key(tmp_path, "one", "ask")
    assert (tmp_path / "other").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("held", ROLES)
@pytest.mark.parametrize("needed", ROLES)
def test_each_role_may_do_what_those_before_it_may(held: Role, needed: Role) -> None:
    order = {"ask": 0, "write": 1, "admin": 2}
    assert Key("a", held, "2020-01-01", DIGEST).may(needed) is (order[held] >= order[needed])


@pytest.mark.parametrize(
    "secret",
    [
        b"",
        b"rag_",
        b"rag_secre",
        b"rag_secrets",
        b"RAG_SECRET",
        b"rag_secret ",
        "rag_sécret".encode(),
        b"rag_s\xe9cret",
        "密钥".encode(),
        b"\xff" * 32768,
        b"\0",
    ],
)
def test_nothing_but_the_secret_is_the_secret(secret: bytes) -> None:
    keys = (Key("a", "ask", "2020-01-01", DIGEST),)
    assert find_key(keys, secret) is None
    assert find_key(keys, b"rag_secret") is keys[0]
    assert find_key((), b"rag_secret") is None


def test_secrets_and_digests_are_only_compared_in_constant_time() -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    compared = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    assert not [one for one in compared if "secret" in one or "digest" in one or "sha256" in one]
    assert "hmac.compare_digest(bytes.fromhex(key.sha256), digest)" in ast.unparse(tree)


@pytest.mark.parametrize("name", ["", " ", "a b", "-a", ".a", "a" * 65, "a\n", "密钥", "a/b", 'a"b'])
def test_bad_names_and_taken_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyRefused):
        add_key(tmp_path, name, "ask")
    add_key(tmp_path, "taken", "ask")
    with pytest.raises(KeyRefused, match="already"):
        add_key(tmp_path, "taken", "admin")
    assert [key.name for key in read_keys(tmp_path)] == ["taken"]


ROW = {"name": "a", "role": "ask", "created": "2020-01-01", "sha256": DIGEST}


@pytest.mark.parametrize(
    "written",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": 2, "keys": []}',
        '{"keys": []}',
        '{"format": 1, "keys": {}}',
        "[" * 100_000,
        "\udcff",
        *(
            json.dumps({"format": 1, "keys": [row]})
            for row in (
                None,
                {},
                ROW | {"role": "root"},
                ROW | {"sha256": "00"},
                ROW | {"sha256": DIGEST.upper()},
                ROW | {"name": 5},
                ROW | {"more": "x"},
                ROW | {"role": ["ask"]},
            )
        ),
    ],
)
def test_a_damaged_file_lets_nobody_in_and_is_named(tmp_path: Path, written: str) -> None:
    (tmp_path / KEY_FILE).write_bytes(written.encode("utf-8", "surrogateescape"))
    with pytest.raises(KeysUnusable, match=r"keys\.json cannot be used: it is no key file; "):
        read_keys(tmp_path)
    with pytest.raises(KeysUnusable):
        KeyRing(tmp_path).current()
    with pytest.raises(KeysUnusable):
        add_key(tmp_path, "b", "ask")


def test_a_folder_in_the_file_s_place_is_named(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).mkdir()
    with pytest.raises(KeysUnusable, match="Is a directory"):
        read_keys(tmp_path)


def test_a_ring_follows_the_file(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    assert ring.current() == ()
    add_key(tmp_path, "a", "ask")
    add_key(tmp_path, "b", "ask")
    assert [key.name for key in ring.current()] == ["a", "b"]
    assert ring.current() is ring.current()
    assert remove_key(tmp_path, "a")
    assert not remove_key(tmp_path, "a")
    assert [key.name for key in ring.current()] == ["b"]
    (tmp_path / KEY_FILE).write_text("{", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(KeysUnusable):
            ring.current()
    (tmp_path / KEY_FILE).unlink()
    assert ring.current() == ()


def test_keys_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    threads = [threading.Thread(target=add_key, args=(tmp_path, f"key{number}", "ask")) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key.name for key in read_keys(tmp_path)} == {f"key{number}" for number in range(8)}


def test_the_commands_make_list_and_remove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_HOME", str(tmp_path))
    runner = CliRunner()
    made = runner.invoke(key_app, ["add", "page", "--role", "write"])
    secret = made.stdout.strip()
    assert made.exit_code == 0
    assert find_key(read_keys(tmp_path), secret.encode()) == read_keys(tmp_path)[0]
    assert "not shown again" in made.stderr
    assert secret not in made.stderr
    listed = runner.invoke(key_app, ["list"])
    assert listed.stdout.splitlines()[1].split("\t")[:2] == ["page", "write"]
    assert read_keys(tmp_path)[0].sha256 not in listed.stdout
    assert runner.invoke(key_app, ["add", "page"]).exit_code == 2
    assert runner.invoke(key_app, ["add", "other", "--role", "root"]).exit_code == 2
    assert runner.invoke(key_app, ["remove", "page"]).exit_code == 0
    assert runner.invoke(key_app, ["remove", "page"]).exit_code == 1
    assert read_keys(tmp_path) == ()
