"""What the user adds to the lexicon: kept in RAG_HOME/lexicon.toml, merged over the bundled one, changed while serving.

    words = ["某某产业社区"]
    synonyms = [["健身房", "健身", "锻炼"]]

The file is what the user wants; what holds is the lexicon of the index's snapshot. A server carries
a changed file into its index within a second, whoever changed it (`rag.background`).
"""

import json
import logging
import threading
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from corpus.folding import fold
from corpus.lexicon import Lexicon, LexiconInvalid, bundled_lexicon, make_lexicon
from index.store.files import make_folder, one_at_a_time, replace_file
from rag.query.question import only_asks

FILE: Final = "lexicon.toml"
NOTHING: Final = Lexicon(())
_HEAD: Final = "# Words and groups of wordings that the user added; written by `rag lexicon` and PUT /v1/lexicon.\n"

log = logging.getLogger(__name__)


class LexiconUnreadable(ValueError):
    """The user's lexicon file cannot be used; says where, why and what to do."""

    def __init__(self, path: Path, reason: object) -> None:
        super().__init__(f"{path} cannot be used ({reason}): mend it, or delete it to go on without")


class UserLexicon:
    """The user's lexicon of one home as its file holds it.

    own    what the user added
    whole  the same over the bundled lexicon
    """

    def __init__(self, home: Path) -> None:
        """raises LexiconUnreadable"""
        self._home = home
        self._one_at_a_time = threading.Lock()
        self._seen = _stamp(home)
        self._take(load_user_lexicon(home))

    def refresh(self) -> None:
        """Read the file again if it was changed; one that cannot be used is left until it changes again."""
        with self._one_at_a_time:
            stamp = _stamp(self._home)
            if stamp == self._seen:
                return
            self._seen = stamp
            try:
                self._take(load_user_lexicon(self._home))
            except LexiconUnreadable as error:
                log.warning("%s", error)

    def replace(self, own: Lexicon) -> None:
        """Put another one in its place; durable when this returns.

        raises  OSError if it cannot be written; nothing is changed then
        """
        with self._one_at_a_time, one_at_a_time(self._home):
            save_user_lexicon(self._home, own)
            self._seen = _stamp(self._home)
            self._take(own)

    def _take(self, own: Lexicon) -> None:
        self.own = own
        self.whole = bundled_lexicon().with_more(own)


def checked_lexicon(words: Sequence[str], groups: Sequence[Sequence[str]], where: str = "lexicon") -> Lexicon:
    """Fold and check what a user wants to add.

    where   names its source in errors
    raises  LexiconInvalid that names the entry, counted from 1
    """
    found = make_lexicon(words, groups, where)
    for number, word in enumerate(words):
        if only_asks(fold(word).text):
            raise LexiconInvalid(f"{where}, word {number + 1}", "words", number, "asking", word)
    return found


def change_user_lexicon(home: Path, change: Callable[[Lexicon], Lexicon]) -> tuple[Lexicon, Lexicon]:
    """Change what the user added, one change at a time; it is durable when this returns.

    returns  the lexicon before and after
    raises   LexiconUnreadable, LexiconInvalid, OSError; nothing is changed then
    """
    with one_at_a_time(home):
        before = load_user_lexicon(home)
        changed = change(before)
        after = make_lexicon(changed.words, changed.groups, "the changed lexicon")
        if after != before:
            save_user_lexicon(home, after)
    return before, after


def load_lexicon(home: Path) -> Lexicon:
    """The bundled lexicon with the user's additions.

    raises  LexiconUnreadable
    """
    return bundled_lexicon().with_more(load_user_lexicon(home))


def load_user_lexicon(home: Path) -> Lexicon:
    """What the user added; nothing if there is no file.

    raises  LexiconUnreadable that names line, word or group
    """
    path = home / FILE
    try:
        record = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return make_lexicon(*_parts(record), where=FILE)
    except (FileNotFoundError, NotADirectoryError):
        return NOTHING
    except OSError as error:
        raise LexiconUnreadable(path, error.strerror) from None
    except UnicodeDecodeError:
        raise LexiconUnreadable(path, "it is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise LexiconUnreadable(path, error) from None


def save_user_lexicon(home: Path, own: Lexicon) -> None:
    """Write the user's lexicon in one step that survives loss of power.

    raises  OSError; the old file is untouched then
    """
    make_folder(home)
    words = "".join(f"    {_quoted(word)},\n" for word in own.words)
    groups = "".join(f"    [{', '.join(map(_quoted, group))}],\n" for group in own.groups)
    content = f"{_HEAD}words = [\n{words}]\nsynonyms = [\n{groups}]\n"
    replace_file(home / FILE, content.encode())


def _parts(record: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Words and groups of a parsed file; ValueError if anything else is in it."""
    unknown = sorted(record.keys() - {"words", "synonyms"})
    if unknown:
        raise ValueError(f"it may hold words and synonyms, not {', '.join(unknown)}")
    words, groups = record.get("words", []), record.get("synonyms", [])
    if not _are_texts(words):
        raise ValueError("words is not a list of strings")
    if not isinstance(groups, list) or not all(map(_are_texts, groups)):
        raise ValueError("synonyms is not a list of lists of strings")
    return words, groups


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _quoted(text: str) -> str:
    """A TOML string; for printable text JSON writes it the same way."""
    return json.dumps(text, ensure_ascii=False)


def _stamp(home: Path) -> tuple[int, int, int] | None:
    """What changes with the file; None if there is none."""
    try:
        found = (home / FILE).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
