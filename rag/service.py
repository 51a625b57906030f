"""The service: one index, one retriever, and the few deeds that the web, the command line and programs share."""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self, TypeVar

from corpus.bundled import bundled_documents
from corpus.reading import Reading, read
from index.building import Built, Progress, build
from index.encoder.late_interaction import LateInteractionEncoder
from index.encoder.loading import load_encoder
from index.encoder.text_encoder import StaticTable
from index.errors import IndexUnusable
from index.lexical.tokeniser import Tokeniser
from index.passage_index import CATALOGUE, PassageIndex, Snapshot, StaleSnapshot
from index.store.catalogue import DocumentEntry
from rag.answer.composition import Answer, compose
from rag.content.feedback_store import FeedbackStore
from rag.content.originals import Originals
from rag.content.provenance import require_own_places
from rag.content.user_lexicon import UserLexicon, load_lexicon
from rag.query.conversation import resolve
from rag.query.filters import Filter
from rag.query.follow_up import FollowUpContext
from rag.query.spelling import Spelled, Speller, names_in
from rag.reader.neural_reader import NeuralReader
from rag.reader.relevance import bundled_model
from rag.retrieval.evidence import Retrieval
from rag.retrieval.reranking import Reranker
from rag.retrieval.retriever import Retriever
from rag.retrieval.searching import Mode
from rag.settings import Settings

_ATTEMPTS = 5  # how often a deed that ran into a deletion is done again
_REMEMBERED = 20  # earlier questions that a follow-up may lean on
_MOST_WARNED = 5  # near duplicates that a report names
_UNFINISHED = "building"  # a file in the home while a build is under way; a killed build leaves it

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reply:
    """Everything said to one question.

    resolved  the question in the spelling of the documents, made whole from the turns before it
    spelled   what was changed in its spelling
    """

    question: str
    resolved: str
    answer: Answer
    retrieval: Retrieval
    spelled: Spelled


@dataclass(frozen=True, slots=True)
class NearDocument:
    """A document in the index that is nearly the same; resemblance is the share of shingles in common, 0–1."""

    id: str
    title: str
    resemblance: float


@dataclass(frozen=True, slots=True)
class Kept:
    """An acknowledged ingest: what was read, the ids kept, and the generation from which they can be found.

    near  documents in the index that are nearly the same as one that was kept; the report warns of them too
    """

    reading: Reading
    generation: int
    replaced: bool
    near: tuple[NearDocument, ...] = ()

    @property
    def ids(self) -> list[str]:
        """Ids of the documents, the main one first."""
        return [document.id for document in self.reading.documents]


