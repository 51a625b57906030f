"""The bundled transformer: spans of tokens, unit vectors, equal alone and among others, and shipped vectors."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support_index import document_of

from corpus.bundled import bundled_documents
from corpus.passage import split
from index.encoder.late_interaction import FOLDER, SHIPPED, LateInteractionEncoder, ShippedVectors
from index.encoder.loading import load_encoder
from index.encoder.passage_text import encoded_text
from index.encoder.text_encoder import EncoderUnavailable
from index.lexical.tokeniser import Tokeniser
from index.passage_index import PassageIndex
from index.preparing import AT_ONCE, content_hash
from index.store.token_store import TokenStore
from index.token_vectors import pack, unpack

ENCODER = LateInteractionEncoder.bundled()
TEXTS = ["linkpark产业社区占地80.1亩。", "短", "由绿城科技产业服务集团运营，提供整体运营服务。" * 3, "𠮷祥社区\ud800"]


def test_tokens_point_into_the_text() -> None:
    tokens = ENCODER.tokens("linkpark产业社区占地80.1亩。")
    words = ["linkpark产业社区占地80.1亩。"[start:end] for start, end in tokens.spans.tolist()]
    assert "".join(words) == "linkpark产业社区占地80.1亩。"
    assert {"产业", "社区"} <= set(words)


def test_vectors_are_of_unit_length_one_a_token() -> None:
    for text, read in zip(TEXTS, ENCODER.read(TEXTS), strict=True):
        assert read.vectors.shape == (len(ENCODER.tokens(text).ids), ENCODER.width)
        assert np.linalg.norm(read.vectors, axis=1) == pytest.approx(1, abs=1e-4)
        assert np.linalg.norm(read.pooled) == pytest.approx(1, abs=1e-4)


def test_a_text_is_read_alike_alone_and_among_others() -> None:
    for text, among in zip(TEXTS, ENCODER.read(TEXTS), strict=True):
        (alone,) = ENCODER.read([text])
        assert (alone.vectors * among.vectors).sum(1) == pytest.approx(1, abs=1e-4)


def test_nearness_is_of_meaning() -> None:
    area, operator = ENCODER.encode(["甲园占地80.1亩。", "甲园由乙公司负责经营。"])
    (question,) = ENCODER.encode(["谁在管理甲园"], "question")
    assert question @ operator > question @ area


def test_no_texts_are_no_rows() -> None:
    assert ENCODER.encode([]).shape == (0, ENCODER.dimension)


def test_it_runs_without_torch() -> None:
    program = (
        "import sys; from index.encoder.loading import load_encoder; load_encoder('bundled').encode(['产业社区']);"
        "sys.exit(len({'torch', 'sentence_transformers', 'transformers'} & sys.modules.keys()))"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0


def test_a_broken_model_says_where_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EncoderUnavailable, match=str(tmp_path)):
        LateInteractionEncoder("mine", tmp_path)


def test_the_weights_stay_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.name != SHIPPED) < 40 * 10**6


def test_every_passage_of_the_bundled_corpus_comes_with_its_vectors() -> None:
    texts = [encoded_text(one.title, passage) for one in bundled_documents() for passage in split(one)]
    shipped = ENCODER.shipped.get(content_hash(ENCODER, text) for text in texts)
    assert len(shipped) == len(set(texts))
    text = texts[len(texts) // 2]
    pooled, packed = shipped[content_hash(ENCODER, text)]
    (read,) = ENCODER.read([text])
    assert pooled @ read.pooled == pytest.approx(1, abs=2e-3)
    assert (unpack(packed, ENCODER.width) * read.vectors).sum(1) == pytest.approx(1, abs=5e-3)


def test_what_is_packed_is_unpacked() -> None:
    vectors = np.array([[0.6, -0.8], [1.0, 0.0]], np.float32)
    assert unpack(pack(vectors), 2) == pytest.approx(vectors, abs=0.005)
    with pytest.raises(ValueError, match="reshape"):
        unpack(pack(vectors), 3)


def test_shipped_vectors_are_what_was_saved(tmp_path: Path) -> None:
    pooled = np.array([0.6, 0.8], np.float32)
    ShippedVectors.save(tmp_path / "v.npz", {"a": (pooled, b"12345"), "b": (pooled[::-1], b"6")})
    held = ShippedVectors(tmp_path / "v.npz").get(["b", "c", "a"])
    assert (held["a"][1], held["b"][1], set(held)) == (b"12345", b"6", {"a", "b"})
    assert held["b"][0] == pytest.approx([0.8, 0.6], abs=1e-3)
    assert ShippedVectors(tmp_path / "none").get(["a"]) == {}


def test_a_damaged_token_store_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "derived" / "tokens.sqlite"
    store = TokenStore(path, writable=True)
    store.put({"a": b"1", "b": b"2"})
    store.forget(["b"])
    assert store.get(["a", "b"]) == {"a": b"1"}
    store.close()
    path.write_bytes(b"no database" * 500)
    anew = TokenStore(path, writable=True)
    assert anew.get(["a"]) == {}
    anew.put({"c": b"3"})
    assert anew.hashes() == {"c"}
    anew.close()


def test_a_reader_finds_what_the_writer_kept_and_nothing_without_a_file(tmp_path: Path) -> None:
    assert TokenStore(tmp_path / "none.sqlite", writable=False).get(["a"]) == {}
    assert not (tmp_path / "none.sqlite").exists()


def test_many_passages_are_found_by_their_words_at_once_and_by_meaning_later(
    tmp_path: Path, small_tokeniser: Tokeniser
) -> None:
    told = "第{0}园区占地{0}亩，由第{0}公司负责日常的运营和管理。"
    text = "\n\n".join(told.format(number) * 4 for number in range(AT_ONCE + 6))
    index = PassageIndex.open(tmp_path, ENCODER, small_tokeniser, writable=True)
    index.put([document_of("many", text)])
    passages = len(index.snapshot.lexical)
    assert index.waiting == passages > AT_ONCE
    assert index.verify() == []
    assert index.encode_waiting(4) == 4
    index.close()
    index = PassageIndex.open(tmp_path, ENCODER, small_tokeniser, writable=True)  # goes on after a restart
    assert index.waiting == passages - 4
    while index.encode_waiting():
        pass
    assert index.waiting == 0
    assert len(index.snapshot.dense) == passages
    assert index.verify() == []
    index.remove(["many"])
    index.forget_tokens()
    assert index.vectors is not None
    assert index.vectors.tokens.hashes() == frozenset()
    index.close()


def test_the_name_bundled_is_the_transformer() -> None:
    assert load_encoder("bundled") is ENCODER
