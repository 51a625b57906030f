"""What a page shows by its form alone, written out: raised digits, terms before their descriptions."""

from typing import Any

from corpus.reading.small_marks import lowered, raised

_LONGEST_TERM = 40  # code points; longer ones, and questions, stay a block of their own
_FORMS = {"sup": raised, "sub": lowered}


def rewrite(root: Any) -> None:
    """Change the tree in place: 56<sup>1</sup> becomes 56¹, <dt>电话<dd>9090 becomes 电话：9090."""
    for element in list(root.iter("sup", "sub")):
        form = _FORMS[element.tag]
        for one in element.iter():
            one.text = form(one.text) if one.text else one.text
            if one is not element and one.tail:
                one.tail = form(one.tail)
    for term in list(root.iter("dt")):
        _join(term)


def _join(term: Any) -> None:
    """Put a short term before the first of its descriptions."""
    description = term.getnext()
    words = " ".join("".join(term.itertext()).split())
    if description is None or description.tag != "dd" or not 0 < len(words) <= _LONGEST_TERM or words[-1] in "？?":
        return
    if len(term) and any(child.tag in ("ul", "ol", "table", "dl") for child in term.iterdescendants()):
        return
    opening = f"{words.rstrip('：:')}：{(description.text or '').lstrip()}"
    term.clear(keep_tail=True)
    description.text = opening
