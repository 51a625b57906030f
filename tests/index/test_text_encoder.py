"""Encoders: numbers against the library that made the model, folding inside the tokenizer, and honest refusals."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import huggingface_hub
import numpy as np
import pytest
import sentence_transformers
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from index.encoder.loading import load_encoder
from index.encoder.text_encoder import BUNDLED, LONG, EncoderUnavailable, StaticTable, bundled_table

TEXTS = (
    "梦创社区有多少家企业？",
    "夢創社區有多少家企業？",
    "据2021年1月报道，某产业社区占地80.1亩，总投资10.5亿元。",
    "ＬｉｎｋＰａｒｋ产业社区，工业上楼",
    "A plain English sentence, with 3 numbers: 1, 2, 3.",
    "",
    "☃ 🎉 …",
    "未来社区\n\n九大场景\t“三化九场景”",
    "产业" * 3000,
    "𠮷日可游 é ﬁ Ⅳ",
)


@pytest.fixture(scope="module")
def bundled() -> StaticTable:
    encoder = load_encoder("static")
    assert isinstance(encoder, StaticTable)
    return encoder


@pytest.fixture(scope="module")
def library() -> Any:
    return sentence_transformers.SentenceTransformer(str(BUNDLED), device="cpu", local_files_only=True)


def tiny_table(
    folder: Path, weights: NDArray[Any], normalise: bool = True, prompts: dict[str, str] | None = None
) -> Path:
    """Write a static model of the words 甲 乙 丙 with the given rows; row 0 is the unknown word."""
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "甲": 1, "乙": 2, "丙": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    prefix = "sentence_transformers.sentence_transformer.modules."
    modules = [{"idx": 0, "name": "0", "path": "", "type": prefix + "StaticEmbedding"}]
    if normalise:
        modules.append({"idx": 1, "name": "1", "path": "1_Normalize", "type": prefix + "Normalize"})
        (folder / "1_Normalize").mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file({"embedding.weight": weights}, str(folder / "model.safetensors"))
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    config = {"prompts": prompts or {}, "model_type": "SentenceTransformer"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


ROWS = np.array([[9, 9], [3, 0], [0, 4], [0, 0]], np.float32)


def test_a_text_is_the_unit_sum_of_its_rows(tmp_path: Path) -> None:
    rows = ROWS.copy()
    rows[0] = 0
    table = load_encoder(str(tiny_table(tmp_path, rows)))
    # 甲 乙: (3, 0) + (0, 4) = (3, 4), length 5; 甲 甲 乙: (6, 4), length sqrt(52)
    expected = [[3 / 5, 4 / 5], [6 / 52**0.5, 4 / 52**0.5], [1, 0], [0, 0], [0, 0]]
    np.testing.assert_allclose(table.encode(["甲 乙", "甲 甲 乙", "甲 丁", "丙", ""]), expected, atol=1e-7)


def test_the_bundled_table_equals_the_library(bundled: StaticTable, library: Any) -> None:
    np.testing.assert_allclose(bundled.encode(TEXTS), library.encode(list(TEXTS)), atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), min_size=1, max_size=5))
def test_any_text_gives_the_library_s_vector(bundled: StaticTable, library: Any, texts: list[str]) -> None:
    np.testing.assert_allclose(bundled.encode(texts), library.encode(texts), atol=1e-5)


@pytest.mark.parametrize("kind", ["float32", "float16"])
def test_stored_numbers_of_either_width_equal_the_library(tmp_path: Path, kind: str) -> None:
    rows = np.random.default_rng(0).normal(size=(4, 16)).astype(kind)
    folder = str(tiny_table(tmp_path, rows, normalise=False))
    texts = ["甲 乙", "甲", "乙 丙 丙 甲", "丁"]
    expected = sentence_transformers.SentenceTransformer(folder, device="cpu").encode(texts, normalize_embeddings=True)
    table = load_encoder(folder)
    assert isinstance(table, StaticTable)
    np.testing.assert_allclose(table.encode(texts), expected, atol=1e-5 if kind == "float32" else 1e-3)


def test_rows_are_unit_or_zero_and_float32(bundled: StaticTable) -> None:
    vectors = bundled.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), bundled.dimension)
    assert vectors.dtype == np.float32
    lengths = np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(lengths, [0 if text in ("", "☃ 🎉 …") else 1 for text in TEXTS], atol=1e-6)
    assert bundled.encode([]).shape == (0, bundled.dimension)


def test_a_text_has_one_vector_in_any_company(bundled: StaticTable) -> None:
    together = bundled.encode(TEXTS * 40)
    apart = np.vstack([bundled.encode([text]) for text in TEXTS] * 40)
    assert (together == apart).all()


def test_traditional_full_width_and_capital_forms_meet_the_plain_one(bundled: StaticTable) -> None:
    plain, *others = bundled.encode(
        ["产业社区 linkpark 80亩", "產業社區 ＬＩＮＫＰＡＲＫ ８０畝", "产业社区，LinkPark：８０亩！"]
    )
    for other in others:
        np.testing.assert_array_equal(other, plain)


def test_half_a_surrogate_pair_is_read_as_a_question_mark(bundled: StaticTable) -> None:
    np.testing.assert_array_equal(bundled.encode(["产业\ud800社区"]), bundled.encode(["产业?社区"]))


def test_a_very_long_text_is_the_same_sum(bundled: StaticTable) -> None:
    text = "产业社区 未来科技城 "
    short, long = bundled.encode([text, text * LONG])
    np.testing.assert_allclose(long, short, atol=1e-5)


def test_related_words_lie_nearer_than_unrelated_ones(bundled: StaticTable) -> None:
    company, enterprise, cooking = bundled.encode(["有多少家公司", "企业数量", "红烧肉的做法"])
    assert company @ enterprise > company @ cooking + 0.2


def test_the_fingerprint_follows_the_files_that_decide(tmp_path: Path) -> None:
    first = load_encoder(str(tiny_table(tmp_path, ROWS))).fingerprint
    (tmp_path / "README.md").write_text("a card decides nothing", encoding="utf-8")
    assert load_encoder(str(tmp_path)).fingerprint == first
    save_file({"embedding.weight": ROWS * 2}, str(tmp_path / "model.safetensors"))
    assert load_encoder(str(tmp_path)).fingerprint != first


def test_the_bundled_model_is_small_and_holds_no_pickle() -> None:
    files = [path for path in BUNDLED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 8_000_000
    assert (BUNDLED / "model.safetensors").stat().st_size <= 5_300_000
    assert {path.suffix for path in files} <= {".json", ".safetensors", ".md"}
    tensors = load_file(BUNDLED / "model.safetensors")
    assert tensors["embeddings"].dtype == np.int8
    assert tensors["weights"][0] == 0  # the unknown token


def test_the_bundled_table_needs_no_torch_and_starts_at_once() -> None:
    program = (
        "import sys; from index.encoder.loading import load_encoder; load_encoder('static').encode(['产业社区']);"
        "sys.exit(len({'torch', 'sentence_transformers', 'transformers'} & sys.modules.keys()))"
    )
    started = time.perf_counter()
    assert subprocess.run([sys.executable, "-c", program], cwd=BUNDLED.parent.parent, check=False).returncode == 0
    assert time.perf_counter() - started < 10


def test_all_share_one_bundled_table() -> None:
    assert load_encoder("static") is load_encoder("static") is bundled_table()


def test_a_name_that_is_no_folder_says_where_why_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EncoderUnavailable, match=r"there is no folder .*absent; give the path"):
        load_encoder(str(tmp_path / "absent"))

    def refuse(name: str, **_: object) -> str:
        raise OSError(f"offline, {name} is not cached")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(EncoderUnavailable, match=r"'owner/model'.*not in the local cache.*offline.*HF_HUB_OFFLINE"):
        load_encoder("owner/model")


@pytest.mark.parametrize("damage", ["cut weights", "no tokenizer", "cut tokenizer", "too few rows", "empty folder"])
def test_a_broken_folder_is_refused_by_name(tmp_path: Path, damage: str) -> None:
    tiny_table(tmp_path, ROWS)
    weights, tokenizer = tmp_path / "model.safetensors", tmp_path / "tokenizer.json"
    if damage == "cut weights":
        weights.write_bytes(weights.read_bytes()[:40])
    elif damage == "no tokenizer":
        tokenizer.unlink()
    elif damage == "cut tokenizer":
        tokenizer.write_text('{"version":', encoding="utf-8")
    elif damage == "too few rows":
        save_file({"embedding.weight": ROWS[:2]}, str(weights))
    else:
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
    with pytest.raises(EncoderUnavailable, match=str(tmp_path)):
        load_encoder(str(tmp_path))


def test_prompts_are_left_to_the_library(tmp_path: Path) -> None:
    encoder = load_encoder(str(tiny_table(tmp_path, ROWS, prompts={"query": "乙 ", "document": ""})))
    assert not isinstance(encoder, StaticTable)
    np.testing.assert_allclose(encoder.encode(["甲"], kind="question"), [[0.6, 0.8]], atol=1e-6)
    np.testing.assert_allclose(encoder.encode(["甲"], kind="passage"), [[1, 0]], atol=1e-6)


@pytest.fixture(scope="module")
def transformer_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two small layers with random weights, saved as a sentence-transformers model with prompts."""
    torch.manual_seed(0)
    characters = sorted(set("产业社区有多少家企业占地面积亩未来科技城问答文"))
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    tokenizer = transformers.BertTokenizer(vocab={word: number for number, word in enumerate(words)})
    assert len(tokenizer) == len(words)
    plain, made = tmp_path_factory.mktemp("bert"), tmp_path_factory.mktemp("model")
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    transformers.BertModel(config).save_pretrained(plain)
    tokenizer.save_pretrained(plain)
    body = Transformer(str(plain))
    model = sentence_transformers.SentenceTransformer(
        modules=[body, Pooling(32)], prompts={"query": "问", "document": "答"}, device="cpu"
    )
    model.save(str(made))
    return made


