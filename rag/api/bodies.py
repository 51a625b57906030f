"""From values to the JSON of the contract."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from corpus.document import Document, Source
from index.passage_index import PassageIndex, Snapshot
from index.store.catalogue import DocumentEntry
from rag.answer.citation import Citation, cite
from rag.content.similar_questions import PlacedQuestion
from rag.reader.relevance import Model, bundled_model
from rag.retrieval.analysis import Analysis
from rag.retrieval.deduplication import Duplicate
from rag.retrieval.evidence import Evidence, Retrieval
from rag.retrieval.features import IN_MEANING, IN_WORDS
from rag.retrieval.highlighting import Matcher
from rag.service import Kept, Reply

_OF_SOURCE = tuple(field.name for field in fields(Source))


def citation_body(citation: Citation) -> dict[str, Any]:
    return {
        "index": citation.index,
        "document_id": citation.document_id,
        "title": citation.title,
        "section": citation.section,
        "page": citation.page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "quote_sha256": citation.quote_sha256,
        "before": citation.before,
        "after": citation.after,
        "sources": [{name: getattr(source, name) for name in _OF_SOURCE} for source in citation.sources],
    }


def result_body(evidence: Evidence, index: PassageIndex, model: Model | None) -> dict[str, Any]:
    """One passage; with a model, its explanation too.

    raises  StaleSnapshot if the document was deleted meanwhile
    """
    passage = evidence.found.passage
    document = index.document(evidence.document)
    body = {
        "rank": evidence.rank,
        "relevance": round(evidence.relevance, 4),
        "passage_id": passage.id,
        "text": passage.text,
        "also_in": [_duplicate_body(duplicate, index) for duplicate in evidence.also_in],
        "citation": citation_body(cite(evidence.rank, document, passage, evidence.best.start, evidence.best.end)),
        "scores": _scores_body(evidence),
    }
    if evidence.reread is not None:
        body["reranked"] = {"score": round(evidence.reread.score, 4), "rank": evidence.reread.rank}
    if model is not None:
        body["explanation"] = _explanation_body(evidence, model)
    return body


def _explanation_body(evidence: Evidence, model: Model) -> dict[str, Any]:
    """How relevance and place come about: by the reader, or by the features where there is none."""
    judged, features = evidence.judged, evidence.features
    if judged is not None:
        shares = {name: share for name, share in judged.odds_shares.items() if name != "bias"}
        values, order, bias = judged.features, judged.order_shares, judged.odds_shares["bias"]
    else:
        assert features is not None
        values, order, bias = features._asdict(), model.order_shares(features), model.bias(features)
        shares = model.odds_shares(features)
    return {
        "bias": bias,
        "features": _rounded(values),
        "log_odds_shares": _rounded(shares),
        "order_shares": _rounded(order),
    }


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


def search_body(retrieval: Retrieval, index: PassageIndex, model: Model | None) -> dict[str, Any]:
    return {
        "query": retrieval.question.text,
        "mode": retrieval.mode,
        "generation": retrieval.generation,
        "results": _results(retrieval, index, model),
        "timing_ms": retrieval.timing,
        "degraded": retrieval.degraded,
    }


def reply_body(reply: Reply, index: PassageIndex, degraded: list[str]) -> dict[str, Any]:
    answer = reply.answer
    return {
        "question": reply.question,
        "resolved_question": reply.resolved,
        "understood": {
            "notice": reply.spelled.notice,
            "spelling": [one._asdict() for one in reply.spelled.corrections],
            "intent": reply.retrieval.question.intent,
        },
        "status": answer.status,
        "answer": answer.text,
        "statements": [{"text": s.text, "citations": s.citations, "kind": s.kind} for s in answer.statements],
        "disagreement": answer.disagreement,
        "unanswered": answer.unanswered,
        "gaps": answer.gaps,
        "citations": [citation_body(citation) for citation in answer.citations],
        "passages": _results(reply.retrieval, index, None),
        "relevance": answer.relevance,
        "generated_by": "extractive",
        "generation": reply.retrieval.generation,
        "timing_ms": reply.retrieval.timing,
        "degraded": [*reply.retrieval.degraded, *degraded],
    }


def duplicates_of(citation: Citation, passages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Where else the passage stands that a quote was cut from, as `also_in` of the passages shown tells it.

    passages  of the same answer; a quote of a passage that is not among them stands nowhere else that is known
    """
    place = (citation.document_id, citation.start - len(citation.before))
    shown = ((one["citation"], one["also_in"]) for one in passages)
    return next(
        (
            duplicates
            for best, duplicates in shown
            if (best["document_id"], best["start"] - len(best["before"])) == place
        ),
        [],
    )


