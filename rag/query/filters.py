"""Filters: which documents are meant, by kind, district, id, origin, issuer, number, date and names.

The same fields everywhere: in questions, in the list of documents and on the command line. A
document's date is that of its newest source, as the catalogue knows it.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final, Literal

from corpus.document import is_date
from corpus.folding import fold
from index.store.catalogue import DocumentEntry
from rag.query.entities import folded_name

Filter = Mapping[str, Collection[str]]
Passes = Callable[[DocumentEntry], bool]

FILTERS: Final = ("kind", "district", "id", "origin", "publisher", "number", "from", "to", "q")
_SINGLE: Final = ("from", "to", "q")


class FilterInvalid(ValueError):
    """A filter that means nothing.

    field  which one
    code   unknown | several | date | order
    """

    def __init__(self, field: str, code: Literal["unknown", "several", "date", "order"]) -> None:
        sentences = {
            "unknown": f"cannot filter by {field}; known are {', '.join(FILTERS)}",
            "several": f"{field} takes one value",
            "date": f"{field} is not a date: write YYYY, YYYY-MM or YYYY-MM-DD, a day that exists",
            "order": f"{field} lies before from",
        }
        super().__init__(sentences[code])
        self.field = field
        self.code = code


def passing(only: Filter) -> Passes:
    """Whether a document passes the filter.

    only    field → values; of several values of a field one must fit, and every field must fit
            publisher, number  who issued it, and its document number, in whichever brackets
            from, to  a date each, the day itself included; a document passes if its date, which may be known to the
                      year or month only, can lie between them; a document without a date does not pass
            q         words, parted by white space; each must stand in the title or an alias, however it is written
    raises  FilterInvalid
    """
    _require_sense(only)
    values = {name: frozenset(wanted) for name, wanted in only.items()}
    if "number" in values:
        values["number"] = frozenset(map(bare_number, values["number"]))
    since, until, words = (_single(only, name) for name in _SINGLE)
    sought = [folded for folded in (fold(word).text for word in words.split()) if folded]

    def passes(entry: DocumentEntry) -> bool:
        held = {"kind": [entry.kind], "district": entry.districts, "id": [entry.id], "origin": [entry.origin]}
        held |= {"publisher": entry.publishers, "number": [bare_number(number) for number in entry.numbers]}
        return (
            all(not values[name].isdisjoint(held[name]) for name in values.keys() & held.keys())
            and (not (since or until) or _within(entry.date, since, until))
            and (not sought or _named(entry, sought))
        )

    return passes


def bare_number(number: str) -> str:
    """A document number without what is written in many ways: 杭政办〔2019〕2号 and 杭政办[2019] 2号 are one."""
    return "".join(filter(str.isalnum, fold(number).text))


def _require_sense(only: Filter) -> None:
    for name in only:
        if name not in FILTERS:
            raise FilterInvalid(name, "unknown")
        if name in _SINGLE and len(only[name]) != 1:
            raise FilterInvalid(name, "several")
        if name in ("from", "to") and not is_date(_single(only, name)):
            raise FilterInvalid(name, "date")
    since, until = _single(only, "from"), _single(only, "to")
    if since and until and _last_day(until) < _first_day(since):
        raise FilterInvalid("to", "order")


def _single(only: Filter, name: str) -> str:
    return next(iter(only.get(name, ())), "")


def _within(date: str, since: str, until: str) -> bool:
    """Whether some day of the date lies between the first day of `since` and the last day of `until`."""
    if not date:
        return False
    return (not since or _last_day(date) >= _first_day(since)) and (not until or _first_day(date) <= _last_day(until))


def _first_day(date: str) -> str:
    return date + "-01-01"[len(date) - 4 :]


def _last_day(date: str) -> str:
    """The last day of a year, month or day; 31 for every month, since days are only compared."""
    return date + "-12-31"[len(date) - 4 :]


def _named(entry: DocumentEntry, sought: Collection[str]) -> bool:
    names = [folded_name(name) for name in (entry.title, *entry.aliases)]
    return all(any(word in name for name in names) for word in sought)
