"""Bulk ingest: files, folders, archives and standard input into the index, as much of it as can be read.

A batch is committed at once, so what was done stays when the rest is interrupted; documents that
are in the index as they are now are passed over, so doing it again goes on where it ended.
"""

import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus.document import Document, InvalidDocument
from corpus.reading import SUFFIXES, OriginalFile, Reading, Report, Unreadable, Unsupported, read, read_members
from corpus.reading.naming import id_from_path, repaired_name
from corpus.reading.rows import read_row, rows_of
from index.building import BATCH, Progress
from index.passage_index import PassageIndex
from index.store.originals import Original
from rag.content.originals import Originals
from rag.content.provenance import is_of_another_file, named_after_file
from rag.service import near_documents, warnings_of

LARGEST_FILE = 1024 * 2**20  # bytes
_BATCH_CHARACTERS = 500_000  # code points; a batch of long documents is committed earlier
_ROWS = ".jsonl"
_FURNITURE = ("~$", ".")  # names that open so are a program's own


@dataclass(frozen=True, slots=True)
class IngestOutcome:
    """What became of one file, member or row: ids and report, or a problem.

    unchanged  all its documents are in the index as they are now
    near       warnings that other documents in the index are nearly the same
    """

    name: str
    documents: tuple[str, ...] = ()
    report: Report | None = None
    problem: str = ""
    unchanged: bool = False
    near: tuple[str, ...] = ()


