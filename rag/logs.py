"""Logs: one JSON object a line on stderr. Keys and document texts are never written, questions only if wished for.

What our own code says is written for operators and is logged as it is. What other libraries say, and what errors of
theirs hold, may repeat what somebody asked: of those only the place and the unfilled sentence are logged, unless
questions are logged in full.
"""

import hashlib
import json
import logging
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any, Final, Literal, TextIO

from index.errors import IndexProblem
from rag.settings import SettingsInvalid

Questions = Literal["none", "digest", "text"]  # what a log holds of a question: nothing, length and hash, all

# They log addresses with queries, whole messages, or remarks on broken forms.
QUIET: Final = ("uvicorn.access", "python_multipart", "mcp", "httpx", "httpcore")

_OWN = ("rag", "index", "corpus", "uvicorn", "__main__")  # what these say quotes nobody
_OWN_ERRORS = (IndexProblem, SettingsInvalid, ImportError, MemoryError, TimeoutError)
_DEPTH = 30  # innermost frames of a trace
_DIGEST = 16  # hexadecimal digits of a question's SHA-256
_UNWRITABLE = re.compile(
    r"[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)

_notes: ContextVar[dict[str, object] | None] = ContextVar("notes", default=None)


def configure(level: str, questions: Questions = "none", stream: TextIO | None = None) -> None:
    """Log from now on as JSON lines. Called again, it takes the place of what was configured before.

    level  debug, info, warning or error; other libraries are heard from warning on
    """
    handler = logging.StreamHandler(stream) if stream else _Stderr()
    handler.setFormatter(JsonLines(questions))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, _number(level)))
    for name in _OWN:
        logging.getLogger(name).setLevel(max(logging.INFO, _number(level)) if name == "uvicorn" else _number(level))
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def begin(request_id: str) -> dict[str, object]:
    """Start the notes of one request; every line that is logged in its course names its id."""
    notes: dict[str, object] = {"request_id": request_id}
    _notes.set(notes)
    return notes


def note(**facts: object) -> None:
    """Add facts to the line that ends the request under way; a fact named `question` is told as configured."""
    notes = _notes.get()
    if notes is not None:
        notes.update(facts)


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what stderr is at that moment; the stream that it was when logging began may be closed."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request_id, then what the record brings along."""

    def __init__(self, questions: Questions = "none") -> None:
        super().__init__()
        self._questions = questions

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": when, "level": record.levelname.lower(), "logger": record.name}
        line["message"] = self._message(record)
        notes = getattr(record, "notes", None)
        if isinstance(notes, dict):
            line |= self._told(notes)
        elif current := _notes.get():
            line["request_id"] = current["request_id"]
        if record.exc_info and record.exc_info[1]:
            line["error"] = self._error(record.exc_info[1])
            line["trace"] = _trace(record.exc_info[2])
        return _on_one_line(line)

    def _message(self, record: logging.LogRecord) -> str:
        if self._questions == "text" or record.name.partition(".")[0] in _OWN:
            return record.getMessage()
        said = str(record.msg)[:200] if record.args else "something"
        return f"{said} (at {record.module}:{record.lineno}; what it quotes is withheld)"

    def _told(self, notes: Mapping[str, object]) -> dict[str, object]:
        told = {name: value for name, value in notes.items() if name != "question"}
        question = notes.get("question")
        if isinstance(question, str) and self._questions != "none":
            written = question.encode("utf-8", "surrogatepass")
            told |= {"question_length": len(question), "question_sha256": hashlib.sha256(written).hexdigest()[:_DIGEST]}
            if self._questions == "text":
                told["question"] = question
        return told

    def _error(self, error: BaseException) -> str:
        """Kind and message of an error; the message only where it cannot hold what somebody sent."""
        kind = type(error).__name__
        if isinstance(error, OSError) and not isinstance(error, _OWN_ERRORS):
            return f"{kind}: {error.strerror or 'no reason given'}"
        if self._questions == "text" or isinstance(error, _OWN_ERRORS):
            return f"{kind}: {error}"
        return kind


def _trace(trace: TracebackType | None) -> list[str]:
    """Where it happened, outermost first: file, line and function, no values."""
    frames = extract_tb(trace)[-_DEPTH:]
    return [f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}" for frame in frames]


def _on_one_line(line: Mapping[str, Any]) -> str:
    """JSON whose every character is one that a terminal shows and nothing else."""
    written = json.dumps(line, ensure_ascii=False, default=str)
    return _UNWRITABLE.sub(lambda found: json.dumps(found[0])[1:-1] if found[0] > "\x7f" else "\\u007f", written)


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]
