"""Changes to the catalogue, statement by statement; each runs inside a transaction that its caller holds."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from corpus.document import Document, InvalidDocument
from index.store import near_duplicates, originals
from index.store.database import Database, seal
from index.store.minhash import Signatures
from index.store.records import Change, DocumentEntry, NewDocument, PassageRow, entry_of, header_of
from index.store.schema import next_number, number, write_facts
from index.store.similar_questions import SimilarQuestion, SimilarQuestionChange

SEALED_PASSAGE = "row, document, id, start, end, section, page, text, asked, hash"  # what a passage's checksum covers

Vectors = NDArray[np.float32]
Recut = Callable[[Sequence[Document]], tuple[Sequence[NewDocument], Mapping[str, Vectors]]]


def change(
    database: Database,
    removed_ids: Collection[str],
    added: Sequence[NewDocument],
    vectors: Mapping[str, Vectors],
    withdrawn: Iterable[str],
    signatures: Signatures,
    *,
    forget: bool,
) -> tuple[Change, Signatures]:
    """Take documents out and put documents in; see `Catalogue.change`.

    signatures  of all documents; returned as they are afterwards
    """
    generation = number(database, "generation") + 1
    _keep_vectors(database, vectors)
    going = _keys(database, removed_ids)
    lacking = near_duplicates.forget(database, going)
    gone = [found for document_id in sorted(removed_ids) for found in _remove(database, document_id)]
    entries = [_add(database, new, generation) for new in added]
    new_signatures = [(entry.key, new.signature) for (entry, _), new in zip(entries, added, strict=True)]
    after = signatures.changed(going, Signatures.of(new_signatures))
    touched = lacking.union(key for key, _ in new_signatures)
    near_duplicates.keep_signatures(database, new_signatures)
    near_duplicates.note_pairs(database, after, touched)
    _forget_vectors(database, {digest for *_, digest in gone if digest})
    database.run_many("INSERT OR IGNORE INTO withdrawn VALUES (?, ?)", (seal((one,)) for one in withdrawn))
    removed = frozenset(document_id for document_id, *_ in gone)
    removed_rows = frozenset(row for _, row, _ in gone if row is not None)
    passages = tuple(row for _, rows in entries for row in rows)
    forgotten = _forget_similar_questions(database, removed) if forget else {}
    _note(database, len(entries) - len(removed), len(passages) - len(removed_rows))
    pairs = tuple(near_duplicates.read_pairs(database, touched))
    came = tuple(entry for entry, _ in entries)
    return Change(generation, removed, removed_rows, came, passages, pairs, forgotten), after


def change_similar_questions(
    database: Database, wanted: SimilarQuestionChange, entries: Sequence[DocumentEntry], new: Sequence[NewDocument]
) -> Change:
    """Change similar questions, and give these documents the passages that know of them."""
    generation = number(database, "generation") + 1
    numbers = [(one,) for one in sorted(wanted.removed)]
    database.run_many("DELETE FROM askings WHERE number = ?", numbers)
    kept = {one.number: one for one in similar_questions(database, wanted.document_id)}
    for one in (*(replace(kept[approved], approved=True) for approved in sorted(wanted.approved)), *wanted.added):
        _keep_similar_question(database, one)
    removed: set[int] = set()
    passages: list[PassageRow] = []
    for entry, document in zip(entries, new, strict=True):
        removed |= {row for (row,) in database.rows("SELECT row FROM passages WHERE document = ?", (entry.key,))}
        database.run("DELETE FROM passages WHERE document = ?", (entry.key,))
        passages += _add_passages(database, entry.key, document)
    _note(database, 0, len(passages) - len(removed), len(wanted.added) - len(wanted.removed))
    now = {wanted.document_id: tuple(similar_questions(database, wanted.document_id))}
    return Change(generation, frozenset(), frozenset(removed), (), tuple(passages), similar_questions=now)


def similar_questions(database: Database, document_id: str | None = None) -> Iterator[SimilarQuestion]:
    """Similar questions of a document, or all, in the order of their numbers."""
    columns = "number, document, text, section, quote, start, origin, approved, crc"
    where = "" if document_id is None else "WHERE document = ?"
    values = () if document_id is None else (document_id,)
    for row in database.sealed_rows(f"SELECT {columns} FROM askings {where} ORDER BY number", values):
        one, owner, text, section, quote, start, origin, approved = row
        yield SimilarQuestion(one, owner, text, tuple(json.loads(section)), quote, start, origin, bool(approved))


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
        for table, column in (("passages", "document"), ("records", "key"), ("originals", "key"), ("documents", "key")):
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
        if new.original is not None:
            originals.keep(database, key, new.original)
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


def _keep_similar_question(database: Database, one: SimilarQuestion) -> None:
    """Put one in, under a new number if it has none yet."""
    section = json.dumps(one.section, ensure_ascii=False)
    place = (one.number or next_number(database, "askings"), one.document_id, one.text, section, one.quote, one.start)
    row = seal((*place, one.origin, int(one.approved)))
    database.run("INSERT OR REPLACE INTO askings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def _forget_similar_questions(
    database: Database, document_ids: Iterable[str]
) -> dict[str, tuple[SimilarQuestion, ...]]:
    """Delete the similar questions of these documents; the documents that had any, with none."""
    forgotten: dict[str, tuple[SimilarQuestion, ...]] = {}
    for document_id in sorted(document_ids):
        if held := sum(1 for _ in similar_questions(database, document_id)):
            database.run("DELETE FROM askings WHERE document = ?", (document_id,))
            write_facts(database, {"askings": str(number(database, "askings") - held)})
            forgotten[document_id] = ()
    return forgotten


def _note(database: Database, documents: int, passages: int, similar_questions: int = 0) -> None:
    """Note a new generation, and how many documents, passages and similar questions there are more."""
    facts = {
        "generation": number(database, "generation") + 1,
        "documents": number(database, "documents") + documents,
        "passages": number(database, "passages") + passages,
        "askings": number(database, "askings") + similar_questions,
    }
    write_facts(database, {name: str(value) for name, value in facts.items()})
