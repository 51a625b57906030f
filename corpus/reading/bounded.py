"""Bounded parsing: a parser works in a child process, and is killed where it wants too much.

A hostile PDF may loop for ever, fill the memory or crash its library. None of that reaches the
service: the child has limits on time, memory and files, and its end is an ordinary error. One
idle child is kept for the next file, as starting one takes about 0.2 s.
"""

import atexit
import gc
import importlib
import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from corpus.reading.parts import Attachment, Parsed, Part

PARSERS = {
    "html": ("corpus.reading.html", "parse_html"),
    "pdf": ("corpus.reading.pdf", "parse_pdf"),
    "docx": ("corpus.reading.docx", "parse_docx"),
    "xlsx": ("corpus.reading.xlsx", "parse_xlsx"),
    "csv": ("corpus.reading.delimited", "parse_csv"),
    "tsv": ("corpus.reading.delimited", "parse_csv"),
    "pptx": ("corpus.reading.pptx", "parse_pptx"),
    "xls": ("corpus.reading.xls", "parse_xls"),
    "xlsb": ("corpus.reading.xls", "parse_xls"),
    "ods": ("corpus.reading.ods", "parse_ods"),
    "odt": ("corpus.reading.odt", "parse_odt"),
    "odp": ("corpus.reading.odp", "parse_odp"),
    "rtf": ("corpus.reading.rtf", "parse_rtf"),
    "epub": ("corpus.reading.epub", "parse_epub"),
    "eml": ("corpus.reading.eml", "parse_eml"),
    "msg": ("corpus.reading.msg", "parse_msg"),
    "json": ("corpus.reading.json_data", "parse_json"),
    "xml": ("corpus.reading.xml_data", "parse_xml"),
    "image": ("corpus.reading.image", "parse_image"),
}
TASKS = {  # beside parsing, that a child does with a file
    "scan": ("corpus.reading.ocr", "recognise"),
    "picture": ("corpus.reading.page_image", "drawn"),
}
SECONDS = 10.0  # of computing for any file, and
SECONDS_PER_MIB = {"pdf": 15.0, "xlsx": 10.0, "xlsb": 10.0, "ods": 10.0}  # more for its size; for other formats
_SECONDS_PER_MIB = 4.0
MOST_SECONDS = 120.0  # whatever its size
PATIENCE = 2.0  # times as long by the clock, as a busy machine is no fault of the file
MEMORY = 768 * 2**20  # bytes of address space for any file, and
MEMORY_PER_BYTE = 16  # more for its size
_MORE_SECONDS = {"scan": 50.0}  # recognising a page takes this much more
_MORE_MEMORY = {"scan": 1536 * 2**20}  # and its models so much
_FILES = 64  # that a child may hold open
_JOBS = 100  # after which a child is replaced, so that leaks of a library stay small
_IDLE = 30.0  # seconds after which a waiting child is no longer used
_GARBAGE = 50_000  # objects between two searches for cycles: a parser makes many that stay, and few cycles
_FRAME = 1000  # parts that are sent at once
_COLUMNS = 6  # fields of a part that are sent; marks and ways of asking are of Markdown alone
_MIB = 2**20

_ROOT = Path(__file__).parents[2]
_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from corpus.reading.bounded import serve; serve()"


class ParserFailed(ValueError):
    """A file that its parser could not take within the limits; the message says why, without the file's name."""


def parse(kind: str, raw: bytes, /, **options: Any) -> Parsed:
    """Parse a file of one of the kinds in PARSERS, or do one of the TASKS with it, in a child process.

    options  for the parser, as JSON can hold them
    raises   ParserFailed for a file that is damaged, encrypted, or beyond the limits
    """
    child = _take(kind)
    try:
        parts, rest = child.work(kind, raw, options, PATIENCE * _seconds(kind, len(raw)))
    except BaseException:
        child.end()
        raise
    _give_back(child, kind)
    if "problem" in rest:
        raise ParserFailed(rest["problem"])
    attached = [Attachment(*one) for one in rest["attached"]]
    return Parsed(**{**rest, "parts": parts, "attached": attached})


def _seconds(kind: str, size: int) -> float:
    """Time of computing that a file of this size may take."""
    more = SECONDS_PER_MIB.get(kind, _SECONDS_PER_MIB) * size / _MIB + _MORE_SECONDS.get(kind, 0.0)
    return min(SECONDS + more, MOST_SECONDS)


