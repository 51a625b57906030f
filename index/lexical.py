"""The lexical leg: BM25 over words and over character n-grams, persistent and incremental.  [tantivy]

Each passage has four fields: words and grams of its own text, words and grams of its heading
(title, aliases, heading path). A question is searched with its words or with its grams, in
heading and text; how the two are weighed against each other is for the caller to decide.
"""

import json
import shutil
import struct
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import tantivy

from index.hits import Hit, best

Unit = Literal["words", "grams"]

HEADING_WEIGHT = 0.5  # of a match in the heading, relative to one in the text
_ANALYSER = "tokens"
_HEAP = 20_000_000  # bytes of memory for the writer
_FOOTER_MAGIC = 1337  # closes every tantivy file, after the length of its footer


class DamagedLeg(ValueError):
    """Files of the lexical leg that fail their checksum or do not belong together."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the lexical leg keeps of a passage: its row, its document's id, and tokens for each field."""

    row: int
    document_id: str
    heading_words: Sequence[str]
    heading_grams: Sequence[str]
    words: Sequence[str]
    grams: Sequence[str]


class LexicalReader:
    """One unchanging state of the leg."""

    def __init__(self, schema: Any, searcher: Any) -> None:
        self._schema = schema
        self._searcher = searcher

    def search(self, tokens: Collection[str], unit: Unit, k: int, allowed: Collection[str] | None = None) -> list[Hit]:
        """The k passages with the highest BM25 (k1 1.2, b 0.75) for the tokens.

        allowed  search only passages of these documents; None for all
        returns  best first, at most k, every score above 0
        """
        if not tokens or not k:
            return []
        query = self._any_of(sorted(set(tokens)), unit)
        if allowed is not None:
            members = tantivy.Query.term_set_query(self._schema, "document", sorted(allowed))
            only = tantivy.Query.const_score_query(members, 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, only)])
        found = self._searcher.search(query, k, count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in found])
        return best((Hit(row, score) for row, (score, _) in zip(rows, found, strict=True)), k)

    def document_frequency(self, token: str, unit: Unit) -> int:
        """In how many passages' own text the token occurs."""
        return int(self._searcher.doc_freq(unit, token))

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def rows(self) -> frozenset[int]:
        """Every row the leg holds."""
        count = len(self)
        if not count:
            return frozenset()
        found = self._searcher.search(tantivy.Query.all_query(), count, count=False).hits
        return frozenset(self._searcher.fast_field_values("row", [address for _, address in found]))

    def _any_of(self, tokens: Iterable[str], unit: Unit) -> Any:
        clauses = []
        for token in tokens:
            text = tantivy.Query.term_query(self._schema, unit, token)
            heading = tantivy.Query.term_query(self._schema, f"heading_{unit}", token)
            clauses.append((tantivy.Occur.Should, text))
            clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(heading, HEADING_WEIGHT)))
        return tantivy.Query.boolean_query(clauses)


class LexicalLeg:
    """The leg on disk. Opened for writing by one process at a time (tantivy's own lock)."""

    def __init__(self, folder: Path, index: Any, writer: Any | None) -> None:
        self._folder = folder
        self._index = index
        self._writer = writer

    @classmethod
    def open(cls, folder: Path, *, writable: bool) -> Self:
        """Open the leg, checksums verified first; an absent or empty folder gives an empty leg.

        raises  DamagedLeg if a file is missing, fails its checksum or cannot be parsed
        """
        verify(folder)
        try:
            if writable:
                folder.mkdir(parents=True, exist_ok=True)
                index = tantivy.Index(_schema(), path=str(folder))
            elif (folder / "meta.json").exists():
                index = tantivy.Index.open(str(folder))
            else:
                index = tantivy.Index(_schema())
            index.register_tokenizer(_ANALYSER, _analyser())
            writer = index.writer(heap_size=_HEAP, num_threads=1) if writable else None
        except ValueError as error:
            raise DamagedLeg(f"{folder}: {error}") from None
        return cls(folder, index, writer)

    @classmethod
    def in_memory(cls) -> Self:
        """A leg that lives in memory, for readers that must not touch the disk."""
        index = tantivy.Index(_schema())
        index.register_tokenizer(_ANALYSER, _analyser())
        return cls(Path(), index, index.writer(heap_size=_HEAP, num_threads=1))

    def change(self, removed: Iterable[int], added: Iterable[Entry]) -> LexicalReader:
        """Take rows out and put entries in, in one commit; return a reader of the new state."""
        if self._writer is None:
            raise RuntimeError("the lexical leg was opened for reading only")
        for row in removed:
            self._writer.delete_documents_by_term("row", row)
        for entry in added:
            self._writer.add_document(_document(entry))
        self._writer.commit()
        return self.reader()

    def reader(self) -> LexicalReader:
        self._index.reload()
        return LexicalReader(self._index.schema, self._index.searcher())

    def close(self) -> None:
        """Wait for merges and give the lock back."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None


def discard(folder: Path) -> None:
    """Delete the leg's files, so that it can be rebuilt from the catalogue."""
    shutil.rmtree(folder, ignore_errors=True)


def verify(folder: Path) -> None:
    """Check every file of the leg before tantivy sees it.

    tantivy closes each file with a footer that holds a CRC-32 of the bytes before it.
    raises  DamagedLeg naming the first file that is missing or fails
    """
    listing = folder / ".managed.json"
    if not listing.exists():
        if (folder / "meta.json").exists():
            raise DamagedLeg(f"{listing} is missing")
        return
    try:
        segments = {segment["segment_id"].replace("-", "") for segment in _json(folder / "meta.json")["segments"]}
        managed = _json(listing)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedLeg(f"{folder}: the list of its files cannot be read ({type(error).__name__})") from None
    present = {path.name for path in folder.iterdir()}
    for name in sorted(set(managed)):
        stem = Path(name).stem.split(".")[0]
        if name in present and stem in segments:
            _verify_file(folder / name)
    for segment in segments:
        if not any(name.startswith(segment) for name in present):
            raise DamagedLeg(f"{folder}: segment {segment} is missing")


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _verify_file(path: Path) -> None:
    content = path.read_bytes()
    try:
        length, magic = struct.unpack("<II", content[-8:])
        footer = json.loads(content[-8 - length : -8])
        expected = footer["crc"]
    except (struct.error, ValueError, KeyError, TypeError):
        raise DamagedLeg(f"{path} has no footer") from None
    if magic != _FOOTER_MAGIC or zlib.crc32(content[: -8 - length]) != expected:
        raise DamagedLeg(f"{path} fails its checksum")


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", indexed=True, fast=True)
    builder.add_text_field("document", tokenizer_name="raw", index_option="basic")
    for name in ("heading_words", "heading_grams", "words", "grams"):
        builder.add_text_field(name, tokenizer_name=_ANALYSER, index_option="freq")
    return builder.build()


def _analyser() -> Any:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def _document(entry: Entry) -> Any:
    document = tantivy.Document()
    document.add_unsigned("row", entry.row)
    document.add_text("document", entry.document_id)
    for name in ("heading_words", "heading_grams", "words", "grams"):
        document.add_text(name, " ".join(getattr(entry, name)))
    return document
