"""Formulas of Word's equation editor as one line of text: fractions with a stroke, powers raised."""

from typing import Any

from corpus.reading.small_marks import lowered, raised

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DEEPEST = 30  # formulas within formulas that are written with their signs
_OPERATORS = frozenset("+-−±×·*÷/=＋－")
_N_ARY = "∫"  # of a sum or integral that names no sign of its own


def formula_text(element: Any, depth: int = 0) -> str:
    """The formula in one line: (a+b)/c, x², √(x), ∑(i=1..n)."""
    if depth > _DEEPEST:
        return "".join(element.itertext(f"{_M}t"))
    name = element.tag.removeprefix(_M) if isinstance(element.tag, str) else ""
    match name:
        case "t":
            return element.text or ""
        case "f":
            over, under = _part(element, "num", depth), _part(element, "den", depth)
            return f"{_grouped(over)}/{_grouped(under)}" if under else over
        case "sSup":
            return _part(element, "e", depth) + _power(_part(element, "sup", depth))
        case "sSub":
            return _part(element, "e", depth) + _index(_part(element, "sub", depth))
        case "sSubSup":
            below, above = _part(element, "sub", depth), _part(element, "sup", depth)
            return _part(element, "e", depth) + _index(below) + _power(above)
        case "rad":
            degree = _part(element, "deg", depth)
            return f"{raised(degree)}√({_part(element, 'e', depth)})"
        case "d":
            opening, closing = _sign(element, "begChr", "("), _sign(element, "endChr", ")")
            inner = "，".join(formula_text(one, depth + 1) for one in element.iterfind(f"{_M}e"))
            return f"{opening}{inner}{closing}"
        case "nary":
            limits = "..".join(filter(None, (_part(element, "sub", depth), _part(element, "sup", depth))))
            return _sign(element, "chr", _N_ARY) + (f"({limits})" if limits else "") + _part(element, "e", depth)
        case _:
            return "".join(formula_text(one, depth + 1) for one in element if not str(one.tag).endswith("Pr"))


def _part(element: Any, name: str, depth: int) -> str:
    found = element.find(f"{_M}{name}")
    return formula_text(found, depth + 1).strip() if found is not None else ""


def _sign(element: Any, name: str, otherwise: str) -> str:
    found = element.find(f"{_M}{element.tag.removeprefix(_M)}Pr/{_M}{name}")
    return otherwise if found is None else str(found.get(f"{_M}val", ""))


def _grouped(text: str) -> str:
    return (
        f"({text})" if not _OPERATORS.isdisjoint(text) and not (text.startswith("(") and text.endswith(")")) else text
    )


def _power(text: str) -> str:
    small = raised(text)
    return small if small != text else f"^{_grouped(text)}" if text else ""


def _index(text: str) -> str:
    small = lowered(text)
    return small if small != text else f"_{_grouped(text)}" if text else ""
