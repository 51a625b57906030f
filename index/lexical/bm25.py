"""The lexical index: BM25 over words and over character n-grams, persistent and incremental.  [tantivy]

Each passage has seven fields: words and grams of its own text, of its heading (title, aliases, heading
path), and of the ways in which people ask for it; and the numbers that it bears (第11条). A question is
searched with its words or with its grams, in heading and text; how the two are weighed against each
other is for the caller to decide.

tantivy weighs a word by how many passages hold it, and goes on counting deleted ones until it
merges their segment away: a document replaced five times would have words five times as common.
The weights are therefore corrected here; only the mean length still counts deleted passages.
"""

import math
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Self

import tantivy

from index.hits import Hit, best_of
from index.lexical.integrity import DamagedIndex, as_damage, verify

Unit = Literal["words", "grams"]

HEADING_WEIGHT = 0.5  # of a match in the heading, relative to one in the text
ASKED_WEIGHT = 1.0  # of a match in the similar questions
ARTICLE_SCORE = 25.0  # of the passage that is the article, chapter or item which a question names
_ANALYSER = "tokens"
_HEAP = 20_000_000  # bytes of memory for the writer
_EVERY = "passage"  # a word that every passage has in a field of its own, to count those deleted and not yet gone
_COUNTABLE = 1000  # passages up to which those that hold a token are counted; beyond, deleted ones count by their share
_UNREADABLE = "the lexical index cannot be read; start again, and it is rebuilt from the catalogue"
_ONE_BY_ONE = 100  # documents to which a search is limited by a clause for each of them
_KEPT = 8192  # tokens of which is kept what is known
_DECIMALS = 4  # of a score: tantivy adds up in an order of its own, and equal passages must have equal scores


class Tokens(NamedTuple):
    """What is searched of a passage, field by field; tokens parted by blanks (lists take ten times the memory)."""

    heading_words: str
    heading_grams: str
    words: str
    grams: str
    asked_words: str = ""
    asked_grams: str = ""
    articles: str = ""


class LexicalEntry(NamedTuple):
    """What the lexical index keeps of a passage."""

    row: int
    document_id: str
    tokens: Tokens


class _Known(NamedTuple):
    """What is known of a token.

    frequency  passages whose own text holds it
    clauses    of a query for it, one for each field where it occurs
    """

    frequency: int
    clauses: tuple[Any, ...]