def test_another_model_runs_through_the_library_with_its_prompts(transformer_folder: Path) -> None:
    encoder = load_encoder(str(transformer_folder))
    assert not isinstance(encoder, StaticTable)
    assert encoder.dimension == 32
    model = sentence_transformers.SentenceTransformer(str(transformer_folder), device="cpu")
    texts: Sequence[str] = ["产业社区有多少家企业", "占地面积", "未来科技城\ud800"]
    raw = model.encode(["问" + text.replace("\ud800", "?") for text in texts])
    expected = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    np.testing.assert_allclose(encoder.encode(texts, kind="question"), expected, atol=1e-5)
    assert np.abs(encoder.encode(texts) - expected).max() > 1e-3
    assert np.linalg.norm(encoder.encode(["", *texts]), axis=1) == pytest.approx(1.0)
    assert encoder.encode([]).shape == (0, 32)


def test_pickled_weights_are_refused(transformer_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(transformer_folder, tmp_path, dirs_exist_ok=True)
    weights = next(tmp_path.rglob("model.safetensors"))
    weights.rename(weights.with_name("pytorch_model.bin"))
    with pytest.raises(EncoderUnavailable, match="is a pickle"):
        load_encoder(str(tmp_path))


def test_nothing_is_asked_of_the_network(transformer_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError(f"a connection was opened with HF_HUB_OFFLINE={os.environ.get('HF_HUB_OFFLINE')}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert load_encoder(str(transformer_folder)).encode(["产业"]).shape == (1, 32)
