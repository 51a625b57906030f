"""Which file each document was read from: a table of the catalogue, beside the documents.

The table came without a new format of the catalogue: an older version passes over it, so rows of
documents that such a version deleted are swept when the catalogue is opened.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import astuple, dataclass

from index.store.database import Database, seal

TABLE = """
CREATE TABLE IF NOT EXISTS originals (
    key INTEGER PRIMARY KEY, digest TEXT NOT NULL, size INTEGER NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL,
    title TEXT NOT NULL, given_id TEXT NOT NULL, fallback_id TEXT NOT NULL, place TEXT NOT NULL, crc INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS originals_by_digest ON originals (digest)"""

_COLUMNS = "digest, size, name, media_type, title, given_id, fallback_id, place"
SEALED = f"SELECT key, {_COLUMNS}, crc FROM originals"


@dataclass(frozen=True, slots=True)
class Original:
    """The file that a document was read from.

    digest        SHA-256 of its bytes, empty where they are not kept
    size          of the file, bytes
    name … fallback_id  all that the reader was told with it
    place         where the file lay on this machine, empty for one that was uploaded
    """

    digest: str
    size: int
    name: str
    media_type: str = ""
    title: str = ""
    given_id: str = ""
    fallback_id: str = ""
    place: str = ""


def keep(database: Database, key: int, original: Original) -> None:
    row = seal((key, *astuple(original)))
    database.run("INSERT OR REPLACE INTO originals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def find(database: Database, key: int) -> Original | None:
    """The original of the document with this key; None where nothing is known of it."""
    if not _is_there(database):
        return None
    for _, *values in database.sealed_rows(f"{SEALED} WHERE key = ?", (key,)):
        return Original(*values)
    return None


def digests(database: Database) -> Iterator[str]:
    """Digests of all files that are kept, each once."""
    if _is_there(database):
        select = "SELECT DISTINCT digest FROM originals WHERE digest != ''"
        yield from (digest for (digest,) in database.rows(select))


def digests_of(database: Database, document_ids: Collection[str]) -> set[str]:
    """Digests of the files that these documents, and those found in them, were read from."""
    among = "(SELECT value FROM json_each(?1))"
    where = f"digest != '' AND (id IN {among} OR parent IN {among})"
    select = f"SELECT DISTINCT digest FROM originals JOIN documents USING (key) WHERE {where}"
    return {digest for (digest,) in database.rows(select, (json.dumps(sorted(document_ids)),))}


def used(database: Database, among: Collection[str]) -> set[str]:
    """Those of the digests that some document's file still has."""
    select = "SELECT DISTINCT digest FROM originals WHERE digest IN (SELECT value FROM json_each(?))"
    return {digest for (digest,) in database.rows(select, (json.dumps(sorted(among)),))}


def totals(database: Database) -> tuple[int, int]:
    """How many files are kept, and their bytes."""
    if not _is_there(database):
        return 0, 0
    select = (
        "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM (SELECT DISTINCT digest, size FROM originals WHERE digest != '')"
    )
    ((count, size),) = database.rows(select)
    return int(count), int(size)


def sweep(database: Database) -> None:
    """Forget the originals of documents that are gone."""
    database.run("DELETE FROM originals WHERE key NOT IN (SELECT key FROM documents)")


def _is_there(database: Database) -> bool:
    """Whether the catalogue has the table; one that an older version wrote and nobody has changed since has not."""
    return any(database.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'originals'"))
