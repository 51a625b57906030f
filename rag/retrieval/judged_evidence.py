"""Evidence where a judge reads what was found: it orders the passages, and says which answer and with what."""

from collections.abc import Sequence
from dataclasses import replace

from index.articles import articles_of
from index.encoder.late_interaction import Encoded
from index.encoder.passage_text import encoded_text
from index.lexical.tokeniser import ARTICLE_TOKEN, Tokeniser
from index.passage_index import PassageIndex, Snapshot, StaleSnapshot
from index.store.cache import Cache
from index.store.catalogue import DocumentEntry, PassageRow
from rag.query.question import Question
from rag.retrieval.evidence import Evidence
from rag.retrieval.fusion import FusedHits
from rag.retrieval.judging import Candidate, Judge, Judged, JudgedQuotes, ReadPassage, likeness
from rag.retrieval.searching import Search

DECIMALS = 9  # of a place: sums over arrays may differ behind them for passages that are equal
_KEPT = 4096  # passages whose sentences are kept in memory


class JudgedEvidence:
    """Has a judge read passages."""

    def __init__(self, index: PassageIndex, judge: Judge) -> None:
        self._index = index
        self._judge = judge
        self._passages: Cache[int, ReadPassage] = Cache(_KEPT)

    def find(
        self, search: Search, question: Question, encoded: Encoded, fused: FusedHits, rows: Sequence[int]
    ) -> list[Evidence]:
        """What the judge says of the passages in these rows, best first.

        raises  StaleSnapshot if one of them was deleted meanwhile
        """
        with search.clock.stage("rank"):
            found = self._index.passages(rows)
            passages = [found[row] for row in rows]
            entries = [entry_of(search.snapshot, one) for one in passages]
            judged = self._judge.judge(question.text, encoded, self._candidates(question, fused, passages, entries))
            evidence = [
                self._evidence(fused, one, entry, said)
                for one, entry, said in zip(passages, entries, judged, strict=True)
            ]
            if search.mode == "hybrid":
                evidence.sort(key=lambda one: -round(one.place, DECIMALS))  # stable: ties keep the indexes' order
                put_articles_first(evidence, question, search.snapshot.tokeniser)
        return evidence

    def _candidates(
        self, question: Question, fused: FusedHits, passages: Sequence[PassageRow], entries: Sequence[DocumentEntry]
    ) -> list[Candidate]:
        vectors = self._index.vectors
        if vectors is None:
            raise TypeError(f"encoder {self._index.encoder.name} has no vectors of tokens to be judged by")
        texts = [encoded_text(entry.title, one.passage) for entry, one in zip(entries, passages, strict=True)]
        relative = fused.relative_scores([one.row for one in passages])
        return [
            Candidate(one, text, held, lead, fused.scores(one.row).cosine, likeness(question.folded, one.passage.asked))
            for one, text, held, lead in zip(passages, texts, vectors.of(passages, texts), relative, strict=True)
        ]

    def _evidence(self, fused: FusedHits, found: PassageRow, entry: DocumentEntry, judged: Judged) -> Evidence:
        return Evidence(
            rank=0,
            place=judged.place,
            relevance=judged.relevance,
            found=found,
            document=entry,
            annotated=self._read(found),
            quotes=JudgedQuotes(judged),
            lexical=fused.lexical_hit(found.row),
            dense=fused.dense_hit(found.row),
            features=None,
        )

    def _read(self, found: PassageRow) -> ReadPassage:
        held = self._passages.get([found.row])
        if not held:
            held = {found.row: ReadPassage.of(found)}
            self._passages.keep(held)
        return held[found.row]


def put_articles_first(evidence: list[Evidence], question: Question, tokeniser: Tokeniser) -> None:
    """Where a question names an article, let the passages that are this article come first, as relevant as any."""
    named = {word for word in question.words if ARTICLE_TOKEN.fullmatch(word)}
    if not named:
        return
    highest = max(one.relevance for one in evidence)
    for at, one in enumerate(evidence):
        if named <= set(articles_of(tokeniser, one.found.passage)):
            evidence[at] = replace(one, relevance=highest)
    evidence.sort(key=lambda one: not named <= set(articles_of(tokeniser, one.found.passage)))


def entry_of(snapshot: Snapshot, found: PassageRow) -> DocumentEntry:
    """The document of a passage, as this snapshot knows it."""
    entry = snapshot.documents.get(found.passage.document_id)
    if entry is None or entry.key != found.document_key:
        raise StaleSnapshot(f"{found.passage.document_id} was replaced meanwhile")
    return entry
