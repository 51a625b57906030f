"""Formulas without a stored value: sums, products and references of one sheet, computed as a spreadsheet does.

Programs that write workbooks leave out the values of formulas; a person sees them. What is more than arithmetic of
cells that hold numbers stays without a value.
"""

import re
from collections.abc import Callable, Container, Mapping, Sequence

from corpus.reading.bounded import ParserFailed
from corpus.reading.xlsx_values import column_of

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z]+)(?=\()|\$?(?P<column>[A-Z]{1,3})\$?(?P<row>\d{1,7})"
    r"|(?P<sign>[-+*/(),:%]))"
)
_LONGEST = 500  # code points
_DEEPEST = 40  # brackets, and formulas that refer to others
_MOST_CELLS = 1_000_000  # that all ranges together may cover

Place = tuple[int, int]


class _Unknown(ValueError):
    """A formula that is not computed here."""


def _mean(values: Sequence[float]) -> float:
    if not values:
        raise _Unknown
    return sum(values) / len(values)


_FUNCTIONS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "SUM": sum,
    "AVERAGE": _mean,
    "MAX": lambda values: max(values, default=0.0),
    "MIN": lambda values: min(values, default=0.0),
}


class Formulas:
    """Computes the formulas of one sheet.

    formulas  without a value, by row number and column
    numbers   values of the cells that hold numbers
    words     cells that hold anything else
    """

    def __init__(self, formulas: Mapping[Place, str], numbers: Mapping[Place, float], words: Container[Place]) -> None:
        self._formulas, self._numbers, self._words = formulas, numbers, words
        self._known: dict[Place, float | None] = {}
        self._left = _MOST_CELLS
        self._depth = 0

    def values(self) -> dict[Place, float]:
        """The values that could be computed, by place."""
        found = {place: self._computed(place) for place in self._formulas}
        return {place: value for place, value in found.items() if value is not None}

    def _computed(self, place: Place) -> float | None:
        if place not in self._known:
            self._known[place] = None  # a formula that leads back to itself has no value
            self._depth += 1
            try:
                self._known[place] = self._compute(self._formulas[place])
            except (_Unknown, ZeroDivisionError, OverflowError, ParserFailed):
                self._known[place] = None
            finally:
                self._depth -= 1
        return self._known[place]

    def _compute(self, formula: str) -> float:
        if len(formula) > _LONGEST or self._depth > _DEEPEST:
            raise _Unknown
        reader = _Reader(formula, self.cell, self.cells)
        value = reader.sum()
        if not reader.ended():
            raise _Unknown
        return round(value, 10)

    def cell(self, row: int, column: int) -> float | None:
        """The number in a cell, None for an empty one; _Unknown for words and formulas without a value."""
        if (row, column) in self._formulas:
            if (value := self._computed((row, column))) is None:
                raise _Unknown
            return value
        if (row, column) in self._words:
            raise _Unknown
        return self._numbers.get((row, column))

    def cells(self, first: Place, last: Place) -> list[float]:
        """The numbers in a range; words in it count for nothing, as in a spreadsheet."""
        (top, left), (bottom, right) = first, last
        self._left -= max(0, bottom - top + 1) * max(0, right - left + 1)
        if self._left < 0:
            raise _Unknown
        found: list[float] = []
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                value = self.cell(row, column) if (row, column) not in self._words else None
                found += [value] if value is not None else []
        return found


class _Reader:
    """Reads one formula from left to right."""

    def __init__(
        self,
        formula: str,
        cell: Callable[[int, int], float | None],
        cells: Callable[[Place, Place], list[float]],
    ) -> None:
        self._formula, self._at, self._depth = formula.lstrip("=").rstrip(), 0, 0
        self._cell, self._cells = cell, cells

    def ended(self) -> bool:
        return self._at == len(self._formula)

    def sum(self) -> float:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Unknown
        value = self._product()
        while (sign := self._sign("+-")) is not None:
            value = value + self._product() if sign == "+" else value - self._product()
        self._depth -= 1
        return value

    def _product(self) -> float:
        value = self._factor()
        while (sign := self._sign("*/")) is not None:
            value = value * self._factor() if sign == "*" else value / self._factor()
        return value

    def _factor(self) -> float:
        if (sign := self._sign("+-")) is not None:
            return self._factor() if sign == "+" else -self._factor()
        if self._sign("(") is not None:
            value = self.sum()
            self._need(")")
        else:
            token = self._next()
            if token["number"]:
                value = float(token["number"])
            elif token["name"]:
                value = self._called(token["name"].upper())
            elif token["column"]:
                value = self._cell(int(token["row"]), column_of(token["column"])) or 0.0
            else:
                raise _Unknown
        return value / 100 if self._sign("%") is not None else value

    def _called(self, name: str) -> float:
        self._need("(")
        if name == "ROUND":
            value = self.sum()
            self._need(",")
            places = self.sum()
            self._need(")")
            return _rounded(value, int(places))
        if name not in _FUNCTIONS:
            raise _Unknown
        values = self._argument()
        while self._sign(",") is not None:
            values += self._argument()
        self._need(")")
        return float(_FUNCTIONS[name](values))

    def _argument(self) -> list[float]:
        begun = self._at
        first = self._next()
        if first["column"] and self._sign(":") is not None:
            last = self._next()
            if not last["column"]:
                raise _Unknown
            return self._cells(_place(first), _place(last))
        if first["column"] and self._peek(",)"):
            return self._cells(_place(first), _place(first))
        self._at = begun
        return [self.sum()]

    def _next(self) -> re.Match[str]:
        found = _TOKEN.match(self._formula, self._at)
        if found is None:
            raise _Unknown
        self._at = found.end()
        return found

    def _sign(self, signs: str) -> str | None:
        found = _TOKEN.match(self._formula, self._at)
        if found is None or not found["sign"] or found["sign"] not in signs:
            return None
        self._at = found.end()
        return found["sign"]

    def _peek(self, signs: str) -> bool:
        found = _TOKEN.match(self._formula, self._at)
        return found is not None and bool(found["sign"]) and found["sign"] in signs

    def _need(self, sign: str) -> None:
        if self._sign(sign) is None:
            raise _Unknown


def _place(token: re.Match[str]) -> Place:
    return int(token["row"]), column_of(token["column"])


def _rounded(value: float, places: int) -> float:
    """Half away from zero, as spreadsheets round."""
    if not -15 <= places <= 15:
        raise _Unknown
    scaled = abs(value) * 10.0**places
    whole = float(int(scaled + 0.5 + 1e-9))
    return (whole if value >= 0 else -whole) / 10.0**places
