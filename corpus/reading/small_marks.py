"""Small marks: raised and lowered characters, written so that they are not read as digits of the number before."""

import re

_RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_DIGITS = re.compile(r"[0-9+\-=()n]+")
_SMALL_DIGITS = re.compile(r"[0-9+\-=()]+")


def raised(text: str) -> str:
    """Raised text: digits as superscripts, so that 56 with a note mark 1 is 56¹ and never 561; words as they are."""
    return text.translate(_RAISED) if _DIGITS.fullmatch(text.strip()) else text


def lowered(text: str) -> str:
    """Lowered text: digits as subscripts (PM₂.₅ stays readable), words as they are."""
    return text.translate(_LOWERED) if _SMALL_DIGITS.fullmatch(text.strip()) else text
