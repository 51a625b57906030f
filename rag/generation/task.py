"""What the LLM is given (question, numbered passages, the answer that stands without it) and what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from corpus.document import Document
from corpus.passage import Passage
from index.store.catalogue import DocumentEntry
from rag.answer.composition import Answer
from rag.generation.llm_errors import Degraded
from rag.retrieval.evidence import Retrieval

EXTRACTIVE: Final = "extractive"
MOST_PASSAGES: Final = 8
MOST_CHARACTERS: Final = 6000  # code points of all passages together


@dataclass(frozen=True, slots=True)
class GivenPassage:
    """A passage under the number by which the LLM cites it, from 1."""

    number: int
    document: Document
    passage: Passage

    @property
    def names(self) -> tuple[str, ...]:
        return (self.document.title, *self.document.aliases)

    @property
    def heading(self) -> str:
        """Names of the document and the heading path."""
        return " ".join((*self.names, *self.passage.section))


@dataclass(frozen=True, slots=True)
class Task:
    """One question to be answered in words.

    question    made whole from the turns before it
    passages    best first; all on the generation on which `extractive` was found
    extractive  the answer from quotes, which holds where the LLM fails
    """

    question: str
    passages: tuple[GivenPassage, ...]
    extractive: Answer


@dataclass(frozen=True, slots=True)
class Worded:
    """An answer and who worded it: a model by name, or `extractive`. dropped: sentences that were not borne out."""

    answer: Answer
    generated_by: str
    degraded: tuple[Degraded, ...] = ()
    dropped: int = 0


def task_of(
    question: str, extractive: Answer, retrieval: Retrieval, document: Callable[[DocumentEntry], Document]
) -> Task:
    """The best passages of a retrieval, as many as an LLM reads in reasonable time.

    document  gives the whole document of an entry: `PassageIndex.document`
    raises    StaleSnapshot if a document was deleted meanwhile
    """
    given: list[GivenPassage] = []
    room = MOST_CHARACTERS
    for evidence in retrieval.evidence[:MOST_PASSAGES]:
        room -= len(evidence.found.passage.text)
        if given and room < 0:
            break
        given.append(GivenPassage(len(given) + 1, document(evidence.document), evidence.found.passage))
    return Task(question, tuple(given), extractive)
