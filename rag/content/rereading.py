"""Rereading: after an upgrade the kept originals are read again, and the documents that come out otherwise replaced."""

from dataclasses import dataclass, field, replace
from typing import Literal

from corpus.document import Document, InvalidDocument
from corpus.passage import count
from corpus.reading import Reading, Unreadable, Unsupported, read
from index.building import BATCH, Progress
from index.passage_index import PassageIndex
from index.store.originals import Original
from rag.content.originals import Originals

State = Literal["changed", "unchanged", "unreadable", "missing"]


@dataclass(frozen=True, slots=True)
class Reread:
    """What became of one document.

    before, after  passages and characters
    problem        why it could not be read again; it stays as it was then
    """

    id: str
    state: State
    before: tuple[int, int] = (0, 0)
    after: tuple[int, int] = (0, 0)
    problem: str = ""


@dataclass(slots=True)
class Rereading:
    """All outcomes. unknown  documents of which no original is kept; further  ids that the files also gave, and
    that are not in the index (deleted, or new): they were left out
    """

    outcomes: list[Reread] = field(default_factory=list)
    further: list[str] = field(default_factory=list)
    unknown: int = 0
    generation: int = 0

    def count(self, state: State) -> int:
        return sum(one.state == state for one in self.outcomes)


def reread(index: PassageIndex, originals: Originals, progress: Progress, *, keeping: bool = True) -> Rereading:
    """Read every kept original again.

    keeping  replace the documents that changed; else only tell of them
    raises   IndexProblem; what was committed until then stays
    """
    done = Rereading(generation=index.snapshot.generation)
    files = _files(index, originals, done)
    batch: list[Reading] = []
    for number, (original, ids) in enumerate(files.items()):
        progress("reading originals", number, len(files))
        reading = _read_again(index, originals, original, ids, done)
        batch += [reading] if reading and keeping else []
        if sum(len(one.documents) for one in batch) >= BATCH:
            _keep(originals, batch, done)
    _keep(originals, batch, done)
    progress("reading originals", len(files), len(files))
    return done


def _files(index: PassageIndex, originals: Originals, done: Rereading) -> dict[Original, list[str]]:
    """Kept files, and the documents that were read from each; those within others come with these."""
    files: dict[Original, list[str]] = {}
    for entry in index.snapshot.documents.values():
        if entry.parent is not None:
            continue
        original = index.original(entry)
        if original is None or not original.digest:
            done.unknown += entry.origin != "bundled"
        else:
            files.setdefault(original, []).append(entry.id)
    return files


def _read_again(
    index: PassageIndex, originals: Originals, original: Original, ids: list[str], done: Rereading
) -> Reading | None:
    """What a file gives now, without documents that are not in the index; None where nothing of it changed."""
    raw = originals.content(original)
    if raw is None:
        done.outcomes += [Reread(one, "missing", problem="its original is missing or damaged") for one in ids]
        return None
    told = {"name": original.name, "media_type": original.media_type, "title": original.title}
    try:
        reading = read(raw, original.given_id or None, **told, fallback_id=original.fallback_id)
    except (Unreadable, Unsupported, InvalidDocument) as error:
        done.outcomes += [Reread(one, "unreadable", problem=str(error)) for one in ids]
        return None
    known = index.snapshot.documents
    found = {document.id for document in reading.documents}
    gone = "the file gives no such document any more"
    done.outcomes += [Reread(one, "unreadable", problem=gone) for one in ids if one not in found]
    done.further += [one.id for one in reading.documents if one.id not in known]
    outcomes = [_compared(index, one) for one in reading.documents if one.id in known]
    done.outcomes += outcomes
    if all(one.state == "unchanged" for one in outcomes):
        return None
    return replace(reading, documents=tuple(one for one in reading.documents if one.id in known))


def _compared(index: PassageIndex, document: Document) -> Reread:
    entry = index.snapshot.documents[document.id]
    old = index.document(entry)
    state: State = "unchanged" if entry.content_hash == document.content_hash else "changed"
    return Reread(document.id, state, (count(old), len(old.text)), (count(document), len(document.text)))


def _keep(originals: Originals, batch: list[Reading], done: Rereading) -> None:
    """Replace all documents of the files of which one changed: those found in a document go with the old one."""
    noted: dict[str, Original] = {}
    for reading in batch:
        for file in reading.files:
            before = next((found for one in file.ids if (found := originals.of(one))), None)
            noted |= originals.noted([file], before.place if before else "")
    documents = [document for reading in batch for document in reading.documents]
    if documents:
        done.generation = originals.put(documents, noted)
    batch.clear()
