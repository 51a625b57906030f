"""Provenance: a file must not replace another one only because both have the same name."""

from collections.abc import Mapping

from corpus.reading import OriginalFile, Reading
from index.store.catalogue import DocumentEntry
from index.store.originals import Original


class AlreadyThere(ValueError):
    """Documents of other files have the ids that were made of this file's name; `ids` are those."""

    def __init__(self, ids: list[str]) -> None:
        super().__init__(f"already there: {', '.join(ids[:5])}{', …' * (len(ids) > 5)}")
        self.ids = ids


def named_after_file(file: OriginalFile) -> list[str]:
    """Ids of the documents that neither the caller nor the content named."""
    if file.given_id:
        return []
    made = file.fallback_id
    return [one for one in file.ids if one == made or one.startswith(f"{made}-")]


def require_own_places(reading: Reading, known: Mapping[str, DocumentEntry]) -> None:
    """Raise AlreadyThere where a document would change one that has its id only by the name of a file."""
    changed = {
        document.id
        for document in reading.documents
        if document.id in known and known[document.id].content_hash != document.content_hash
    }
    taken = [one for file in reading.files for one in named_after_file(file) if one in changed]
    if taken:
        raise AlreadyThere(taken)


def is_of_another_file(original: Original | None, place: str) -> bool:
    """Whether a document was read from a file that lies elsewhere; unknown where nobody noted it."""
    return original is not None and original.place != place
