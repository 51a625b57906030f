"""Filters: which documents a search may look at."""

from collections.abc import Collection, Iterable, Mapping

from index.catalogue import DocumentEntry
from index.passage_index import Snapshot

FILTERS = ("kind", "district", "id", "origin")

Filter = Mapping[str, Collection[str]]  # field → values: documents whose field has one of the values


def allowed(snapshot: Snapshot, only: Filter) -> frozenset[str]:
    """Ids of the documents that pass the filter.

    raises  ValueError for a field that is not in FILTERS
    """
    unknown = set(only) - set(FILTERS)
    if unknown:
        raise ValueError(f"cannot filter by {', '.join(sorted(unknown))}; known are {', '.join(FILTERS)}")
    return frozenset(entry.id for entry in snapshot.documents.values() if _passes(entry, only))


def _passes(entry: DocumentEntry, only: Filter) -> bool:
    values: dict[str, Iterable[str]] = {
        "kind": [entry.kind],
        "district": entry.districts,
        "id": [entry.id],
        "origin": [entry.origin],
    }
    return all(set(wanted) & set(values[name]) for name, wanted in only.items())
