"""Lines of text files, gzip read through, each with its number, bad ones named."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from rag.evaluation.case import BadRow, UnreadableSet

Value = TypeVar("Value")


def read_bytes(path: Path) -> bytes:
    """The file's content; `.gz` is unpacked.

    raises  UnreadableSet if it cannot be read or unpacked
    """
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableSet(f"{path}: cannot be read ({error})") from None


def read_text(path: Path) -> str:
    """The whole file as UTF-8, byte order mark dropped.

    raises  UnreadableSet if it cannot be read or is not UTF-8
    """
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableSet(f"{path}: is not UTF-8 text") from None


def plain_name(path: Path) -> str:
    """The file name without `.gz` and its ending: cmrc_questions.jsonl.gz → cmrc_questions."""
    name = path.name.removesuffix(".gz")
    return name.rsplit(".", 1)[0] if "." in name[1:] else name


def rows(path: Path, read: Callable[[str, int], Value], problems: list[BadRow]) -> Iterator[Value]:
    """Read each line that is not blank; what `read` refuses with ValueError goes to `problems`.

    read      line and its number → value; raises ValueError, KeyError or TypeError for a bad line
    problems  takes the bad rows, in file order
    """
    for number, raw in enumerate(read_bytes(path).removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if not raw.strip():
            continue
        try:
            yield read(raw.decode("utf-8"), number)
        except KeyError as error:
            problems.append(BadRow(path.name, number, f"the field {error} is missing"))
        except (ValueError, TypeError, RecursionError) as error:
            problems.append(BadRow(path.name, number, str(error)))


def exhaust(values: Iterable[object]) -> None:
    """Run a reader to its end, for what it does on the way."""
    for _ in values:
        pass


def json_object(line: str) -> dict[str, Any]:
    """The JSON object in a line.

    raises  ValueError if it is none
    """
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("not a JSON object") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    if "\\ud" in line.lower() and any("\ud800" <= one <= "\udfff" for one in json.dumps(value, ensure_ascii=False)):
        raise ValueError("holds half of a surrogate pair, which no encoding can store")
    return value


def text_field(record: dict[str, Any], name: str) -> str:
    """A field that must hold text; an id may be a number.

    raises  KeyError if it is absent, ValueError if it is blank or of another kind
    """
    value = record[name]
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name!r} must be a text that is not blank")
    return value
