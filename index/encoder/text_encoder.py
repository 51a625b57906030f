"""Encoders: texts in, unit vectors out, from the bundled table, a local folder or a hub name.  [sentence_transformers]

A static model (one vector a token, averaged) is read straight from its files with tokenizers, safetensors and numpy:
it is ready in milliseconds and needs no torch. Any other model is run by the sentence_transformers library, which is
imported only then.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from index.errors import IndexProblem

BUNDLED: Final = Path(__file__).parent / "bundled"
DECISIVE: Final = ("*.json", "*.safetensors", "*.txt", "*.model")  # the files of a model that decide its vectors
BATCH: Final = 128  # texts cut at once
LONG: Final = (
    512  # tokens of a text above which its rows are counted instead of gathered, which bounds the rows in memory
)

SMALLEST: Final = np.float32(1e-12)  # length below which a sum of rows counts as zero, as in torch's normalize

Kind = Literal["question", "passage"]


class EncoderUnavailable(IndexProblem):
    """No encoder can be had under this name."""

    def __init__(self, name: str, reason: str, remedy: str) -> None:
        super().__init__(f"encoder {name!r} cannot be used: {reason}; {remedy}")
        self.name = name
        self.reason = reason


class Encoder(Protocol):
    """Texts to vectors."""

    @property
    def name(self) -> str:
        """The name it was loaded by."""
        ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the files that decide its vectors."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers in one vector."""
        ...

    def encode(self, texts: Sequence[str], kind: Kind = "passage") -> NDArray[np.float32]:
        """Return one unit row a text, shape (n, dimension); a text without a known token gives a zero row."""
        ...


@cache
def bundled_table() -> "StaticTable":
    """The table that ships with the service, read once: the index, similarity and every service share it."""
    return StaticTable.read("static", BUNDLED)


