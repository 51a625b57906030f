"""API keys: who may ask, write, administer. A key is shown once; only its SHA-256 is kept, in RAG_HOME/keys.json.

A key holds 256 random bits, so a plain hash is enough: there is nothing to guess, and no salt or slow hash would help.
"""

import hashlib
import hmac
import json
import logging
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, get_args

from index.store.files import one_at_a_time, sync_folder
from rag.settings import SettingsInvalid

Role = Literal["ask", "write", "admin"]  # each may do what those before it may

ROLES: Final[tuple[Role, ...]] = get_args(Role)
KEY_FILE: Final = "keys.json"
FORMAT: Final = 1
ADD: Final = "rag key add NAME --role ask|write|admin"

_PREFIX = "rag_"  # lets a scanner for leaked secrets know what it found
_SECRET_BYTES = 32
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
_DIGEST = re.compile(r"[0-9a-f]{64}")

log = logging.getLogger(__name__)


class KeysUnusable(SettingsInvalid):
    """The key file cannot be read or written. Says where, why, and what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        remedy = f"mend its permissions, or delete it and make the keys anew with: {ADD}"
        super().__init__(f"keys in {path} cannot be used: {reason}; {remedy}")


class KeyRefused(ValueError):
    """A key of this name cannot be made."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key without its secret.

    created  the day on which it was made, as ISO 8601, in UTC
    sha256   of the secret's bytes, in lower-case hexadecimal
    """

    name: str
    role: Role
    created: str
    sha256: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError("a name has 1 to 64 letters, digits, dots, dashes and underscores")
        if self.role not in ROLES:
            raise ValueError(f"a role is one of {', '.join(ROLES)}")
        if not _DIGEST.fullmatch(self.sha256):
            raise ValueError("a SHA-256 has 64 hexadecimal digits")

    def may(self, needed: Role) -> bool:
        """Whether the key's role includes this one."""
        return ROLES.index(self.role) >= ROLES.index(needed)


def find_key(keys: Sequence[Key], secret: bytes) -> Key | None:
    """The key with this secret; takes as long for a nearly right secret as for any other.

    secret  the bytes that a client sent, whatever they are
    """
    digest = hashlib.sha256(secret).digest()
    found = None
    for key in keys:
        if hmac.compare_digest(bytes.fromhex(key.sha256), digest):
            found = key
    return found


def read_keys(home: Path) -> tuple[Key, ...]:
    """The keys of this home, in the order in which they were made; none where there is no file.

    raises  KeysUnusable
    """
    path = home / KEY_FILE
    try:
        return tuple(_parsed(json.loads(path.read_text(encoding="utf-8"))))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise KeysUnusable(path, error.strerror or type(error).__name__) from None
    except (ValueError, RecursionError):
        raise KeysUnusable(path, "it is no key file") from None


def add_key(home: Path, name: str, role: Role) -> tuple[Key, str]:
    """Make a key; the second value is its secret, which nobody can tell again.

    raises  KeyRefused if the name is taken or no name, KeysUnusable
    """
    secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    digest = hashlib.sha256(secret.encode("ascii")).hexdigest()
    with _one_change(home):
        keys = read_keys(home)
        if any(key.name == name for key in keys):
            raise KeyRefused(f"there is a key {name!r} already; remove it first or choose another name")
        try:
            key = Key(name, role, datetime.now(UTC).date().isoformat(), digest)
        except ValueError as error:
            raise KeyRefused(str(error)) from None
        _write(home, (*keys, key))
    return key, secret


def remove_key(home: Path, name: str) -> bool:
    """Forget a key; a running server refuses it from then on. Returns whether there was one.

    raises  KeysUnusable
    """
    with _one_change(home):
        keys = read_keys(home)
        left = tuple(key for key in keys if key.name != name)
        if len(left) < len(keys):
            _write(home, left)
        return len(left) < len(keys)


class KeyRing:
    """The keys as the file holds them now: a key that is added or removed counts from the next request on."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._seen: object = ()
        self._keys: tuple[Key, ...] = ()
        self._problem: KeysUnusable | None = None

    def current(self) -> tuple[Key, ...]:
        """The keys.

        raises  KeysUnusable; nobody should be let in then
        """
        seen = self._state_of_file()
        if seen != self._seen:
            self._seen = seen
            self._read()
        if self._problem is not None:
            raise self._problem
        return self._keys

    def _read(self) -> None:
        try:
            self._keys, self._problem = read_keys(self._home), None
        except KeysUnusable as problem:
            log.error("%s", problem)
            self._keys, self._problem = (), problem

    def _state_of_file(self) -> object:
        """Differs after every change: a changed file is another file, put in place of the one before."""
        try:
            found = os.stat(self._home / KEY_FILE)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return error.errno
        return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size


def _parsed(written: Any) -> Iterator[Key]:
    """Keys from the file's JSON.

    raises  ValueError for anything that this version would not have written
    """
    if not isinstance(written, dict) or written.get("format") != FORMAT or not isinstance(written.get("keys"), list):
        raise ValueError("another format")
    for row in written["keys"]:
        if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
            raise ValueError("a key is an object of strings")
        try:
            yield Key(**row)
        except TypeError:
            raise ValueError("a key has other fields") from None


@contextmanager
def _one_change(home: Path) -> Iterator[None]:
    """One change of the file at a time, whoever makes it."""
    with ExitStack() as held:
        try:
            held.enter_context(one_at_a_time(home))
        except OSError as error:
            raise KeysUnusable(home / KEY_FILE, error.strerror or type(error).__name__) from None
        yield


def _write(home: Path, keys: Sequence[Key]) -> None:
    """Put the file in place of the one before, readable by its owner only from its first byte on."""
    path = home / KEY_FILE
    scratch = path.with_name(f"{path.name}.new")
    rows = {"format": FORMAT, "keys": [asdict(key) for key in keys]}
    try:
        scratch.unlink(missing_ok=True)
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
        sync_folder(home)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise KeysUnusable(path, error.strerror or type(error).__name__) from None
