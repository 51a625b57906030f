"""Vectors of passages where encoding takes long: those of tokens are kept in a derived file, or made when needed."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.encoder.late_interaction import LateInteractionEncoder
from index.preparing import encode_tokens
from index.store.records import PassageRow
from index.store.token_store import TokenStore
from index.token_vectors import pack, unpack

Floats = NDArray[np.float32]


class PassageVectors:
    """What the bundled transformer makes of passages."""

    def __init__(self, encoder: LateInteractionEncoder, path: Path, *, writable: bool) -> None:
        self._encoder = encoder
        self.tokens = TokenStore(path, writable=writable)

    def encode(self, texts: Mapping[str, str]) -> dict[str, Floats]:
        """Encode texts by hash: vectors of the wholes; those of their tokens are kept."""
        return encode_tokens(self._encoder, texts, self.tokens)

    def of(self, found: Sequence[PassageRow], texts: Sequence[str]) -> list[Floats]:
        """Vectors of the tokens of passages, shape (n, width) each; what is not kept is encoded now.

        texts  what the encoder sees of each passage
        """
        kept = self.tokens.get({one.hash for one in found})
        missing = {one.hash: text for one, text in zip(found, texts, strict=True) if one.hash not in kept}
        if missing:
            read = self._encoder.read(list(missing.values()))
            fresh = {digest: pack(one.vectors) for digest, one in zip(missing, read, strict=True)}
            self.tokens.put(fresh)
            kept |= fresh
        return [unpack(kept[one.hash], self._encoder.width) for one in found]

    def forget(self, still_used: Callable[[frozenset[str]], set[str]]) -> None:
        """Delete the token vectors of passages that are gone; still_used tells which hashes are not."""
        held = self.tokens.hashes()
        self.tokens.forget(held - still_used(held))
