"""One table that folds characters inside the tokenizer: traditional to simplified, full to half width, lower case.

Punctuation and symbols become blanks, so that cutting at blanks is all that is left to do before the words are found.

The tokenizer library reads such a table as `normalizers.Precompiled`, so that any program that loads the tokenizer
folds exactly as training did. The layout is SentencePiece's: the byte length of a double-array trie (uint32), the
trie, and the replacements, each closed by a zero byte; a key's value is where its replacement begins.

source  github.com/s-yata/darts-clone (unit layout), github.com/google/sentencepiece (charsmap)
"""

import struct
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count

import opencc

BLOCK = 256
NEAR = 3 * BLOCK
LAST = 0x2FA1F  # the end of the compatibility ideographs; what lies beyond has no case, width or simplified form
VALUE = 1 << 31
LEAF = 1 << 8


@cache
def folding_charsmap() -> bytes:
    """Return the finished table; making it takes a few seconds."""
    return write_charsmap(character_folds())


def character_folds() -> dict[str, str]:
    """Return every single character whose folded form differs, in code point order."""
    simplify = opencc.OpenCC("t2s")
    folds = {}
    for character in map(chr, range(ord("!"), LAST + 1)):
        if unicodedata.category(character) in {"Cn", "Co", "Cs", "Cc"}:
            continue
        wide = unicodedata.normalize("NFKC", character)
        folded = unicodedata.normalize("NFKC", simplify.convert(wide).lower())
        spaced = "".join(" " if unicodedata.category(part)[0] in "PSZ" else part for part in folded)
        if spaced != character:
            folds[character] = spaced
    return folds


def write_charsmap(folds: Mapping[str, str]) -> bytes:
    """Return the table for `normalizers.Precompiled`; keys must be single characters other than U+0000."""
    replacements, places = bytearray(), {}
    for folded in sorted(set(folds.values())):
        places[folded] = len(replacements)
        replacements += folded.encode() + b"\0"
    trie = double_array({key.encode(): places[folded] for key, folded in folds.items()})
    return struct.pack("<I", len(trie)) + trie + bytes(replacements)


def double_array(values: Mapping[bytes, int]) -> bytes:
    """Return the keys as a double-array trie of uint32 units, little-endian.

    A unit holds its own label in the low byte and, shifted by ten bits, the exclusive or of its place and its
    children's base; the child for byte b stands at base ^ b, the value of a finished key at base ^ 0.
    """
    units = [0] * BLOCK
    taken, bases = {0}, {0}
    places = {b"": 0}
    for prefix, labels in sorted(children_of(values).items(), key=lambda item: (len(item[0]), item[0])):
        base = free_base(labels, taken, bases, start=max(1, len(units) - NEAR))
        bases.add(base)
        units += [0] * (BLOCK * (base // BLOCK + 1) - len(units))
        here = places[prefix]
        units[here] |= (here ^ base) << 10 | (LEAF if 0 in labels else 0)
        for label in labels:
            taken.add(base ^ label)
            units[base ^ label] = label or VALUE | values[prefix]
            places[prefix + bytes([label])] = base ^ label
    return struct.pack(f"<{len(units)}I", *units)


def children_of(values: Mapping[bytes, int]) -> dict[bytes, list[int]]:
    """Return the bytes that follow each prefix, in order; 0 stands for the end of a key."""
    follow: dict[bytes, set[int]] = {}
    for key in values:
        for length in range(len(key)):
            follow.setdefault(key[:length], set()).add(key[length])
        follow.setdefault(key, set()).add(0)
    return {prefix: sorted(labels) for prefix, labels in follow.items()}


def free_base(labels: Sequence[int], taken: set[int], bases: set[int], start: int) -> int:
    """Return a base that no other node has and whose places for all labels are free.

    A unit is told apart from another node's by its label alone, so two nodes must never share a base.
    The search starts a few blocks before the end: what lies earlier is nearly full.
    """
    return next(
        base for base in count(start) if base not in bases and not any(base ^ label in taken for label in labels)
    )
