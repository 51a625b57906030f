"""Changes to the catalogue, statement by statement; each runs inside a transaction that its caller holds."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.document import Document, InvalidDocument
from index import near
from index.database import Database, seal
from index.records import Change, DocumentEntry, NewDocument, PassageRow, entry_of, header_of
from index.schema import next_number, number, write_facts
from index.sketches import Sketches

SEALED_PASSAGE = "row, document, id, start, end, section, page, text, asked, hash"  # what a passage's checksum covers

Vectors = NDArray[np.float32]
Recut = Callable[[Sequence[Document]], tuple[Sequence[NewDocument], Mapping[str, Vectors]]]


def change(
    database: Database,
    removed_ids: Collection[str],
    added: Sequence[NewDocument],
    vectors: Mapping[str, Vectors],
    withdrawn: Iterable[str],
    sketches: Sketches,
) -> tuple[Change, Sketches]:
    """Take documents out and put documents in; see `Catalogue.change`.

    sketches  of all documents; returned as they are afterwards
    """
    generation = number(database, "generation") + 1
    _keep_vectors(database, vectors)
    going = _keys(database, removed_ids)
    lacking = near.forget(database, going)
    gone = [found for document_id in sorted(removed_ids) for found in _remove(database, document_id)]
    entries = [_add(database, new, generation) for new in added]
    new_sketches = [(entry.key, new.sketch) for (entry, _), new in zip(entries, added, strict=True)]
    after = sketches.changed(going, Sketches.of(new_sketches))
    touched = lacking.union(key for key, _ in new_sketches)
    near.keep_sketches(database, new_sketches)
    near.note_pairs(database, after, touched)
    _forget_vectors(database, {digest for *_, digest in gone if digest})
    database.run_many("INSERT OR IGNORE INTO withdrawn VALUES (?, ?)", (seal((one,)) for one in withdrawn))
    removed = frozenset(document_id for document_id, *_ in gone)
    removed_rows = frozenset(row for _, row, _ in gone if row is not None)
    passages = tuple(row for _, rows in entries for row in rows)
    _note(database, len(entries) - len(removed), len(passages) - len(removed_rows))
    pairs = tuple(near.read_pairs(database, touched))
    return Change(generation, removed, removed_rows, tuple(entry for entry, _ in entries), passages, pairs), after


def recut(
    database: Database,
    entries: Sequence[DocumentEntry],
    new: Sequence[NewDocument],
    vectors: Mapping[str, Vectors],
) -> int:
    """Give these documents new passages; returns how many more there are than before."""
    more = 0
    _keep_vectors(database, vectors)
    for entry, one in zip(entries, new, strict=True):
        ((before,),) = database.rows("SELECT COUNT(*) FROM passages WHERE document = ?", (entry.key,))
        database.run("DELETE FROM passages WHERE document = ?", (entry.key,))
        more += len(_add_passages(database, entry.key, one)) - before
    return more


def close_recut(database: Database, more: int, facts: Mapping[str, str]) -> None:
    """Drop the vectors that nothing uses any more, note the facts and a new generation."""
    database.run("DELETE FROM vectors WHERE hash NOT IN (SELECT hash FROM passages)")
    write_facts(database, facts)
    _note(database, 0, more)


def _keys(database: Database, ids: Collection[str]) -> set[int]:
    """Keys of these documents and of their snippets."""
    among = "(SELECT value FROM json_each(?1))"
    select = f"SELECT key FROM documents WHERE id IN {among} OR parent IN {among}"
    return {key for (key,) in database.rows(select, (json.dumps(sorted(ids)),))}


def _remove(database: Database, document_id: str) -> list[tuple[str, int | None, str | None]]:
    """Delete a document and its snippets; (document id, passage row, hash) of all that went."""
    held = "FROM documents LEFT JOIN passages ON key = document WHERE ? IN (id, parent)"
    gone = list(database.rows(f"SELECT key, id, row, hash {held}", (document_id,)))
    for key in {key for key, *_ in gone}:
        for table, column in (("passages", "document"), ("records", "key"), ("documents", "key")):
            database.run(f"DELETE FROM {table} WHERE {column} = ?", (key,))
    return [(found_id, row, digest) for _, found_id, row, digest in gone]


def _add(database: Database, new: NewDocument, generation: int) -> tuple[DocumentEntry, list[PassageRow]]:
    document = new.document
    key = next_number(database, "documents")
    try:
        content = (document.content_hash, generation, header_of(document))
        row = (key, document.id, document.parent, new.origin, *content)
        database.run("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)", seal(row))
        record = json.dumps(document.to_record(), ensure_ascii=False)
        database.run("INSERT INTO records VALUES (?, ?, ?)", seal((key, record)))
        return entry_of(*row), _add_passages(database, key, new)
    except UnicodeEncodeError:
        raise InvalidDocument(f"{document.id}: it holds half of a surrogate pair, which cannot be stored") from None


def _add_passages(database: Database, key: int, new: NewDocument) -> list[PassageRow]:
    pairs = zip(new.passages, new.hashes, strict=True)
    rows = [PassageRow(row, key, *pair) for row, pair in enumerate(pairs, start=next_number(database, "passages"))]
    database.run_many("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_passage_values, rows))
    return rows


def _passage_values(found: PassageRow) -> tuple[object, ...]:
    """The row as it is stored; its checksum covers SEALED_PASSAGE."""
    passage = found.passage
    section = json.dumps(passage.section, ensure_ascii=False)
    asked = json.dumps(passage.asked, ensure_ascii=False)
    place = (passage.start, passage.end, section, passage.page, passage.text, asked, found.hash)
    *_, checksum = seal((found.row, found.document_key, passage.document_id, *place))
    return (found.row, found.document_key, *place, checksum)


def _keep_vectors(database: Database, vectors: Mapping[str, Vectors]) -> None:
    rows = (seal((digest, vector.astype(np.float16).tobytes())) for digest, vector in vectors.items())
    database.run_many("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", rows)


def _forget_vectors(database: Database, hashes: Collection[str]) -> None:
    forget = "DELETE FROM vectors WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM passages WHERE hash = ?1)"
    database.run_many(forget, [(digest,) for digest in sorted(hashes)])


def _note(database: Database, documents: int, passages: int) -> None:
    """Note a new generation, and how many documents and passages there are more."""
    facts = {
        "generation": number(database, "generation") + 1,
        "documents": number(database, "documents") + documents,
        "passages": number(database, "passages") + passages,
    }
    write_facts(database, {name: str(value) for name, value in facts.items()})