class Service:
    """Open one with `Service.open`, close it when done."""

    def __init__(self, settings: Settings, index: PassageIndex, lexicon: UserLexicon | None = None) -> None:
        """lexicon is the home's by default."""
        self.settings = settings
        self.index = index
        self.lexicon = lexicon or UserLexicon(settings.home)
        self.originals = Originals(settings.home, index, on=settings.originals == "keep")
        if index.writable:
            self.originals.sweep()
        self.feedback = FeedbackStore(settings.home, settings.feedback_days, writable=index.writable)
        seconds = settings.reranker_deadline / 1000
        self.reranker = Reranker(settings.reranker, seconds) if settings.reranker else None
        encoder = index.encoder
        judge = NeuralReader.bundled(encoder) if isinstance(encoder, LateInteractionEncoder) else None
        self.retriever = Retriever(index, bundled_model(), self.reranker, judge)
        self._carrying = threading.Lock()
        self._spelling = threading.Lock()
        self._spells: tuple[Snapshot, Speller] | None = None

    @classmethod
    def open(cls, settings: Settings, *, writable: bool, progress: Progress | None = None) -> Self:
        """Open the index of these settings.

        writable  take the writer's lock; an empty home is filled with the bundled corpus first
        raises    IndexProblem (EncoderUnavailable, IndexUnusable, IndexLocked), LexiconUnreadable
        """
        if writable:
            _require_folder(settings.home)
            if settings.corpus == "bundled" and not _is_built(settings):
                build_index(settings, progress or _silent)
        encoder, lexicon = load_encoder(settings.encoder), UserLexicon(settings.home)
        index = PassageIndex.open(settings.home, encoder, Tokeniser(lexicon.whole), writable=writable)
        return cls(settings, index, lexicon)

    @property
    def quick(self) -> bool:
        """Whether a question takes about a millisecond, so that it may run where it arrives."""
        return isinstance(self.index.encoder, StaticTable) and self.reranker is None

    def search(self, query: str, top_k: int = 5, mode: Mode = "hybrid", only: Filter | None = None) -> Retrieval:
        return self.retriever.retrieve(query, top_k, mode, only)

    def ask(
        self,
        question: str,
        earlier: Sequence[str] = (),
        top_k: int = 5,
        only: Filter | None = None,
        *,
        spelling: bool = True,
    ) -> Reply:
        """Answer a question.

        earlier  the user's questions before it, oldest first
        only     answer from the documents that pass this filter
        spelling read the question in the spelling of the documents
        raises   StaleSnapshot if the documents change faster than they can be read
        """
        earlier = earlier[-_REMEMBERED:]

        def asked() -> Reply:
            spelled = self._speller().correct(question) if spelling else Spelled(question)
            resolved = resolve(spelled.text, earlier, self._ground()) if earlier else spelled.text
            retrieval = self.retriever.retrieve(resolved, top_k, only=only)
            answer = compose(retrieval, self.index, self.settings.threshold)
            return Reply(question, resolved, answer, retrieval, spelled)

        return self.steadily(asked)

    def steadily(self, deed: Callable[[], Result]) -> Result:
        """Do a deed that finds passages and then reads their documents; again if one was deleted in between.

        raises  StaleSnapshot if the documents change faster than they can be read
        """
        for _ in range(_ATTEMPTS):
            snapshot = self.index.snapshot
            try:
                return deed()
            except StaleSnapshot:
                self.index.await_newer(snapshot)
        raise StaleSnapshot("the documents change faster than the question can be answered; ask again")

    def _speller(self) -> Speller:
        """Knows the names and words of the current snapshot."""
        with self._spelling:
            snapshot = self.index.snapshot
            if self._spells is None:
                self._spells = snapshot, Speller.of_index(self.index)
            elif self._spells[0] is not snapshot:
                names = names_in(snapshot, self.index.headings())
                self._spells = snapshot, self._spells[1].after(names, snapshot.lexical, snapshot.tokeniser)
            return self._spells[1]

    def _ground(self) -> FollowUpContext:
        snapshot = self.index.snapshot
        gazetteer = self.retriever.gazetteer(snapshot)
        return FollowUpContext.of(snapshot, gazetteer, snapshot.tokeniser, self.retriever.thesaurus(snapshot))

    def put(
        self,
        raw: bytes,
        document_id: str | None = None,
        *,
        name: str = "",
        media_type: str = "",
        title: str = "",
        fallback_id: str = "",
        replacing: bool = True,
    ) -> Kept:
        """Read bytes and keep the documents in them; durable and searchable when this returns.

        fallback_id  where neither the caller nor the content names a document
        replacing    whether a document may take the place of one whose id was made of a file's name alone
        raises       AlreadyThere where it may not; what `read` and `PassageIndex.put` raise
        """
        reading = read(raw, document_id, name=name, media_type=media_type, title=title, fallback_id=fallback_id)
        known = self.index.snapshot.documents
        if not replacing:
            require_own_places(reading, known)
        replaced = reading.documents[0].id in known
        generation = self.originals.keep(reading.documents, reading.files)
        near = near_documents(self.index.snapshot, [document.id for document in reading.documents])
        report = replace(reading.report, warnings=(*reading.report.warnings, *warnings_of(near)))
        return Kept(replace(reading, report=report, files=()), generation, replaced, near)

    def remove(self, document_ids: Collection[str]) -> int:
        """Delete documents and the files that they were read from; unknown ids are ignored. Returns the generation."""
        return self.originals.remove(document_ids)

    @property
    def lexicon_holds(self) -> bool:
        """Whether questions are asked with the lexicon that the file holds."""
        return self.index.tokeniser.lexicon == self.lexicon.whole

    @property
    def stale_passages(self) -> int:
        """How many passages are still to be cut anew for the lexicon that the file holds."""
        return 0 if self.lexicon_holds else self.index.stale_passages(self.lexicon.whole)

    def carry_lexicon(self) -> int:
        """Let questions be asked with the lexicon that the file holds; questions under way keep theirs.

        returns  the generation
        raises   StorageFull; the index is unchanged then
        """
        with self._carrying:
            self.lexicon.refresh()
            if not self.lexicon_holds:
                self.index.take_lexicon(self.lexicon.whole)
            return self.index.snapshot.generation

    def close(self) -> None:
        if self.reranker:
            self.reranker.close()
        self.feedback.close()
        self.index.close()


def near_documents(snapshot: Snapshot, kept: Sequence[str]) -> tuple[NearDocument, ...]:
    """What is nearly the same as one of these documents, the most alike first; these documents themselves left out."""
    found: dict[DocumentEntry, float] = {}
    for document_id in kept:
        for entry, alike in snapshot.near_to(document_id).items():
            if entry.id not in kept:
                found[entry] = max(alike, found.get(entry, 0.0))
    ordered = sorted(found, key=lambda entry: (-found[entry], entry.key))
    return tuple(NearDocument(entry.id, entry.title, found[entry]) for entry in ordered)


def warnings_of(near: Sequence[NearDocument]) -> list[str]:
    """A line for each document that is nearly the same, or for the first few."""
    lines = [f"nearly the same as {one.id} ({one.title}): {one.resemblance:.0%} alike" for one in near[:_MOST_WARNED]]
    return lines + [f"nearly the same as {len(near) - _MOST_WARNED} more"] * (len(near) > _MOST_WARNED)


def build_index(settings: Settings, progress: Progress) -> Built:
    """Bring the index up to the bundled corpus (unless the setting says none), the encoder and the splitter.

    raises  IndexProblem; what was committed until then stays, and the next start goes on with it
    """
    bundle = list(bundled_documents()) if settings.corpus == "bundled" else []
    unfinished = settings.home / _UNFINISHED
    _require_folder(settings.home)
    if not (settings.home / CATALOGUE).exists():
        unfinished.touch()
    encoder, tokeniser = load_encoder(settings.encoder), Tokeniser(load_lexicon(settings.home))
    built = build(settings.home, encoder, tokeniser, bundle, progress)
    unfinished.unlink(missing_ok=True)
    return built


def _require_folder(home: Path) -> None:
    """Make the folder where it is missing.

    raises  IndexUnusable if that cannot be done, or nothing can be written in it
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=home):
            pass
    except OSError as error:
        remedy = "mend its permissions or choose another folder with RAG_HOME"
        raise IndexUnusable(home, f"it cannot be written ({error.strerror})", remedy) from None


def _is_built(settings: Settings) -> bool:
    return (settings.home / CATALOGUE).exists() and not (settings.home / _UNFINISHED).exists()


def _silent(what: str, done: int, total: int) -> None:
    """Progress for nobody."""
