"""What can go wrong with an index, and what to do about it.

IndexProblem            any of these; the message says where, why and what to do
├── IndexUnusable       the index folder cannot answer questions
├── IndexLocked         another process writes to it
└── StorageFull         the disk took no more
"""

from pathlib import Path


class IndexProblem(RuntimeError):
    """Something an operator has to mend."""


class IndexUnusable(IndexProblem):
    """The index folder cannot answer questions."""

    def __init__(self, folder: Path, reason: str, remedy: str = "rebuild it with: rag index build") -> None:
        super().__init__(f"index at {folder} cannot be used: {reason}; {remedy}")
        self.reason = reason


class IndexLocked(IndexProblem):
    """Another process holds the right to write."""


class StorageFull(IndexProblem):
    """The disk took no more; the change was not made."""