class LexicalReader:
    """One unchanging state of the index."""

    def __init__(self, schema: Any, searcher: Any) -> None:
        self._schema = schema
        self._searcher = searcher
        self._counted = int(searcher.doc_freq("every", _EVERY))
        self._deleted = self._counted - len(self)
        self._tokens: dict[tuple[str, Unit], _Known] = {}

    @as_damage(_UNREADABLE)
    def search(self, tokens: Collection[str], unit: Unit, k: int, allowed: Collection[str] | None = None) -> list[Hit]:
        """The k passages with the highest BM25 (k1 1.2, b 0.75) for the tokens, each token once.

        allowed  search only passages of these documents; None for all
        returns  best first, at most k; scores to four decimals
        raises   DamagedIndex if its files were damaged after they were opened
        """
        if not tokens or (allowed is not None and not allowed):
            return []
        query = self._any_of(sorted(set(tokens)), unit)
        if allowed is not None:
            only = tantivy.Query.const_score_query(self._among(sorted(allowed)), 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, only)])
        return best_of(lambda wanted: self._ask(query, wanted), k)

    def _among(self, documents: Sequence[str]) -> Any:
        """A query for the passages of these documents; a set costs 0.4 ms before it finds anything."""
        if len(documents) > _ONE_BY_ONE:
            return tantivy.Query.term_set_query(self._schema, "document", documents)
        single = (tantivy.Query.term_query(self._schema, "document", one) for one in documents)
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in single])

    def document_frequency(self, token: str, unit: Unit) -> int:
        """In how many passages' own text the token occurs; an estimate for frequent ones where some were deleted."""
        return self._known(token, unit).frequency

    @as_damage(_UNREADABLE)
    def spread(self, token: str, unit: Unit) -> int:
        """In how many passages the token occurs, in text, heading and ways of asking: 0 where no field has it."""
        return sum(self._frequencies(token, field)[1] for field in (unit, f"heading_{unit}", f"asked_{unit}"))

    @as_damage(_UNREADABLE)
    def words(self, least: int) -> dict[str, int]:
        """Words of text and headings with how many passages hold them, deleted ones not yet gone included.

        least  leave out what fewer passages hold
        """
        found: dict[str, int] = {}
        for field in ("words", "heading_words"):
            for word, count in self._searcher.terms_with_prefix(field, ""):
                found[word] = max(found.get(word, 0), count)
        return {word: count for word, count in found.items() if count >= least}

    @as_damage(_UNREADABLE)
    def rows_holding(self, grams: Collection[str]) -> frozenset[int]:
        """Rows of the passages that hold all of these n-grams in one field."""
        fields = [self._all_of(grams, field) for field in Tokens._fields if field.endswith("grams")]
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, field) for field in fields])
        return frozenset(hit.row for hit in self._ask(query, len(self)))

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    @as_damage(_UNREADABLE)
    def rows(self) -> frozenset[int]:
        """Every row the index holds."""
        return frozenset(hit.row for hit in self._ask(tantivy.Query.all_query(), len(self)))

    def _ask(self, query: Any, wanted: int) -> list[Hit]:
        limit = min(wanted, len(self))
        if not limit:
            return []
        found = self._searcher.search(query, limit, count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in found])
        return [Hit(row, round(score, _DECIMALS)) for row, (score, _) in zip(rows, found, strict=True)]

    def _any_of(self, tokens: Iterable[str], unit: Unit) -> Any:
        return tantivy.Query.boolean_query([clause for token in tokens for clause in self._known(token, unit).clauses])

    def _all_of(self, tokens: Iterable[str], field: str) -> Any:
        queries = (tantivy.Query.term_query(self._schema, field, token) for token in tokens)
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])

    def _known(self, token: str, unit: Unit) -> "_Known":
        """Questions share most of their tokens, and to look one up and build its clauses takes as long as to search."""
        known = self._tokens.get((token, unit))
        if known is None:
            if len(self._tokens) >= _KEPT:
                self._tokens.clear()
            known = self._tokens[token, unit] = self._look_up(token, unit)
        return known

    @as_damage(_UNREADABLE)
    def _look_up(self, token: str, unit: Unit) -> "_Known":
        clauses, own = [], 0
        for field, weight in ((unit, 1.0), (f"heading_{unit}", HEADING_WEIGHT), (f"asked_{unit}", ASKED_WEIGHT)):
            counted, live = self._frequencies(token, field)
            if field == unit:
                own = live
            if counted:
                query = tantivy.Query.term_query(self._schema, field, token)
                # tantivy's weight of the token becomes the one it has without the deleted passages
                correction = _idf(len(self), live) / _idf(self._counted, counted) if self._deleted else 1.0
                boosted = tantivy.Query.boost_query(query, weight * correction)
                clauses.append((tantivy.Occur.Should, boosted))
        if token.startswith("第") and self._frequencies(token, "articles")[0]:
            query = tantivy.Query.term_query(self._schema, "articles", token)
            clauses.append((tantivy.Occur.Should, tantivy.Query.const_score_query(query, ARTICLE_SCORE)))
        return _Known(own, tuple(clauses))

    def _frequencies(self, token: str, field: str) -> tuple[int, int]:
        """In how many passages tantivy counts the token, and in how many it is."""
        counted = int(self._searcher.doc_freq(field, token))
        if not counted or not self._deleted:
            return counted, counted
        if counted > _COUNTABLE:
            return counted, round(counted * len(self) / self._counted)
        query = tantivy.Query.term_query(self._schema, field, token)
        return counted, int(self._searcher.search(query, 1, count=True).count)


