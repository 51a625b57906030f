"""Upgrading: a catalogue that an earlier version wrote is given what this version keeps, in one transaction."""

import json
import logging
from collections.abc import Iterator

from corpus.document import Document
from index.store import near_duplicates
from index.store.database import Database
from index.store.minhash import MINHASH, Signature, signature_of
from index.store.schema import (
    FORMAT,
    OLDEST,
    SIGNATURES,
    SIMILAR_QUESTIONS,
    formats,
    lay_out,
    number,
    read_fact,
    write_facts,
)

log = logging.getLogger(__name__)


def upgrade(database: Database) -> None:
    """Bring a catalogue of format 2, or one whose signatures were made otherwise, up to date; leave any other alone.

    cost  three milliseconds for each document
    """
    found = formats(database)
    old = found == [str(OLDEST)]
    if not old and (found != [str(FORMAT)] or read_fact(database, "sketcher") == MINHASH):
        return
    log.warning("%d documents: finding near duplicates, once", number(database, "documents"))
    with database.transaction():
        if old:
            lay_out(database, SIGNATURES, SIMILAR_QUESTIONS)
            write_facts(database, {"askings": "0"})
        database.run("DELETE FROM near")
        database.run("DELETE FROM sketches")
        near_duplicates.keep_signatures(database, _signatures(database))
        signatures = near_duplicates.read_signatures(database)
        near_duplicates.note_pairs(database, signatures, signatures.keys.tolist())
        write_facts(database, {"format": str(FORMAT), "sketcher": MINHASH})


def _signatures(database: Database) -> Iterator[tuple[int, Signature]]:
    for key, record in database.sealed_rows("SELECT key, record, crc FROM records ORDER BY key"):
        yield key, signature_of(Document.from_record(json.loads(record)).text)
