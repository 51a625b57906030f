"""Token vectors of passages, in a derived file of their own: what is missing is encoded again.  [sqlite3]

Keyed by content hash, which names the encoder too. Each row carries a checksum; a file that is damaged or unreadable
is thrown away and begun anew.
"""

import contextlib
import logging
import sqlite3
import threading
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

MAPPED: Final = 2**36  # bytes of the file that SQLite may map into memory instead of reading them
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS tokens"
    " (hash TEXT PRIMARY KEY, vectors BLOB NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID"
)

log = logging.getLogger(__name__)


class TokenStore:
    """Safe to use from several threads. A reader changes nothing, and finds nothing where there is no file."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        self._path = path
        self._writable = writable
        self._one_thread = threading.Lock()
        self._connection = self._opened()

    def get(self, hashes: Collection[str]) -> dict[str, bytes]:
        """Packed vectors by hash; what is not there, or fails its checksum, is left out."""
        marks = ",".join("?" * len(hashes))
        select = f"SELECT hash, vectors, crc FROM tokens WHERE hash IN ({marks})"
        with self._one_thread:
            try:
                rows = self._connection.execute(select, list(hashes)).fetchall()
            except sqlite3.Error as error:
                self._restart(error)
                return {}
        return {name: vectors for name, vectors, crc in rows if zlib.crc32(vectors) == crc}

    def put(self, vectors: Mapping[str, bytes]) -> None:
        """Keep packed vectors; a disk that is full keeps nothing, and they are encoded again when they are needed."""
        rows = [(name, packed, zlib.crc32(packed)) for name, packed in vectors.items()]
        self._change("INSERT OR REPLACE INTO tokens VALUES (?, ?, ?)", rows)

    def forget(self, hashes: Iterable[str]) -> None:
        self._change("DELETE FROM tokens WHERE hash = ?", [(name,) for name in hashes])

    def hashes(self) -> frozenset[str]:
        with self._one_thread:
            try:
                return frozenset(name for (name,) in self._connection.execute("SELECT hash FROM tokens"))
            except sqlite3.Error as error:
                self._restart(error)
                return frozenset()

    def close(self) -> None:
        with self._one_thread:
            self._connection.close()

    def _change(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        if not self._writable or not rows:
            return
        with self._one_thread:
            try:
                with self._connection:
                    self._connection.executemany(statement, rows)
            except sqlite3.OperationalError as error:
                log.warning("%s cannot be written (%s)", self._path, error)
            except sqlite3.Error as error:
                self._restart(error)

    def _opened(self) -> sqlite3.Connection:
        if self._writable:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._connected()
        except sqlite3.Error as error:
            log.warning("%s cannot be used (%s): token vectors are encoded again", self._path, error)
            return self._anew()

    def _connected(self) -> sqlite3.Connection:
        if not self._writable and not self._path.exists():
            return _in_memory()
        mode = "rwc" if self._writable else "ro"
        connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode={mode}", uri=True, check_same_thread=False)
        connection.execute(f"PRAGMA mmap_size = {MAPPED}")
        if self._writable:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute(_TABLE)
        connection.execute("SELECT hash FROM tokens LIMIT 1").fetchall()
        return connection

    def _restart(self, error: sqlite3.Error) -> None:
        log.warning("%s cannot be used (%s): token vectors are encoded again", self._path, error)
        self._connection.close()
        self._connection = self._anew()

    def _anew(self) -> sqlite3.Connection:
        """A new file where this process may write, else nothing."""
        if self._writable:
            for end in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + end).unlink(missing_ok=True)
            with contextlib.suppress(sqlite3.Error):
                return self._connected()
        return _in_memory()


def _in_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.execute(_TABLE)
    return connection
