"""Verifying: whether catalogue, legs and encoder agree, down to the last character."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from index.encoder.text_encoder import Encoder
from index.errors import IndexUnusable
from index.preparing import encoded_text
from index.store.catalogue import Catalogue
from index.store.minhash import resemblance, sketch_of
from index.store.similar_questions import Askings, by_document, with_askings

_SAMPLE = 64  # passages that are encoded again
_EQUAL = 0.999  # cosine from which two vectors of one text count as equal


def verify(catalogue: Catalogue, encoder: Encoder, legs: Mapping[str, frozenset[int]]) -> list[str]:
    """Problems found; empty when all is sound.

    legs  the rows that each leg holds, by its name
    """
    problems = catalogue.check()
    try:
        rows = catalogue.rows()
        for name, held in legs.items():
            if held != rows:
                problems.append(
                    f"the {name} leg misses {len(rows - held)} passages and holds {len(held - rows)} too many"
                )
        wrong = _wrong_passages(catalogue, by_document(catalogue.askings()))
        return [*problems, *wrong, *_wrong_vectors(catalogue, encoder), *_wrong_sketches(catalogue)]
    except IndexUnusable as error:
        return [*problems, error.reason] if error.reason not in problems else problems


def _wrong_passages(catalogue: Catalogue, askings: Askings) -> list[str]:
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
        for passage, due in zip(kept, with_askings(document, bare, askings.get(entry.id, ())), strict=True):
            if document.text[passage.start : passage.end] != passage.text:
                problems.append(f"passage {passage.id} is not the slice of its document")
            elif passage.asked != due.asked:
                problems.append(f"passage {passage.id} is not asked for as its document and its askings say")
    return problems


def _wrong_vectors(catalogue: Catalogue, encoder: Encoder) -> list[str]:
    """Passages, of an even sample, whose vector is not what the encoder gives today."""
    rows = sorted(catalogue.rows())
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


def _wrong_sketches(catalogue: Catalogue) -> list[str]:
    """Documents, of an even sample, whose sketch or near duplicates are not what their texts give today."""
    entries = list(catalogue.documents())
    sketches, ids = catalogue.sketches(), {entry.key: entry.id for entry in entries}
    noted: dict[str, dict[str, float]] = {}
    for later, earlier, alike in catalogue.near():
        noted.setdefault(later, {})[earlier] = alike
    problems = []
    for entry in entries[:: max(1, len(entries) // _SAMPLE)]:
        document = catalogue.document(entry.key)
        if document is not None and sketch_of(document.text) != catalogue.sketch(entry.key):
            problems.append(f"document {entry.id} has a sketch that its text does not give")
        found = {ids[key]: resemblance(agreeing) for key, agreeing in sketches.near(entry.key)}
        if found != noted.get(entry.id, {}):
            problems.append(f"document {entry.id} has other near duplicates than are noted")
    return problems