class StaticTable:
    """One vector a token; a text is the unit sum of its tokens' vectors.

    Equal to SentenceTransformer.encode(..., normalize_embeddings=True) on the same folder within 1e-5
    (1e-3 where the folder stores half-precision numbers, with which that library also calculates).
    """

    def __init__(self, name: str, fingerprint: str, tokenizer: Tokenizer, table: NDArray[np.float32]) -> None:
        if table.ndim != 2 or len(table) < tokenizer.get_vocab_size():
            raise ValueError(f"a table of shape {table.shape} for {tokenizer.get_vocab_size()} tokens")
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = int(table.shape[1])
        self._tokenizer = tokenizer
        self._table = table

    @classmethod
    def read(cls, name: str, folder: Path) -> Self:
        """Read tokenizer.json and model.safetensors of a static model's folder."""
        try:
            place = folder / modules_of(folder)[0]["path"]
            tokenizer = Tokenizer.from_file(str(place / "tokenizer.json"))
            tokenizer.no_padding()
            table = table_of(load_file(place / "model.safetensors"))
            return cls(name, fingerprint_of(folder), tokenizer, table)
        except Exception as error:  # tokenizers raises plain Exception for a broken file
            raise unreadable(name, folder, error) from error

    def encode(self, texts: Sequence[str], kind: Kind = "passage") -> NDArray[np.float32]:
        """Return one unit row a text, shape (n, dimension); `kind` makes no difference to a table."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), BATCH):
            part = [well_formed(text) for text in texts[start : start + BATCH]]
            encodings = self._tokenizer.encode_batch_fast(part, add_special_tokens=False)
            self._sum_rows([encoding.ids for encoding in encodings], vectors[start : start + BATCH])
        norms = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))
        vectors /= np.maximum(norms, SMALLEST)[:, None]
        return vectors

    def tokens(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return the ids of each text's tokens, in order."""
        encodings = self._tokenizer.encode_batch_fast([well_formed(text) for text in texts], add_special_tokens=False)
        return [np.asarray(encoding.ids, np.int32) for encoding in encodings]

    def rows(self, tokens: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the vectors of tokens, shape (n, dimension); their lengths say how much each token tells."""
        return self._table.take(tokens, axis=0)

    def lengths(self) -> NDArray[np.float32]:
        """Return the length of every token's vector, shape (v,)."""
        lengths: NDArray[np.float32] = np.sqrt(np.einsum("nd,nd->n", self._table, self._table))
        return lengths

    def _sum_rows(self, bags: list[list[int]], into: NDArray[np.float32]) -> None:
        for row, bag in enumerate(bags):
            if len(bag) > LONG:
                tokens, counts = np.unique(np.asarray(bag), return_counts=True)
                into[row] = counts.astype(np.float32) @ self._table[tokens]
            elif bag:
                np.add.reduce(self._table.take(bag, axis=0), axis=0, out=into[row])


class SentenceTransformerEncoder:
    """Any sentence-transformers model, run by that library without an accelerator, with the model's own prompts."""

    def __init__(self, name: str, folder: Path) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EncoderUnavailable(
                name,
                f"{folder} holds no static table, and sentence-transformers cannot be imported ({error})",
                "install it with: pip install 'sentence-transformers==6.2.0'",
            ) from error
        try:
            refuse_pickles(folder)
            self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
            self.dimension = int(self._model.encode([""], show_progress_bar=False).shape[1])
            self.fingerprint = fingerprint_of(folder)
        except Exception as error:  # whatever the library trips over, the operator learns which folder it was
            raise unreadable(name, folder, error) from error
        self.name = name

    def encode(self, texts: Sequence[str], kind: Kind = "passage") -> NDArray[np.float32]:
        """Return one unit row a text, shape (n, dimension)."""
        encode = self._model.encode_query if kind == "question" else self._model.encode_document
        part = [well_formed(text) for text in texts]
        if not part:
            return np.zeros((0, self.dimension), np.float32)
        return np.asarray(encode(part, normalize_embeddings=True, show_progress_bar=False), dtype=np.float32)


def is_static(folder: Path) -> bool:
    """Whether the folder holds one static embedding and nothing behind it but normalisation, without prompts."""
    modules = [module["type"].rpartition(".")[2] for module in modules_of(folder)]
    return modules[:1] == ["StaticEmbedding"] and set(modules[1:]) <= {"Normalize"} and not has_prompts(folder)


def modules_of(folder: Path) -> list[dict[str, Any]]:
    """Return the module list of a sentence-transformers folder, empty if it has none that can be read."""
    modules = read_json(folder / "modules.json")
    if isinstance(modules, list) and all(
        isinstance(module, dict) and {"type", "path"} <= set(module) for module in modules
    ):
        return modules
    return []


def has_prompts(folder: Path) -> bool:
    """Whether the folder asks for words to be put before a question or a passage."""
    config = read_json(folder / "config_sentence_transformers.json")
    prompts = config.get("prompts") if isinstance(config, dict) else None
    return any(prompts.values()) if isinstance(prompts, dict) else False


def read_json(path: Path) -> object:
    """Return what the file holds, None if there is no file or no JSON in it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def refuse_pickles(folder: Path) -> None:
    """Raise ValueError if a part of the model has its weights in a pickle only."""
    for path in sorted(folder.rglob("pytorch_model*.bin")):
        if not any(path.parent.glob("*.safetensors")):
            raise ValueError(f"{path.relative_to(folder)} is a pickle; save the model with safetensors")


def table_of(tensors: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    """Return one float32 row a token, shape (v, d), from either layout that StaticEmbedding writes or reads.

    embedding.weight               the rows themselves
    embeddings, mapping?, weights? rows that tokens may share (mapping) and a factor for each token (weights)
    """
    if "embedding.weight" in tensors:
        return np.ascontiguousarray(tensors["embedding.weight"], dtype=np.float32)
    table = np.asarray(tensors["embeddings"], dtype=np.float32)
    if "mapping" in tensors:
        table = table[tensors["mapping"].astype(np.int64)]
    if "weights" in tensors:
        table = table * tensors["weights"].astype(np.float32)[:, None]
    return np.ascontiguousarray(table)


def fingerprint_of(folder: Path) -> str:
    """Return the SHA-256 over names, lengths and bytes of the files that decide the vectors."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in DECISIVE for path in folder.rglob(pattern)}):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def well_formed(text: str) -> str:
    """Return the text with lone surrogates, which tokenizers refuse, replaced by question marks."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def unreadable(name: str, folder: Path, error: Exception) -> EncoderUnavailable:
    """Return the error for a folder that is there but no model."""
    remedy = "give a complete sentence-transformers folder (modules.json, tokenizer.json, model.safetensors)"
    return EncoderUnavailable(name, f"the model in {folder} cannot be read ({said(error)})", remedy)


def said(error: Exception) -> str:
    """Return the class and the first line of an error."""
    first = (str(error).strip() or "no message").splitlines()[0]
    return f"{type(error).__name__}: {first}"
