"""The catalogue's tables, and whether a file holds them in a form this version knows.

Every row that holds what somebody wrote ends with a checksum. Passages are sealed together with
their document's id. Keys and rows are never used twice; rows count from a random number.
"""

import secrets
from collections.abc import Mapping

from index.store.database import RESTORE, Database, seal
from index.store.minhash import MINHASH

FORMAT = 3
OLDEST = 2  # the format before, which is brought up to date; see `index/store/upgrading.py`

TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, parent TEXT, origin TEXT NOT NULL,
    content_hash TEXT NOT NULL, generation INTEGER NOT NULL, header TEXT NOT NULL, crc INTEGER NOT NULL);
CREATE INDEX documents_by_parent ON documents (parent) WHERE parent IS NOT NULL;
CREATE TABLE records (key INTEGER PRIMARY KEY REFERENCES documents (key), record TEXT NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents (key),
    start INTEGER NOT NULL, end INTEGER NOT NULL, section TEXT NOT NULL, page INTEGER, text TEXT NOT NULL,
    asked TEXT NOT NULL, hash TEXT NOT NULL, crc INTEGER NOT NULL);
CREATE INDEX passages_by_document ON passages (document);
CREATE INDEX passages_by_hash ON passages (hash);
CREATE TABLE vectors (hash TEXT PRIMARY KEY, vector BLOB NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE withdrawn (id TEXT PRIMARY KEY, crc INTEGER NOT NULL) WITHOUT ROWID"""

SIGNATURES = """
CREATE TABLE sketches (key INTEGER PRIMARY KEY REFERENCES documents (key), sketch BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE near (
    later INTEGER NOT NULL REFERENCES documents (key), earlier INTEGER NOT NULL REFERENCES documents (key),
    agreeing INTEGER NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (later, earlier)) WITHOUT ROWID;
CREATE INDEX near_by_earlier ON near (earlier)"""

SIMILAR_QUESTIONS = """
CREATE TABLE askings (
    number INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL, text TEXT NOT NULL, section TEXT NOT NULL,
    quote TEXT NOT NULL, start INTEGER NOT NULL, origin TEXT NOT NULL, approved INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE INDEX askings_by_document ON askings (document)"""

_COUNTED = {
    "documents": "documents",
    "records": "documents",
    "sketches": "documents",
    "passages": "passages",
    "askings": "askings",
}
"""Tables and the facts that tell how many rows the last change left in each."""


def require_format(database: Database) -> None:
    """Raise IndexUnusable if the file holds no tables, those of another program or of another version."""
    if is_empty(database):
        raise database.unusable("it is empty", "build it with: rag index build")
    found = formats(database)
    if found != [str(FORMAT)]:
        reason = f"its format is {', '.join(found) or 'unknown'}, this version reads format {FORMAT}"
        if found == [str(OLDEST)]:
            raise database.unusable(reason, "bring it up to date with: rag index build")
        raise database.unusable(reason, "use the version that wrote it, or start with an empty folder")


def formats(database: Database) -> list[str]:
    """The format that the file names, if any; its checksum is not looked at."""
    return [str(value) for (value,) in database.rows("SELECT value FROM facts WHERE name = 'format'")]


def require_whole(database: Database, *, pages: bool) -> None:
    """Raise IndexUnusable if there are not as many documents and passages as the last change left.

    pages  let SQLite also look at every page of the file, and compare its indexes with the tables
    """
    for table, fact in _COUNTED.items():
        ((count,),) = database.rows(f"SELECT COUNT(*) FROM {table}")
        if count != number(database, fact):
            raise database.unusable(f"it holds {count} {table}, the last change left {number(database, fact)}", RESTORE)
    findings = [line for (line,) in database.rows("PRAGMA integrity_check")] if pages else ["ok"]
    if findings != ["ok"]:
        raise database.unusable(f"SQLite finds it damaged ({findings[0]})", RESTORE)


def read_fact(database: Database, name: str) -> str | None:
    """A named value about the whole index; None if it was never set."""
    for _, value in database.sealed_rows("SELECT name, value, crc FROM facts WHERE name = ?", (name,)):
        return str(value)
    return None


def number(database: Database, name: str) -> int:
    """A fact that is a number; 0 if it was never set."""
    return int(read_fact(database, name) or 0)


def next_number(database: Database, table: str) -> int:
    """The next key or row of a table whose numbers are never used twice."""
    for (last,) in database.rows("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)):
        return int(last) + 1
    return 1


def write_facts(database: Database, facts: Mapping[str, str]) -> None:
    database.run_many("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", map(seal, sorted(facts.items())))


def is_empty(database: Database) -> bool:
    return not any(database.rows("SELECT 1 FROM sqlite_master"))


def create_tables(database: Database) -> None:
    """Lay the tables out in an empty file, in one transaction."""
    with database.transaction():
        lay_out(database, TABLES, SIGNATURES, SIMILAR_QUESTIONS)
        database.run("INSERT INTO sqlite_sequence VALUES ('passages', ?)", (secrets.randbits(30) << 32,))
        counts = dict.fromkeys(_COUNTED.values(), "0")
        write_facts(database, {"format": str(FORMAT), "sketcher": MINHASH, "generation": "0"} | counts)


def lay_out(database: Database, *tables: str) -> None:
    """Create tables with their indexes."""
    for statement in ";".join(tables).split(";"):
        database.run(statement)
