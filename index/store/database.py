"""One SQLite connection that says in words what went wrong, and whose rows carry checksums.  [sqlite3]"""

import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.errors import IndexLocked, IndexProblem, IndexUnusable, StorageFull

_PATIENCE = 5.0  # seconds for another program to let go of the file
RESTORE = "restore it from a backup, or start with an empty folder"
_PERMISSIONS = "mend the permissions of the folder and of its disk"

Values = Sequence[object]


class Database:
    """One SQLite file, one connection, used by one thread at a time.

    Transactions are durable when they return: the log is forced to the disk with each of them.
    A row that is kept with a checksum has it in its last column (see `seal`).

    raises  everywhere IndexUnusable if the file is damaged or its disk fails, IndexLocked if another program
            holds it, StorageFull if the disk is full
    """

    def __init__(self, path: Path, *, writable: bool) -> None:
        self._path = path
        self._writable = writable
        self._failed = False
        if path.exists() and not path.is_file():  # a pipe of that name would never end
            raise self.unusable("it is no file", RESTORE)
        with self._in_words():
            self._connection = sqlite3.connect(
                self._address(), timeout=_PATIENCE, uri=True, isolation_level=None, check_same_thread=False
            )
        if writable:
            try:
                self.run("PRAGMA journal_mode = WAL")
                for setting in ("synchronous = FULL", "secure_delete = ON", "foreign_keys = ON"):
                    self.run(f"PRAGMA {setting}")
            except BaseException:
                self.close()
                raise

    def rows(self, statement: str, values: Values = ()) -> Iterator[tuple[Any, ...]]:
        """Rows of a query, read as they are asked for."""
        with self._in_words():
            yield from self._connection.execute(statement, values)

    def sealed_rows(self, statement: str, values: Values = (), aside: int = 0) -> Iterator[tuple[Any, ...]]:
        """Rows of a query whose last column is the checksum of those before it; it is left out of what is given.

        aside   how many columns at the front are not part of what was sealed
        raises  IndexUnusable if a checksum fails
        """
        for row in self.rows(statement, values):
            if checksum_of(row[aside:-1]) != row[-1]:
                raise self.unusable(f"a row fails its checksum ({statement})", RESTORE)
            yield row[:-1]

    def run(self, statement: str, values: Values = ()) -> int:
        """Run one statement; returns the row of an insert."""
        with self._in_words():
            return self._connection.execute(statement, values).lastrowid or 0

    def run_many(self, statement: str, values: Iterable[Values]) -> None:
        with self._in_words():
            self._connection.executemany(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is run inside is durable when it returns, or not there at all if anything is raised."""
        if self._failed:
            raise self.unusable("its disk failed before", "check the disk, then start again")
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.rollback()
            raise

    def pin(self) -> None:
        """From now on read one unchanging state, whatever others write; a second call moves on to the latest."""
        if self._connection.in_transaction:
            self.run("COMMIT")
        self.run("BEGIN")
        list(self.rows("SELECT 1 FROM sqlite_master"))  # a state is chosen with the first read

    def close(self) -> None:
        self._connection.close()

    def _address(self) -> str:
        address = f"{self._path.absolute().as_uri()}?mode={'rwc' if self._writable else 'ro'}"
        log = self._path.with_name(self._path.name + "-wal")
        if self._writable or os.access(self._path.parent, os.W_OK) or log.exists():
            return address
        return f"{address}&immutable=1"  # SQLite wants to write beside the file even to read it; nobody else does here

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError:
            raise
        except UnicodeDecodeError as error:
            raise self.unusable(f"it is damaged ({error.reason})", RESTORE) from None
        except sqlite3.Error as error:
            raise self._problem(error) from error

    def _problem(self, error: sqlite3.Error) -> IndexProblem:
        """What an operator should know of an error of SQLite's."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return StorageFull(
                f"the disk of {self._path.parent} is full; nothing was changed; free some space and repeat"
            )
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return IndexLocked(f"another program holds {self._path}; nothing was changed; close it and repeat")
        if code == sqlite3.SQLITE_IOERR:
            self._failed = True  # after a failed write nobody knows what the disk holds: no more changes
            return self.unusable(f"its disk failed ({error})", "check the disk, then start again")
        if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
            return self.unusable(f"it cannot be opened ({error})", _PERMISSIONS)
        if isinstance(error, sqlite3.ProgrammingError):
            return self.unusable(f"it is closed ({error})", "open it again")
        return self.unusable(f"it cannot be read ({error})", RESTORE)

    def unusable(self, reason: str, remedy: str) -> IndexUnusable:
        return IndexUnusable(self._path.parent, f"{self._path.name}: {reason}", remedy)


def seal(row: Values) -> tuple[object, ...]:
    """The row with its checksum as one more column."""
    return (*row, checksum_of(row))


def checksum_of(row: Values) -> int:
    """CRC-32 over the columns: SQLite itself notices a damaged page, but not a damaged letter."""
    checksum = 0
    for value in row:
        checksum = zlib.crc32(value if isinstance(value, bytes) else f"{value}\0".encode(), checksum)
    return checksum
