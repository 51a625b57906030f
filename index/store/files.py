"""Files that are wholly there or wholly as they were, whatever happens while they are written."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place of another in one step that survives loss of power.

    raises  OSError; the old file is untouched then, and no scratch file is left
    """
    scratch = path.with_name(path.name + ".new")
    try:
        with open(scratch, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except OSError:
        scratch.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sweep(folder: Path) -> None:
    """Remove what writers that were killed left half written."""
    for scratch in folder.glob("*.new"):
        scratch.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that they survive loss of power."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in reversed(missing):
        sync_folder(one.parent)


def sync_folder(folder: Path) -> None:
    """Make the folder's list of names durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Who changes a small file of this folder waits here for others who do; the folder is made where it is missing.

    raises  OSError if it cannot be had
    """
    make_folder(folder)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Reserve:
    """Some bytes kept back on the disk, so that a document can still be deleted when the disk is full."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size

    def keep(self) -> None:
        """Take the bytes; a disk that has none left is no reason to fail."""
        try:
            if not self._path.exists() or self._path.stat().st_size != self._size:
                replace_file(self._path, bytes(self._size))
        except OSError:
            return

    def give(self) -> bool:
        """Give the bytes back to the disk; whether there were any."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
