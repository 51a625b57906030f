"""The bundled knowledge base: `corpus/documents/*.md`."""

from collections.abc import Iterator, Mapping
from importlib.resources import files

from corpus.document import Document
from corpus.reading import read


def bundled_documents() -> Iterator[Document]:
    """Every bundled document, in the order of the file names."""
    for name, raw in _files():
        yield read(raw, name=name).documents[0]


def bundled_texts() -> Mapping[str, str]:
    """The Markdown text of every bundled document by file name without suffix."""
    return {name.removesuffix(".md"): raw.decode() for name, raw in _files()}


def _files() -> Iterator[tuple[str, bytes]]:
    folder = files("corpus") / "documents"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".md"):
            yield entry.name, entry.read_bytes()
