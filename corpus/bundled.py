"""The bundled knowledge base: `corpus/documents/*.md`."""

from collections.abc import Iterator
from importlib.resources import files

from corpus.document import Document
from corpus.reading import read


def bundled_documents() -> Iterator[Document]:
    """Every bundled document, by id."""
    folder = files("corpus") / "documents"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".md"):
            yield read(entry.read_bytes(), name=entry.name).documents[0]
