"""The bundled encoder: one transformer that gives a vector for every token and one for the whole text.  [onnxruntime]

It runs in ONNX Runtime, so that the service needs no torch. `index/training/neural` makes it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from index.encoder.text_encoder import Kind, unreadable, well_formed

FOLDER: Final = Path(__file__).parent / "late_interaction"
BATCH: Final = 8  # texts run at once, of about the same length
SHIPPED: Final = "corpus_vectors.npz"
FILES: Final = ("config.json", "idf.npy", "model.onnx", "tokenizer.json")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class TokenText:
    """The tokens of a text without prompt and special marks.

    ids    shape (n,)
    spans  shape (n, 2), code points into the text, half-open
    """

    ids: NDArray[np.int32]
    spans: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """A text as the model sees it: unit vectors of tokens, shape (n, width), and of the whole, shape (dimension,)."""

    tokens: TokenText
    vectors: Floats
    pooled: Floats


class ShippedVectors:
    """Vectors of the bundled corpus, which come with the model, so that a first start need not encode it."""

    def __init__(self, path: Path) -> None:
        held = np.load(path) if path.is_file() else {}
        self._rows = {name: row for row, name in enumerate(held["hashes"].tolist())} if held else {}
        self._pooled = held["pooled"] if held else np.empty((0, 0), np.float16)
        self._ends = held["ends"] if held else np.empty(0, np.int64)
        self._packed = held["packed"].tobytes() if held else b""

    def get(self, hashes: Iterable[str]) -> dict[str, tuple[Floats, bytes]]:
        """The vector of the whole and the packed token vectors, by content hash; of those that came with the model."""
        return {name: self._of(self._rows[name]) for name in hashes if name in self._rows}

    def _of(self, row: int) -> tuple[Floats, bytes]:
        start = int(self._ends[row - 1]) if row else 0
        return self._pooled[row].astype(np.float32), self._packed[start : int(self._ends[row])]

    @staticmethod
    def save(path: Path, vectors: Mapping[str, tuple[Floats, bytes]]) -> None:
        """Write what `get` reads."""
        packed = [one for _, one in vectors.values()]
        np.savez(
            path,
            hashes=np.array(list(vectors)),
            pooled=np.stack([pooled for pooled, _ in vectors.values()]).astype(np.float16),
            ends=np.cumsum([len(one) for one in packed]),
            packed=np.frombuffer(b"".join(packed), np.uint8),
        )


class LateInteractionEncoder:
    """Safe to use from several threads."""

    def __init__(self, name: str, folder: Path, threads: int = 1) -> None:
        """threads: processors that one text may use.

        raises  EncoderUnavailable
        """
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._tokenizer.enable_truncation(config["longest"])
            self.idf: Floats = np.load(folder / "idf.npy").astype(np.float32)
            self._session = _session(folder / "model.onnx", threads)
            self.fingerprint = _fingerprint(folder)
        except Exception as error:  # tokenizers and onnxruntime raise plain Exceptions for a broken file
            raise unreadable(name, folder, error) from error
        self.name = name
        self.shipped = ShippedVectors(folder / SHIPPED)
        self.dimension: int = config["dimension"]
        self.width: int = config["width"]
        self._prompts: dict[str, str] = config["prompts"]
        self._prompt_tokens: dict[str, int] = config["prompt_tokens"]

    @classmethod
    def bundled(cls, threads: int = 1) -> "LateInteractionEncoder":
        """The model that ships with the service, read once."""
        return _bundled(threads)

    def encode(self, texts: Sequence[str], kind: Kind = "passage") -> Floats:
        """Return one unit row a text, shape (n, dimension)."""
        found = [one.pooled for one in self.read(texts, kind)]
        return np.stack(found) if found else np.zeros((0, self.dimension), np.float32)

    def read(self, texts: Sequence[str], kind: Kind = "passage") -> list[Encoded]:
        """Run the model over texts; what is longer than the model reads is left out at the end."""
        encodings = self._tokenised(texts, kind)
        read: list[Encoded | None] = [None] * len(texts)
        order = sorted(range(len(texts)), key=lambda at: len(encodings[at].ids))
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            tokens, pooled = self._run([encodings[at].ids for at in some])
            for at, vectors, whole in zip(some, tokens, pooled, strict=True):
                kept = self._tokens(encodings[at], kind)
                first = self._prompt_tokens[kind]
                read[at] = Encoded(kept, vectors[first : first + len(kept.ids)], whole)
        return [one for one in read if one is not None]

    def tokens(self, text: str, kind: Kind = "passage") -> TokenText:
        """The tokens of a text, without running the model."""
        return self._tokens(self._tokenised([text], kind)[0], kind)

    def _tokenised(self, texts: Sequence[str], kind: Kind) -> list[Encoding]:
        prompt = self._prompts[kind]
        return self._tokenizer.encode_batch([prompt + well_formed(text) for text in texts])

    def _tokens(self, encoding: Encoding, kind: Kind) -> TokenText:
        kept = slice(self._prompt_tokens[kind], len(encoding.ids) - 1)
        spans = np.array(encoding.offsets[kept], np.int32).reshape(-1, 2) - len(self._prompts[kind])
        return TokenText(np.array(encoding.ids[kept], np.int32), np.maximum(spans, 0))

    def _run(self, bags: Sequence[Sequence[int]]) -> tuple[Floats, Floats]:
        """Token vectors, shape (texts, longest, width), and pooled ones, shape (texts, dimension)."""
        longest = max(map(len, bags))
        ids = np.ones((len(bags), longest), np.int64)
        mask = np.zeros((len(bags), longest), np.int64)
        for row, bag in enumerate(bags):
            ids[row, : len(bag)] = bag
            mask[row, : len(bag)] = 1
        tokens, pooled = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return tokens, pooled


@cache
def _bundled(threads: int) -> LateInteractionEncoder:
    return LateInteractionEncoder("bundled", FOLDER, threads)


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in FILES:
        digest.update(f"{name}\0".encode())
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()
