"""The right to write: one process a folder, given back by the system however the process ends."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import IO

from index.errors import IndexLocked, IndexUnusable
from index.store.files import make_folder


def take_lock(home: Path) -> IO[str]:
    """Take the right to write to the index in this folder, which is made where it is missing.

    returns  a file; the right is held until it is closed or the process ends
    raises   IndexLocked if another process holds it; IndexUnusable if the folder cannot be written
    """
    try:
        make_folder(home)
        lock = open(home / "writer.lock", "a+", encoding="utf-8")  # noqa: SIM115
    except OSError as error:
        reason = f"it cannot be written ({error.strerror})"
        raise IndexUnusable(home, reason, "mend its permissions or choose another folder with RAG_HOME") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = _holder(lock)
        lock.close()
        if not isinstance(error, BlockingIOError):
            remedy = "choose a folder on a local disk with RAG_HOME"
            raise IndexUnusable(home, f"its disk knows no locks ({error.strerror})", remedy) from None
        remedy = "send the change to it over HTTP (PUT /v1/documents/ID), or stop it first"
        raise IndexLocked(f"{holder} is writing to the index at {home}; {remedy}") from None
    with suppress(OSError):  # a full disk: the name is only there to be told to people
        lock.truncate(0)
        lock.write(f"process {os.getpid()}")
        lock.flush()
    return lock


def _holder(lock: IO[str]) -> str:
    with suppress(OSError, ValueError):
        lock.seek(0)
        return lock.read(100).strip() or "another process"
    return "another process"
