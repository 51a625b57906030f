"""Writing the table as a sentence-transformers folder: one byte a number, one scale a token.

The weights file holds `embeddings` (int8) and `weights` (float32 scale per token), the layout of vocabulary-quantised
model2vec tables, which sentence_transformers' StaticEmbedding reads back as float32.
"""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save
from tokenizers import Tokenizer

MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.sentence_transformer.modules.StaticEmbedding"},
    {
        "idx": 1,
        "name": "1",
        "path": "1_Normalize",
        "type": "sentence_transformers.sentence_transformer.modules.Normalize",
    },
]
CONFIG = {
    "model_type": "SentenceTransformer",
    "prompts": {"query": "", "document": ""},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
}


def quantise(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return the rows as whole numbers in -127..127 and the scale of each row.

    table    shape (v, d)
    returns  shape (v, d) int8, shape (v,) float32; number * scale is within half a scale of the table
    """
    scale = np.abs(table).max(axis=1) / 127
    whole = np.rint(table / np.where(scale > 0, scale, 1)[:, None]).astype(np.int8)
    return whole, scale.astype(np.float32)


def write_model(folder: Path, tokenizer: Tokenizer, table: NDArray[np.float32]) -> None:
    """Write tokenizer, table of shape (v, d) and module list; the unknown token (number 0) gets a zero row."""
    whole, scale = quantise(table)
    scale[0] = 0.0
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(save({"embeddings": whole, "weights": scale}))
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "1_Normalize").mkdir(exist_ok=True)
    for name, content in (
        ("modules.json", MODULES),
        ("config_sentence_transformers.json", CONFIG),
        ("1_Normalize/config.json", {}),
    ):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