def kept_body(kept: Kept, orphans: Sequence[PlacedQuestion]) -> dict[str, Any]:
    """orphans: similar questions that lead nowhere in these documents."""
    main, *_ = kept.reading.documents
    return {
        "id": main.id,
        "title": main.title,
        "replaced": kept.replaced,
        "documents": kept.ids,
        "orphaned_askings": [one.similar.number for one in orphans],
        "generation": kept.generation,
        "near_duplicates": [asdict(one) for one in kept.near],
        "report": asdict(kept.reading.report),
    }


def summary_body(entry: DocumentEntry, snapshot: Snapshot) -> dict[str, Any]:
    body = asdict(entry)
    del body["key"]
    return body | {"near_duplicates": near_body(entry.id, snapshot)}


def near_body(document_id: str, snapshot: Snapshot) -> list[dict[str, Any]]:
    """The near duplicates of a document, the most alike first."""
    found = snapshot.near_to(document_id).items()
    return [{"id": other.id, "title": other.title, "resemblance": alike} for other, alike in found]


def similar_question_body(shown: PlacedQuestion) -> dict[str, Any]:
    similar = shown.similar
    return {
        "id": similar.number,
        "text": similar.text,
        "state": shown.state,
        "origin": similar.origin,
        "section": similar.section,
        "quote": similar.quote or None,
        "spans": shown.spans,
    }


def document_body(
    entry: DocumentEntry, document: Document, snapshot: Snapshot, similar_questions: Sequence[PlacedQuestion] = ()
) -> dict[str, Any]:
    """similar questions: those kept beside the document; what was only proposed is left out."""
    record = document.to_record()
    names = ("text", "sections", "sources", "attributions", "disagreements", "related", "pages", "asked")
    shown = [similar_question_body(one) for one in similar_questions if one.similar.approved]
    return summary_body(entry, snapshot) | {name: record[name] for name in names} | {"askings": shown}


def _duplicate_body(duplicate: Duplicate, index: PassageIndex) -> dict[str, Any]:
    """Another document in which a passage stands, with the newest source of it there."""
    start, end = duplicate.passage.start, duplicate.passage.end
    sources = index.document(duplicate.document).sources_of(start, end)
    newest = max(sources, key=lambda source: source.date, default=Source(""))
    return {
        "document_id": duplicate.document.id,
        "title": duplicate.document.title,
        "publisher": newest.publisher,
        "date": newest.date,
        "address": newest.url,
        "start": start,
        "end": end,
    }


def _results(retrieval: Retrieval, index: PassageIndex, model: Model | None) -> list[dict[str, Any]]:
    """The passages of a question, with its words in them."""
    matcher = Matcher(retrieval.question, retrieval.weights.kin)
    return [
        result_body(one, index, model) | {"matches": matcher.spans(one.found.passage.text)}
        for one in retrieval.evidence
    ]


def _scores_body(evidence: Evidence) -> dict[str, Any]:
    """Score and rank in each index that found the passage, and how much words or meaning add to its place."""
    in_words, in_meaning = _shares(evidence)
    scored = (
        ("lexical", evidence.lexical, in_words),
        ("dense", evidence.dense, in_meaning),
    )
    total = sum(share for _, hit, share in scored if hit)
    return {
        name: {
            "score": round(hit.score, 4),
            "rank": hit.rank,
            "share": round(share / total, 4) if total > 0 else 0.0,
        }
        for name, hit, share in scored
        if hit
    }


def analysis_body(text: str, found: Analysis) -> dict[str, Any]:
    def told(what: str, start: int, end: int) -> dict[str, Any]:
        raw_start, raw_end = found.folded.raw_span(start, end)
        return {"text": what, "start": raw_start, "end": raw_end}

    numbers = [
        {"value": format(one.value, "f"), "unit": one.unit, "start": one.start, "end": one.end} for one in found.numbers
    ]
    wordings = [
        told(one.text, one.start, one.end)
        | {
            "used": used,
            "others": [{"text": other, "origin": whose} for other, whose in zip(one.others, whose_each, strict=True)],
        }
        for (one, whose_each), used in zip(found.wordings, found.used, strict=True)
    ]
    return {
        "text": text,
        "folded": found.folded.text,
        "words": [told(one.text, one.start, one.end) for one in found.words],
        "grams": found.grams,
        "numbers": numbers,
        "lexicon": [told(one.text, one.start, one.end) | {"origin": origin} for one, origin in found.lexicon],
        "wordings": wordings,
        "sought": [kind.name for kind in found.answer_types],
        "lexicon_version": found.snapshot.tokeniser.lexicon.version,
        "generation": found.snapshot.generation,
    }


def _shares(evidence: Evidence) -> tuple[float, float]:
    """How much words and meaning add to its place."""
    judged, features = evidence.judged, evidence.features
    if judged is not None:
        shares = judged.order_shares
        words = max(0.0, shares["lexical"]) + max(0.0, shares["similar_question"])
        return words, max(0.0, shares["maxsim"]) + max(0.0, shares["cosine"])
    assert features is not None
    known = bundled_model().order_shares(features)
    return sum(known[name] for name in IN_WORDS), sum(known[name] for name in IN_MEANING)