@dataclass(slots=True)
class Ingest:
    """All outcomes so far. generation is that of the last commit; interrupted where a person stopped it."""

    outcomes: list[IngestOutcome] = field(default_factory=list)
    added: int = 0
    replaced: int = 0
    generation: int = 0
    interrupted: bool = False

    @property
    def unchanged(self) -> int:
        return sum(outcome.unchanged for outcome in self.outcomes)

    @property
    def bad(self) -> int:
        return sum(bool(outcome.problem) for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class _Found:
    """A file to read. name is its path within the folder that was given, or its bare name."""

    path: Path
    name: str


def ingest(
    index: PassageIndex,
    originals: Originals,
    paths: Iterable[Path],
    progress: Progress,
    stdin_name: str = "",
    *,
    replacing: bool = False,
) -> Ingest:
    """Read everything and keep what is new or changed.

    originals   keep the files
    paths       files, folders (recursively, without links), and - for standard input
    stdin_name  file name that standard input stands for; it tells the format and the id
    replacing   whether a file may replace what was read from another file of the same name elsewhere
    returns     also where it was interrupted: what is said to be added is committed
    raises      IndexProblem if the index cannot be changed
    """
    done = Ingest(generation=index.snapshot.generation)
    batch = _Batch(index, originals, done, replacing=replacing)
    try:
        for found in _read_all(paths, progress, stdin_name):
            batch.take(found)
        batch.commit()
    except KeyboardInterrupt:
        done.interrupted = True
    return done


@dataclass(frozen=True, slots=True)
class _Read:
    """What became of one file, the documents in it, the files they were read from, and where it lies."""

    outcome: IngestOutcome
    documents: tuple[Document, ...] = ()
    files: tuple[OriginalFile, ...] = ()
    place: str = ""


class _Batch:
    """Gathers documents until they are worth a commit."""

    def __init__(self, index: PassageIndex, originals: Originals, done: Ingest, *, replacing: bool) -> None:
        self._index = index
        self._originals = originals
        self._done = done
        self._replacing = replacing
        self._documents: dict[str, Document] = {}
        self._noted: dict[str, Original] = {}
        self._outcomes: list[IngestOutcome] = []
        self._owners: dict[str, str] = {}  # which file gave each id
        self._characters = 0

    def take(self, found: _Read) -> None:
        """Take one file's documents; its outcome counts once they are committed."""
        outcome, documents = found.outcome, found.documents
        known = self._index.snapshot.documents
        if problem := self._problem(found):
            outcome, documents = IngestOutcome(outcome.name, problem=problem), ()
        self._owners.update((document.id, outcome.name) for document in documents)
        same = all(one.id in known and known[one.id].content_hash == one.content_hash for one in documents)
        if documents and same and all(self._originals.of(one) for file in found.files for one in file.ids):
            self._done.outcomes.append(IngestOutcome(outcome.name, outcome.documents, outcome.report, unchanged=True))
            return
        self._outcomes.append(outcome)
        if documents:
            self._noted |= self._originals.noted(found.files, found.place)
        self._documents.update((document.id, document) for document in documents)
        self._characters += sum(len(document.text) for document in documents)
        if len(self._documents) >= BATCH or self._characters >= _BATCH_CHARACTERS:
            self.commit()

    def _problem(self, found: _Read) -> str:
        """Why the documents of a file must not be taken; empty where they may."""
        taken = next((one.id for one in found.documents if one.id in self._owners), None)
        if taken is not None:
            return f"the id {taken} is already that of {self._owners[taken]}"
        for one in (one for file in found.files for one in named_after_file(file) if not self._replacing):
            original = self._originals.of(one)
            if is_of_another_file(original, found.place) and original is not None and original.name:
                elsewhere = original.place or "an upload"
                return f"the id {one} is that of another file of this name ({elsewhere}); rename it, or use --replace"
        return ""

    def commit(self) -> None:
        """Put the batch; where one document is refused, each is put alone."""
        replaced = sum(one in self._index.snapshot.documents for one in self._documents)
        try:
            self._done.generation = self._originals.put(list(self._documents.values()), self._noted)
        except InvalidDocument as error:
            self._outcomes = [IngestOutcome(one.name, problem=str(error)) for one in self._outcomes]
            replaced, self._documents = 0, {}
        self._done.replaced += replaced
        self._done.added += len(self._documents) - replaced
        snapshot = self._index.snapshot
        self._done.outcomes += [
            replace(one, near=tuple(warnings_of(near_documents(snapshot, one.documents)))) for one in self._outcomes
        ]
        self._documents, self._noted, self._outcomes, self._characters = {}, {}, [], 0


def _read_all(paths: Iterable[Path], progress: Progress, stdin_name: str) -> Iterator[_Read]:
    found = [one for path in paths for one in _found(path)]
    used: dict[str, str] = {}
    for number, one in enumerate(found):
        progress("reading files", number, len(found))
        if isinstance(one, IngestOutcome):
            yield _Read(one)
        elif str(one.path) == "-":
            yield from _read_bytes(sys.stdin.buffer.read(), stdin_name or "", "")
        else:
            yield from _read_file(one, _own_id(one.name, used))
    if found:
        progress("reading files", len(found), len(found))


def _found(path: Path) -> Iterator[_Found | IngestOutcome]:
    """Files at a path: itself, or those of a known format in a folder, in order."""
    if str(path) == "-":
        yield _Found(path, "")
    elif path.is_dir():
        yield from _in_folder(path)
    elif path.is_file():
        yield _Found(path, _shown(path.name))
    else:
        there = path.is_symlink() or path.exists()
        yield IngestOutcome(
            _shown(path.name), problem=f"there is no such file or folder{', but something else' * there}"
        )


def _in_folder(folder: Path) -> Iterator[_Found | IngestOutcome]:
    left_out = 0
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        if any(part.startswith(_FURNITURE) for part in parts) or file.is_symlink() or not file.is_file():
            continue
        if file.suffix.lower() in {*SUFFIXES, _ROWS}:
            yield _Found(file, _shown("/".join(parts)))
        else:
            left_out += 1
    if left_out:
        print(f"{_shown(folder.name)}: left out {left_out} files of other formats", file=sys.stderr)


def _own_id(name: str, used: dict[str, str]) -> str:
    """An id for a path; where 通知.md and 通知.pdf lie side by side the later one has its suffix too."""
    made = id_from_path(name)
    if used.setdefault(made, name) != name:
        made = f"{made}.{name.rsplit('.', 1)[-1].lower()}"
        used.setdefault(made, name)
    return made


def _read_file(one: _Found, file_id: str) -> Iterator[_Read]:
    try:
        status = one.path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
            yield _Read(IngestOutcome(one.name, problem=f"it is larger than {LARGEST_FILE // 2**20} MiB"))
            return
        raw = one.path.read_bytes()
    except OSError as error:
        yield _Read(IngestOutcome(one.name, problem=f"it cannot be read ({error.strerror})"))
        return
    if one.path.suffix.lower() == _ROWS:
        yield from _read_rows(raw, one.name, file_id)
    else:
        yield from _read_bytes(raw, one.name, file_id, _place_of(one.path))


def _read_bytes(raw: bytes, name: str, file_id: str, place: str = "") -> Iterator[_Read]:
    """One outcome for a file, one for each member of an archive."""
    shown = name or "stdin"
    try:
        if name.lower().endswith(".zip"):
            for path, reading in read_members(raw, file_id or id_from_path(name)):
                yield _outcome(f"{shown}/{path}", reading, f"{place}/{path}" if place else "")
        else:
            yield _outcome(shown, read(raw, name=name.rsplit("/", 1)[-1], fallback_id=file_id), place)
    except (InvalidDocument, Unreadable, Unsupported) as error:
        yield _outcome(shown, error)


def _outcome(name: str, reading: Reading | ValueError, place: str = "") -> _Read:
    if isinstance(reading, Reading):
        ids = tuple(document.id for document in reading.documents)
        return _Read(IngestOutcome(name, ids, reading.report), reading.documents, reading.files, place)
    return _Read(IngestOutcome(name, problem=str(reading)))


def _read_rows(raw: bytes, name: str, file_id: str) -> Iterator[_Read]:
    """Rows before and after a bad one are read; a line that is no JSON ends the file."""
    try:
        for number, row in rows_of(raw.decode("utf-8-sig"), name):
            try:
                document = read_row(row, None, f"{file_id}-{number}")
                yield _Read(IngestOutcome(f"{name}:{number}", (document.id,)), (document,))
            except InvalidDocument as error:
                yield _Read(IngestOutcome(f"{name}:{number}", problem=str(error)))
    except UnicodeDecodeError:
        yield _Read(IngestOutcome(name, problem="it is not UTF-8"))
    except InvalidDocument as error:
        yield _Read(IngestOutcome(name, problem=str(error)))


def _place_of(path: Path) -> str:
    """The whole path in letters that can be stored, whatever bytes it is of."""
    return str(path.resolve()).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _shown(name: str) -> str:
    """A name as its author typed it; bytes that are no UTF-8 were GBK, or are shown as question marks."""
    raw = name.encode("utf-8", "surrogateescape")
    return repaired_name(raw.decode("latin-1")) if "\udc80" <= max(name, default="") <= "\udcff" else name