def _idf(passages: int, frequency: int) -> float:
    """BM25's weight of a token that occurs in so many of the passages (source: Robertson, Zaragoza 2009)."""
    return math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5))


class LexicalIndex:
    """The index, on disk or in memory. Opened for writing by one process at a time (tantivy's own lock)."""

    def __init__(self, index: Any, writer: Any | None, *, on_disk: bool) -> None:
        self.on_disk = on_disk
        self._index = index
        self._writer = writer

    @classmethod
    def open(cls, folder: Path, *, writable: bool, noted: Mapping[str, int] = MappingProxyType({})) -> Self:
        """Open the index, checksums verified first; an absent or empty folder gives an empty index.

        noted   checksums of files as they were noted before (see `segments.verify`)
        raises  DamagedIndex if a file is missing, fails its checksum, cannot be parsed or cannot be written
        """
        with as_damage(folder):
            if not verify(folder, noted) and not writable:
                return cls.in_memory()
            folder.mkdir(parents=True, exist_ok=True)
            return cls._of(tantivy.Index(_schema(), path=str(folder)), writable=writable, on_disk=True)

    @classmethod
    def in_memory(cls) -> Self:
        """An empty index that never touches the disk."""
        return cls._of(tantivy.Index(_schema()), writable=True, on_disk=False)

    @classmethod
    def _of(cls, index: Any, *, writable: bool, on_disk: bool) -> Self:
        index.register_tokenizer(_ANALYSER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        index.config_reader("Manual", 1)  # else a thread watches the folder for commits of others
        return cls(index, index.writer(heap_size=_HEAP, num_threads=1) if writable else None, on_disk=on_disk)

    def change(self, removed: Collection[int], added: Iterable[LexicalEntry]) -> LexicalReader:
        """Take rows out and put entries in, in one commit; return a reader of the new state.

        raises  DamagedIndex if it cannot be written; nothing is known then of what was, so open it anew
        """
        if self._writer is None:
            raise RuntimeError("the lexical index is closed or was opened for reading only")
        with as_damage("the lexical index cannot be written"):
            if removed:
                # delete_documents_by_term takes numbers too, but makes signed terms of them and deletes nothing
                gone = tantivy.Query.term_set_query(self._index.schema, "row", sorted(removed))
                self._writer.delete_documents_by_query(gone)
            for entry in added:
                self._writer.add_document(_document(entry))
            self._writer.commit()
        return self.reader()

    def reader(self) -> LexicalReader:
        """The state of the last commit.

        raises  DamagedIndex if its files cannot be read
        """
        with as_damage(_UNREADABLE):
            if self._writer is not None:  # a reader stays with the commit it opened: another process may write on
                self._index.reload()
            return LexicalReader(self._index.schema, self._index.searcher())

    def close(self) -> None:
        """Wait for merges and give the lock back; what was not committed is dropped. Never fails."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(DamagedIndex), as_damage("the lexical index"):
                writer.wait_merging_threads()


def discard(folder: Path) -> None:
    """Delete the index's files, so that it can be rebuilt from the catalogue.

    raises  DamagedIndex if they cannot be deleted
    """
    with as_damage(folder), suppress(FileNotFoundError):
        shutil.rmtree(folder)


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", indexed=True, fast=True)
    for name in ("document", "every"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in Tokens._fields:
        builder.add_text_field(name, tokenizer_name=_ANALYSER, index_option="freq")
    return builder.build()


def _document(entry: LexicalEntry) -> Any:
    document = tantivy.Document()
    document.add_unsigned("row", entry.row)
    document.add_text("document", entry.document_id)
    document.add_text("every", _EVERY)
    for name, tokens in zip(Tokens._fields, entry.tokens, strict=True):
        document.add_text(name, tokens)
    return document