class _Child:
    """One process that parses one file after the other."""

    def __init__(self) -> None:
        command = [sys.executable, "-I", "-c", _CHILD, str(_ROOT)]
        pipe, null = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=null, start_new_session=True)
        self.jobs = 0
        self.idle_since = time.monotonic()

    def work(
        self, kind: str, raw: bytes, options: Mapping[str, Any], seconds: float
    ) -> tuple[list[Part], dict[str, Any]]:
        """The parts that the child found, and the rest of its answer; ParserFailed where it ends instead."""
        if self._process.stdin is None or self._process.stdout is None:
            raise ParserFailed("its parser cannot be reached")
        self.jobs += 1
        began = time.monotonic()
        guard = threading.Timer(seconds, self._process.kill)
        guard.start()
        try:
            _write(self._process.stdin, kind.encode())
            _write(self._process.stdin, raw)
            _write(self._process.stdin, _packed(options))
            answer = _answered(self._process.stdout)
        except BrokenPipeError:
            answer = None
        finally:
            guard.cancel()
        self.idle_since = time.monotonic()
        if answer is None:
            late = self.idle_since - began >= seconds - 0.5 or self._process.wait() == -24  # SIGXCPU
            raise ParserFailed(
                f"reading it takes longer than {seconds / PATIENCE:.0f} s; split it"
                if late
                else "its parser broke down on it: the file is damaged, or needs too much memory: split it"
            )
        return answer

    def end(self) -> None:
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue  # what was not yet written is of no use to anybody
        self._process.wait()

    def is_fresh(self) -> bool:
        rested = time.monotonic() - self.idle_since < _IDLE
        return rested and self.jobs < _JOBS and self._process.poll() is None


_idle: dict[int, _Child] = {}  # at most one for each memory limit: what a larger one left may not fit into a smaller
_door = threading.Lock()


def _take(kind: str) -> _Child:
    with _door:
        child = _idle.pop(_MORE_MEMORY.get(kind, 0), None)
    if child is not None and not child.is_fresh():
        child.end()
        child = None
    return child or _Child()


def _give_back(child: _Child, kind: str) -> None:
    with _door:
        if _MORE_MEMORY.get(kind, 0) not in _idle:
            _idle[_MORE_MEMORY.get(kind, 0)] = child
            return
    child.end()


def rest(kind: str) -> None:
    """End the child that waits for jobs of this kind, where it holds much memory."""
    with _door:
        child = _idle.pop(_MORE_MEMORY[kind], None) if kind in _MORE_MEMORY else None
    if child is not None:
        child.end()


@atexit.register
def _end_idle() -> None:
    while _idle:
        _idle.popitem()[1].end()


def serve() -> None:
    """The child's side: take jobs from standard input until it closes."""
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a library that prints must not speak in our name
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.set_threshold(_GARBAGE)
    while (kind := _read(stdin)) is not None and (raw := _read(stdin)) is not None:
        options = json.loads(_read(stdin) or b"{}")
        _limit(kind.decode(), len(raw))
        for frame in _answer(kind.decode(), raw, options):
            _write(stdout, frame)


def _limit(kind: str, size: int) -> None:
    """Limits for one job; the time counts from now."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + _seconds(kind, size)) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    memory = MEMORY + MEMORY_PER_BYTE * size + _MORE_MEMORY.get(kind, 0)
    resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _answer(kind: str, raw: bytes, options: Mapping[str, Any]) -> Iterator[bytes]:
    """Columns of parts, then the rest of what was found or the problem: in frames, so that no part is held twice."""
    module, function = {**PARSERS, **TASKS}[kind]
    try:
        parsed: Parsed = getattr(importlib.import_module(module), function)(raw, **options)
        for first in range(0, len(parsed.parts), _FRAME):
            yield _packed(list(zip(*parsed.parts[first : first + _FRAME], strict=True))[:_COLUMNS])
        yield _packed(replace(parsed, parts=[]).to_record())
    except ParserFailed as error:
        yield _packed({"problem": str(error)})
    except (MemoryError, RecursionError):
        yield _packed({"problem": "reading it needs too much memory; split it"})
    except Exception as error:  # a library's own errors are many, and each means the same to the user
        yield _packed({"problem": f"it is damaged ({type(error).__name__})"})


def _packed(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _answered(stream: IO[bytes]) -> tuple[list[Part], dict[str, Any]] | None:
    """What `_answer` sent; None where the other side is gone."""
    parts: list[Part] = []
    while (frame := _read(stream)) is not None:
        found = json.loads(frame)
        if isinstance(found, dict):
            return parts, found
        kinds, texts, levels, pages, *looks = found
        begun = [tuple(map(tuple, one)) if one else () for one in pages]
        parts += map(Part, kinds, texts, levels, begun, *looks)
    return None


def _write(stream: IO[bytes], frame: bytes) -> None:
    stream.write(len(frame).to_bytes(8, "big"))
    stream.write(frame)
    stream.flush()


def _read(stream: IO[bytes]) -> bytes | None:
    """The next frame; None where the other side is gone."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    size = int.from_bytes(head, "big")
    frame = stream.read(size)
    return frame if len(frame) == size else None
