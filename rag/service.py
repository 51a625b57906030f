"""The service: one index, one retriever, and the few deeds that the web, the command line and programs share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from corpus.bundled import bundled_documents
from corpus.lexicon import bundled_lexicon
from corpus.reading import Reading, read
from index.building import Built, Progress, build
from index.encoder import StaticTable, load_encoder
from index.passage_index import CATALOGUE, PassageIndex, StaleSnapshot
from index.tokens import Tokeniser
from rag.answer import Answer, compose
from rag.conversation import resolve
from rag.retrieval import Filter, Mode, Retrieval, Retriever
from rag.settings import Settings

_ATTEMPTS = 5  # how often a question that ran into a deletion is asked again


@dataclass(frozen=True, slots=True)
class Reply:
    """Everything said to one question. resolved is the question made whole from the turns before it."""

    question: str
    resolved: str
    answer: Answer
    retrieval: Retrieval


@dataclass(frozen=True, slots=True)
class Kept:
    """An acknowledged ingest: what was read, the ids kept, and the generation from which they can be found."""

    reading: Reading
    generation: int
    replaced: bool


class Service:
    """Open one with `Service.open`, close it when done."""

    def __init__(self, settings: Settings, index: PassageIndex) -> None:
        self.settings = settings
        self.index = index
        self.retriever = Retriever(index)

    @classmethod
    def open(cls, settings: Settings, *, writable: bool, progress: Progress | None = None) -> Self:
        """Open the index of these settings.

        writable  take the writer's lock; an empty home is filled with the bundled corpus first
        raises    IndexProblem (EncoderUnavailable, IndexUnusable, IndexLocked)
        """
        if writable and settings.corpus == "bundled" and not (settings.home / CATALOGUE).exists():
            build_index(settings, progress or _silent)
        encoder = load_encoder(settings.encoder)
        index = PassageIndex.open(settings.home, encoder, Tokeniser(bundled_lexicon()), writable=writable)
        return cls(settings, index)

    @property
    def quick(self) -> bool:
        """Whether a question takes about a millisecond, so that it may run where it arrives."""
        return isinstance(self.index.encoder, StaticTable)

    def search(self, query: str, top_k: int = 5, mode: Mode = "hybrid", only: Filter | None = None) -> Retrieval:
        return self.retriever.retrieve(query, top_k, mode, only)

    def ask(self, question: str, earlier: Sequence[str] = (), top_k: int = 5) -> Reply:
        """Answer a question.

        earlier  the user's questions before it, oldest first
        raises   StaleSnapshot if the documents change faster than they can be read
        """
        for _ in range(_ATTEMPTS):
            resolved = resolve(question, self._whole(earlier), self.retriever.subjects(self.index.snapshot)) if earlier else question
            retrieval = self.retriever.retrieve(resolved, top_k)
            try:
                return Reply(question, resolved, compose(retrieval, self.index, self.settings.threshold), retrieval)
            except StaleSnapshot:
                continue
        raise StaleSnapshot("the documents change faster than the question can be answered; ask again")

    def put(self, raw: bytes, document_id: str | None = None, *, name: str = "", media_type: str = "", title: str = "") -> Kept:
        """Read bytes and keep the documents in them; durable and searchable when this returns."""
        reading = read(raw, document_id, name=name, media_type=media_type, title=title)
        replaced = reading.documents[0].id in self.index.snapshot.documents
        return Kept(reading, self.index.put(reading.documents), replaced)

    def close(self) -> None:
        self.index.close()

    def _whole(self, earlier: Sequence[str]) -> list[str]:
        """The earlier questions, each made whole from those before it."""
        whole: list[str] = []
        for question in earlier:
            whole.append(resolve(question, whole, self.retriever.subjects(self.index.snapshot)))
        return whole


def build_index(settings: Settings, progress: Progress) -> Built:
    """Bring the index up to the bundled corpus (unless the setting says none), the encoder and the splitter."""
    bundle = list(bundled_documents()) if settings.corpus == "bundled" else []
    return build(settings.home, load_encoder(settings.encoder), Tokeniser(bundled_lexicon()), bundle, progress)


def _silent(what: str, done: int, total: int) -> None:
    """Progress for nobody."""
