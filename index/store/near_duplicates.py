"""Near duplicates in the catalogue: the signature of each document, and the pairs of documents that are much alike.

Of each document the most similar ones before it are noted. Which these are follows from the signatures
alone, so the pairs can be found anew at any time. All of this runs inside a transaction of the caller's.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from index.store.database import RESTORE, Database, seal
from index.store.minhash import MOST, PLACES, Signature, Signatures, resemblance
from index.store.records import NearPair

Near = Mapping[str, Mapping[str, float]]  # id → id → resemblance, both ways

NOTHING_NEAR: Final[Mapping[str, float]] = MappingProxyType({})

_PAIRS = (
    "SELECT a.id, b.id, later, earlier, agreeing, near.crc FROM near"
    " JOIN documents a ON a.key = later JOIN documents b ON b.key = earlier"
)


def read_signatures(database: Database) -> Signatures:
    """The signatures of all documents."""
    return Signatures.of(_signatures(database, "ORDER BY key"))


def signature_kept(database: Database, key: int) -> Signature:
    """The signature of one document."""
    return next((signature for _, signature in _signatures(database, "WHERE key = ?", (key,))), b"")


def read_pairs(database: Database, keys: Collection[int] | None = None) -> Iterator[NearPair]:
    """The pairs noted of these documents with those before them; all pairs for None."""
    among = "" if keys is None else "WHERE later IN (SELECT value FROM json_each(?))"
    values = () if keys is None else (json.dumps(sorted(keys)),)
    for row in database.sealed_rows(f"{_PAIRS} {among} ORDER BY later, earlier", values, aside=2):
        yield row[0], row[1], resemblance(row[-1])


def keep_signatures(database: Database, signatures: Iterable[tuple[int, Signature]]) -> None:
    """Keep the signatures of documents, by key."""
    rows = (seal((key, signature)) for key, signature in signatures)
    database.run_many("INSERT INTO sketches VALUES (?, ?, ?)", rows)


def note_pairs(database: Database, signatures: Signatures, keys: Collection[int]) -> None:
    """Note the near duplicates before each of these documents, in place of those that were noted."""
    for key in sorted(keys):
        database.run("DELETE FROM near WHERE later = ?", (key,))
        pairs = ((key, earlier, agreeing) for earlier, agreeing in signatures.near(key))
        database.run_many("INSERT INTO near VALUES (?, ?, ?, ?)", map(seal, pairs))


def forget(database: Database, keys: Collection[int]) -> set[int]:
    """Delete signatures and pairs of these documents.

    returns  documents of which as many pairs had been noted as may be, and now one is missing
    """
    gone = (json.dumps(sorted(keys)),)
    among = "(SELECT value FROM json_each(?))"
    short = f"SELECT later FROM near WHERE earlier IN {among}"
    full = f"SELECT later FROM near WHERE later IN ({short}) GROUP BY later HAVING COUNT(*) >= {MOST}"
    lacking = {later for (later,) in database.rows(full, gone)}
    for condition in ("near WHERE later", "near WHERE earlier", "sketches WHERE key"):
        database.run(f"DELETE FROM {condition} IN {among}", gone)
    return lacking - set(keys)


def with_pairs(near: Near, removed: Collection[str], pairs: Iterable[NearPair]) -> Near:
    """Near duplicates of every document that has any, without some documents and with further pairs."""
    gone = set(removed)
    kept = {one: others for one, others in near.items() if one not in gone}
    for one in {other for name in gone for other in near.get(name, ())} - gone:
        kept[one] = {other: alike for other, alike in kept[one].items() if other not in gone}
    for one, other, alike in pairs:
        for left, right in ((one, other), (other, one)):
            kept[left] = {**kept.get(left, NOTHING_NEAR), right: alike}
    return {one: others for one, others in kept.items() if others}


def _signatures(database: Database, which: str, values: tuple[int, ...] = ()) -> Iterator[tuple[int, Signature]]:
    for key, blob in database.sealed_rows(f"SELECT key, sketch, crc FROM sketches {which}", values):
        if len(blob) not in (0, PLACES):
            raise database.unusable(f"a signature is not {PLACES} bytes long", RESTORE)
        yield key, blob
