"""A service on a temporary index, for sets that bring their own documents."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from corpus.cleaning import clean
from corpus.document import ID_FORM, Document, Section
from index.building import Progress
from index.encoder.text_encoder import Encoder
from index.lexical.tokeniser import Tokeniser
from index.passage_index import PassageIndex
from rag.evaluation.case import TextRow
from rag.service import Service
from rag.settings import Settings

_AT_ONCE = 1024  # documents committed together


@contextmanager
def temporary_service(
    settings: Settings, encoder: Encoder, tokeniser: Tokeniser, documents: Iterable[Document], progress: Progress
) -> Iterator[Service]:
    """Index documents in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="rag-evaluation-") as folder:
        home = Path(folder)
        own = settings.model_copy(update={"home": home, "corpus": "none"})
        service = Service(own, PassageIndex.open(home, encoder, tokeniser, writable=True))
        try:
            _put(service.index, list(documents), progress)
            yield service
        finally:
            service.close()


def inner_id(row_id: str) -> str:
    """The row's id where it may name a document, else a name made of its hash."""
    return row_id if ID_FORM.fullmatch(row_id) else "x" + hashlib.sha256(row_id.encode()).hexdigest()[:24]


def document_of(row: TextRow) -> Document:
    """One document of one section: nothing in the row's text is taken for a heading."""
    text = clean(row.text).text
    title = " ".join(clean(row.title).text.split()) or row.id
    return Document(id=inner_id(row.id), title=title, text=text, sections=(Section((), 0, len(text)),))


def outer_ids(rows: Iterable[TextRow]) -> dict[str, str]:
    """id in the index → id in the set, only where they differ."""
    return {inner_id(row.id): row.id for row in rows if inner_id(row.id) != row.id}


def _put(passage_index: PassageIndex, documents: Sequence[Document], progress: Progress) -> None:
    for start in range(0, len(documents), _AT_ONCE):
        progress("indexing documents", start, len(documents))
        passage_index.put(documents[start : start + _AT_ONCE])
    progress("indexing documents", len(documents), len(documents))
