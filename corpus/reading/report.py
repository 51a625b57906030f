"""What reading a file gives: its documents, the report, and the files they were read from."""

from dataclasses import dataclass

from corpus.document import Document


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest found; counts are of the article itself, `documents` of everything made from the input."""

    format: str
    encoding: str
    encoding_confidence: float
    documents: int
    pages: int
    sections: int
    passages: int
    characters: int
    dropped: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """A file that documents were read from, and all that `read` was told with it: reading it again gives them again.

    ids  of the documents, those found in attachments and snippets left out
    """

    raw: bytes
    name: str
    media_type: str
    title: str
    given_id: str
    fallback_id: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Documents made from one input, the main one first, the report, and the files they were read from."""

    documents: tuple[Document, ...]
    report: Report
    files: tuple[OriginalFile, ...] = ()
