"""Verifying: whether catalogue, indexes and encoder agree, down to the last character."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from index.encoder.passage_text import encoded_text
from index.encoder.text_encoder import Encoder
from index.errors import IndexUnusable
from index.store.catalogue import Catalogue
from index.store.minhash import resemblance, signature_of
from index.store.similar_questions import SimilarQuestions, by_document, with_similar_questions

_SAMPLE = 64  # passages that are encoded again
_EQUAL = 0.999  # cosine from which two vectors of one text count as equal


def verify(catalogue: Catalogue, encoder: Encoder, indexes: Mapping[str, frozenset[int]]) -> list[str]:
    """Problems found; empty when all is sound.

    indexes  the rows that each index holds, by its name
    """
    problems = catalogue.check()
    try:
        due = {"dense": catalogue.encoded_rows(), "lexical": catalogue.rows()}
        for name, held in indexes.items():
            rows = due[name]
            if held != rows:
                problems.append(
                    f"the {name} index misses {len(rows - held)} passages and holds {len(held - rows)} too many"
                )
        wrong = _wrong_passages(catalogue, by_document(catalogue.similar_questions()))
        return [*problems, *wrong, *_wrong_vectors(catalogue, encoder), *_wrong_signatures(catalogue)]
    except IndexUnusable as error:
        return [*problems, error.reason] if error.reason not in problems else problems


def _wrong_passages(catalogue: Catalogue, similar_questions: SimilarQuestions) -> list[str]:
    """Documents that are not what was kept, passages that are no slice of theirs or not asked for as they should be."""
    problems = []
    rows = catalogue.rows_by_document()
    for entry in catalogue.documents():
        document = catalogue.document(entry.key)
        if document is None or document.content_hash != entry.content_hash:
            problems.append(f"document {entry.id} is not the one that was kept")
            continue
        kept = [found.passage for found in catalogue.passages(rows.get(entry.key, range(0)))]
        bare = [replace(passage, asked=document.asked_of(passage.start, passage.end)) for passage in kept]
        for passage, due in zip(
            kept, with_similar_questions(document, bare, similar_questions.get(entry.id, ())), strict=True
        ):
            if document.text[passage.start : passage.end] != passage.text:
                problems.append(f"passage {passage.id} is not the slice of its document")
            elif passage.asked != due.asked:
                problems.append(f"passage {passage.id} is not asked for as its document and its similar questions say")
    return problems


def _wrong_vectors(catalogue: Catalogue, encoder: Encoder) -> list[str]:
    """Passages, of an even sample, whose vector is not what the encoder gives today."""
    rows = sorted(catalogue.encoded_rows())
    sample = rows[:: max(1, len(rows) // _SAMPLE)]
    if not sample:
        return []
    titles = {entry.key: entry.title for entry in catalogue.documents()}
    found = list(catalogue.passages(sample))
    anew = encoder.encode([encoded_text(titles[one.document_key], one.passage) for one in found])
    kept = catalogue.vectors_of(sample, encoder.dimension)
    cosines = np.einsum("nd,nd->n", anew, kept)
    same = (cosines > _EQUAL) | ~anew.any(axis=1)
    problem = "passage {} has a vector that the encoder does not give"
    return [problem.format(one.passage.id) for one, right in zip(found, same, strict=True) if not right]


def _wrong_signatures(catalogue: Catalogue) -> list[str]:
    """Documents, of an even sample, whose signature or near duplicates are not what their texts give today."""
    entries = list(catalogue.documents())
    signatures, ids = catalogue.signatures(), {entry.key: entry.id for entry in entries}
    noted: dict[str, dict[str, float]] = {}
    for later, earlier, alike in catalogue.near():
        noted.setdefault(later, {})[earlier] = alike
    problems = []
    for entry in entries[:: max(1, len(entries) // _SAMPLE)]:
        document = catalogue.document(entry.key)
        if document is not None and signature_of(document.text) != catalogue.signature(entry.key):
            problems.append(f"document {entry.id} has a signature that its text does not give")
        found = {ids[key]: resemblance(agreeing) for key, agreeing in signatures.near(entry.key)}
        if found != noted.get(entry.id, {}):
            problems.append(f"document {entry.id} has other near duplicates than are noted")
    return problems
