"""Graphemes: where a text may be cut without tearing what a reader sees as one character.

The part of Unicode's rules that matters for cutting (marks, joiners, selectors, skin tones,
Hangul syllables, flags); prepended marks and Indic conjuncts are left out.
Source: Unicode Standard Annex 29, Unicode Text Segmentation.
"""

import unicodedata

_JOINER, _NON_JOINER = "\u200d", "\u200c"
_CLINGING = frozenset({"Mn", "Me", "Mc"})


def joins(before: str, after: str) -> bool:
    """True where a cut between two characters would tear a grapheme; flags are `safe_cut`'s concern."""
    if after <= "\u007f" or "\u3400" <= after <= "\u9fff":
        return before == _JOINER
    return (
        before == _JOINER
        or after in (_JOINER, _NON_JOINER)
        or unicodedata.category(after) in _CLINGING
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # skin tones
        or "\u1160" <= after <= "\u11ff"  # second and third letters of a Hangul syllable
        or "\uff9e" <= after <= "\uff9f"  # half-width voice marks
    )


def safe_cut(text: str, start: int, end: int) -> int:
    """The last place in the second half of [start, end] that tears no word of letters and digits.

    returns  where every place would, one that tears no grapheme; where every place tears one, end
    """
    last_whole = None
    for cut in range(end, (start + end) // 2, -1):
        if _tears_grapheme(text, start, cut):
            continue
        if not _tears_word(text, cut):
            return cut
        last_whole = last_whole or cut
    return last_whole or end


def _tears_grapheme(text: str, start: int, cut: int) -> bool:
    if cut >= len(text):
        return False
    if _is_flag_letter(text[cut]) and _is_flag_letter(text[cut - 1]):
        return _flag_letters(text, start, cut) % 2 == 1
    return joins(text[cut - 1], text[cut])


def _tears_word(text: str, cut: int) -> bool:
    """True inside a run of visible ASCII: a word, a number such as 80.1, an address."""
    return cut < len(text) and "!" <= text[cut - 1] <= "~" and "!" <= text[cut] <= "~"


def _flag_letters(text: str, start: int, cut: int) -> int:
    """How many regional indicators stand in a row before the cut; two make one flag."""
    count = 0
    while cut - count > start and _is_flag_letter(text[cut - count - 1]):
        count += 1
    return count


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
