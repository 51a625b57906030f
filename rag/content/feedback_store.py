"""The store: RAG_HOME/feedback.sqlite, beside the catalogue and apart from it, so that no rebuild touches it."""

import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from index.errors import IndexProblem, IndexUnusable
from index.store.database import Database, seal
from index.store.files import make_folder, sync_folder
from rag.content.feedback_record import Feedback, FeedbackEntry, Reason

FILE: Final = "feedback.sqlite"
FORMAT: Final = 1
MOST: Final = 20_000  # entries; beyond, nothing more is taken until some are exported and removed, or grow old

_TABLES: Final = (
    "CREATE TABLE feedback (key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, "
    "owner TEXT NOT NULL, helpful INTEGER NOT NULL, reason TEXT NOT NULL, record TEXT NOT NULL, crc INTEGER NOT NULL)",
    "CREATE INDEX feedback_by_time ON feedback (at)",
    f"PRAGMA user_version = {FORMAT}",
)
_COLUMNS: Final = "key, id, at, owner, helpful, reason, record, crc"
_ID_BYTES: Final = 16


class FeedbackUnusable(IndexProblem):
    """The file of the feedback cannot be read or written. Says where, why, and what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"feedback in {path} cannot be used: {reason}; mend or move the file, a new one is then begun")


class FeedbackFull(RuntimeError):
    """There is as much feedback as is kept."""


class OthersFeedback(PermissionError):
    """It was given with another key."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; None for any.

    since, until  days as YYYY-MM-DD, in UTC, both included
    """

    helpful: bool | None = None
    reason: Reason | None = None
    since: str | None = None
    until: str | None = None

    def condition(self) -> tuple[str, list[object]]:
        """As SQL, with its values."""
        parts = (
            ("helpful = ?", self.helpful),
            ("reason = ?", self.reason),
            ("substr(at, 1, 10) >= ?", self.since),
            ("substr(at, 1, 10) <= ?", self.until),
        )
        given = [(sql, value) for sql, value in parts if value is not None]
        return " AND ".join(["at >= ?", *(sql for sql, _ in given)]), [value for _, value in given]


class FeedbackStore:
    """The feedback of one home. May be used by several threads; the file is made with the first feedback.

    days    after which an entry is removed: at the start, and whenever feedback is given, read or taken back
    raises  everywhere FeedbackUnusable, StorageFull, or IndexLocked where another program holds the file too long
    """

    def __init__(
        self, home: Path, days: int, *, writable: bool, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._path = home / FILE
        self._days = days
        self._writable = writable
        self._clock = clock
        self._using = threading.Lock()
        self._database: Database | None = None

    def add(self, feedback: Feedback, owner: str = "") -> str:
        """Keep it; durable when this returns its id.

        raises  FeedbackFull
        """
        with self._opened(create=True) as database:
            if database is None:
                raise FeedbackUnusable(self._path, "it is opened for reading only")
            ((count,),) = database.rows("SELECT COUNT(*) FROM feedback")
            if count >= MOST:
                raise FeedbackFull(f"{MOST} entries are kept already")
            entry_id = secrets.token_hex(_ID_BYTES)
            written = json.dumps(feedback.to_record(), ensure_ascii=False)
            row = (entry_id, _written(self._clock()), owner, int(feedback.helpful), feedback.reason or "", written)
            with database.transaction():
                columns = _COLUMNS.removeprefix("key, ")
                database.run(f"INSERT INTO feedback ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", seal(row))
            return entry_id

    def remove(self, entry_id: str, owner: str | None = None) -> bool:
        """Take it back; whether it was there.

        owner   the key that asks for it; None for one that may remove the feedback of all
        raises  OthersFeedback
        """
        with self._opened() as database:
            if database is None:
                return False
            held = [name for (name,) in database.rows("SELECT owner FROM feedback WHERE id = ?", (entry_id,))]
            if owner is not None and any(name != owner for name in held):
                raise OthersFeedback("this feedback was given with another key")
            if held:
                _delete(database, "id = ?", entry_id)
            return bool(held)

    def count(self, wanted: Wanted) -> int:
        """How many entries there are of these."""
        with self._opened() as database:
            if database is None:
                return 0
            condition, values = self._condition(wanted)
            ((count,),) = database.rows(f"SELECT COUNT(*) FROM feedback WHERE {condition}", values)
            return int(count)

    def entries(self, wanted: Wanted, *, before: int | None = None, limit: int = -1) -> list[FeedbackEntry]:
        """Entries, the newest first.

        before  only those with a smaller key
        limit   how many at most; -1 for all
        """
        with self._opened() as database:
            if database is None:
                return []
            condition, values = self._condition(wanted)
            if before is not None:
                condition, values = f"{condition} AND key < ?", [*values, before]
            query = f"SELECT {_COLUMNS} FROM feedback WHERE {condition} ORDER BY key DESC LIMIT ?"
            return [_entry(row) for row in database.sealed_rows(query, [*values, limit], aside=1)]

    def forget_old(self) -> None:
        """Remove what is older than the days; no file, nothing to do."""
        with self._opened():
            pass

    def close(self) -> None:
        """Let go of the file."""
        with self._using:
            self._let_go()

    @contextmanager
    def _opened(self, *, create: bool = False) -> Iterator[Database | None]:
        """The file for one deed, without what is too old; None where there is none to read."""
        with self._using:
            try:
                if self._database is None:
                    self._database = self._open(create and self._writable)
                if self._database is not None and self._writable:
                    _delete(self._database, "at < ?", self._oldest())
                yield self._database
            except IndexUnusable as problem:
                self._let_go()
                raise FeedbackUnusable(self._path, problem.reason) from None

    def _open(self, create: bool) -> Database | None:
        if not self._path.exists():
            if not create:
                return None
            self._create()
        database = Database(self._path, writable=self._writable)
        try:
            ((found,),) = database.rows("PRAGMA user_version")
            if found == 0 and self._writable:
                _lay_out(database)
            elif found not in (0, FORMAT):
                raise FeedbackUnusable(self._path, f"its format is {found}, this version reads format {FORMAT}")
        except BaseException:
            database.close()
            raise
        if found or self._writable:
            return database
        database.close()  # it was begun and holds nothing yet
        return None

    def _create(self) -> None:
        """An empty file that only its owner may read: people's questions will stand in it."""
        try:
            make_folder(self._path.parent)
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
            sync_folder(self._path.parent)
        except OSError as error:
            raise FeedbackUnusable(self._path, error.strerror or type(error).__name__) from None

    def _let_go(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            database.close()

    def _condition(self, wanted: Wanted) -> tuple[str, list[object]]:
        condition, values = wanted.condition()
        return condition, [self._oldest(), *values]

    def _oldest(self) -> str:
        return _written(self._clock() - timedelta(days=self._days))


def _lay_out(database: Database) -> None:
    with database.transaction():
        for statement in _TABLES:
            database.run(statement)


def _delete(database: Database, condition: str, value: str) -> None:
    """Delete, and leave nothing of it in the file or in its log."""
    if not list(database.rows(f"SELECT 1 FROM feedback WHERE {condition} LIMIT 1", (value,))):
        return
    with database.transaction():
        database.run(f"DELETE FROM feedback WHERE {condition}", (value,))
    list(database.rows("PRAGMA wal_checkpoint(TRUNCATE)"))


def _entry(row: Sequence[object]) -> FeedbackEntry:
    key, entry_id, at, owner, _, _, record = row
    return FeedbackEntry(
        int(str(key)), str(entry_id), str(at), str(owner), Feedback.from_record(json.loads(str(record)))
    )


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
