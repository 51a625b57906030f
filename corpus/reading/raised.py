"""Raised digits and letters: a note mark behind a number must not become part of it."""

_RAISED = str.maketrans("0123456789+-()=n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾⁼ⁿ")


def raised(text: str) -> str:
    """The text in superscript signs where Unicode has them, so that 56 with a mark 1 is 56¹, not 561."""
    return text.translate(_RAISED)
