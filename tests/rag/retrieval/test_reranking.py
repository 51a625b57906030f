"""A cross-encoder orders the first passages; late, broken or missing it changes nothing but `degraded`."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
import transformers
from neighbours import serving
from numpy.typing import NDArray
from prometheus_client.parser import text_string_to_metric_families
from support_server import ROOT, loaded_once
from support_waiting import wait_until

from index.encoder import cross_encoder
from index.encoder.cross_encoder import CrossEncoder, CrossEncoderUnavailable, TooLate, load_cross_encoder
from index.encoder.passage_text import encoded_text
from index.encoder.text_encoder import EncoderUnavailable
from index.passage_index import PassageIndex
from rag.api.app import create_app
from rag.cli.doctor.index_checks import check_reranker
from rag.retrieval.circuit_breaker import FAILURES, REST_SECONDS
from rag.retrieval.reranking import RERANKED, Reranker, Verdict
from rag.schema.models import AskBody, SearchBody
from rag.service import Service
from rag.settings import Settings

QUESTION = "产业社区有多少家企业？"
FOR_EVER = float("inf")
NUMBERS = [
    "一百零三",
    "二百",
    "三十",
    "四十四",
    "五百",
    "六",
    "七十",
    "八百八",
    "九",
    "十一",
    "一千",
    "十二",
    "三",
    "两百",
]
TEXTS = [f"第{name}号产业社区有{name}家企业，占地{name}亩。" for name in NUMBERS]


def tiny_model(folder: Path, labels: int = 1, **saving: Any) -> Path:
    """A BERT of two small layers with random weights that scores pairs."""
    torch.manual_seed(1)
    characters = sorted(set("".join(TEXTS) + QUESTION))
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=96,
        num_labels=labels,
        initializer_range=1.0,  # so that scores differ
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder, **saving)
    transformers.BertTokenizer(vocab={word: number for number, word in enumerate(words)}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("cross-encoder"))


@pytest.fixture(scope="module")
def model(folder: Path) -> CrossEncoder:
    return load_cross_encoder(str(folder))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PassageIndex]:
    home = tmp_path_factory.mktemp("home")
    service = Service(Settings(home=home, corpus="none"), PassageIndex.open(home, *loaded_once(), writable=True))
    for number, text in enumerate(TEXTS):
        service.put(text.encode(), f"d{number}", media_type="text/plain", title=f"第{NUMBERS[number]}号产业社区")
    yield service.index
    service.close()


def with_reranker(index: PassageIndex, home: Path, name: str = "", deadline: int = 60_000) -> Service:
    return Service(Settings(home=home, corpus="none", reranker=name, reranker_deadline=deadline), index)


# The model


def test_scores_are_those_of_the_library_squashed(model: CrossEncoder, folder: Path) -> None:
    from sentence_transformers import CrossEncoder as Library

    expected = Library(str(folder), device="cpu").predict([(QUESTION, text) for text in TEXTS])
    found = model.scores(QUESTION, TEXTS, FOR_EVER)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert found.std() > 0.01
    assert model.scores(QUESTION, [], FOR_EVER).shape == (0,)


def test_long_and_odd_texts_are_read_as_far_as_the_model_reads(model: CrossEncoder) -> None:
    found = model.scores("问" * 900, ["企业" * 900, "", "半个\ud800", "𠮷"], FOR_EVER)
    assert ((found >= 0) & (found <= 1)).all()


def test_the_clock_is_looked_at_between_batches(model: CrossEncoder) -> None:
    with pytest.raises(TooLate, match="0 of 14"):
        model.scores(QUESTION, TEXTS, time.monotonic() - 1)


def refused(name: str) -> str:
    with pytest.raises(CrossEncoderUnavailable) as problem:
        load_cross_encoder(name)
    assert "RAG_RERANKER" in str(problem.value)
    return problem.value.reason


def test_what_is_no_model_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "there is no folder" in refused(str(tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    assert "cannot be read" in refused(str(tmp_path / "empty"))
    assert "it gives 3 scores for a pair, 1 is due" in refused(str(tiny_model(tmp_path / "three", 3)))
    pickled = tiny_model(tmp_path / "pickled")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    assert "is a pickle" in refused(str(pickled))

    def offline(name: str) -> Path:
        raise EncoderUnavailable(name, "it is no local folder and not in the local cache", "…")

    monkeypatch.setattr(cross_encoder, "hub_folder", offline)
    assert "not in the local cache" in refused("owner/model")


def test_a_hub_name_is_loaded_from_its_local_copy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_encoder, "hub_folder", lambda name: folder)
    assert load_cross_encoder("owner/model").scores(QUESTION, TEXTS[:1], FOR_EVER).shape == (1,)


# The deadline


class Scripted:
    """Does what it is told for each question."""

    def __init__(self, *deeds: Callable[[Sequence[str]], Any]) -> None:
        self.deeds = list(deeds)
        self.asked = 0

    def scores(self, question: str, texts: Sequence[str], until: float) -> NDArray[np.float64]:
        self.asked += 1
        return np.asarray(self.deeds[min(self.asked, len(self.deeds)) - 1](texts), np.float64)


def fails(texts: Sequence[str]) -> Any:
    raise RuntimeError("out of order")


def rising(texts: Sequence[str]) -> Any:
    return np.linspace(0, 1, len(texts))


def held_up(until: threading.Event) -> Callable[[Sequence[str]], Any]:
    return lambda texts: (until.wait(), rising(texts))[1]


def reranker(*deeds: Callable[[Sequence[str]], Any], deadline: float = 5.0, **more: Any) -> tuple[Reranker, Scripted]:
    scripted = Scripted(*deeds)
    return Reranker("scripted", deadline, lambda name: scripted, **more), scripted


def test_equal_scores_keep_their_order() -> None:
    assert Verdict((0.5, 0.9, 0.5, 0.9)).order() == [1, 3, 0, 2]


def test_the_deadline_holds_while_the_model_goes_on() -> None:
    """Both come back although the model is not done: the second waits for the first, and no longer than may be."""
    may_end = threading.Event()
    slow, _ = reranker(held_up(may_end), rising, deadline=0.2)
    assert slow.judge("问", ["甲", "乙"]).lacking == "reranker_timeout"
    assert slow.judge("问", ["甲"]).lacking == "reranker_timeout"
    may_end.set()
    wait_until(lambda: slow.judge("问", ["甲", "乙"]).scores == (0.0, 1.0))
    slow.close()
    assert slow.judge("问", ["甲"]).lacking == "reranker_failed"


def test_a_model_that_fails_again_and_again_is_left_alone_for_a_while() -> None:
    now = [0.0]
    broken, scripted = reranker(*[fails] * FAILURES, rising, clock=lambda: now[0])
    assert [broken.judge("问", ["甲"]).lacking for _ in range(FAILURES)] == ["reranker_failed"] * FAILURES
    assert broken.judge("问", ["甲"]).lacking == "reranker_unavailable"
    assert scripted.asked == FAILURES
    now[0] = REST_SECONDS
    assert broken.judge("问", ["甲", "乙"]).order() == [1, 0]


def test_a_model_that_cannot_be_loaded_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    tried = []

    def loading(name: str) -> Scripted:
        tried.append(name)
        raise CrossEncoderUnavailable(name, "there is no such thing")

    missing = Reranker("nowhere", 1.0, loading)
    assert not missing.load()
    assert [missing.judge("问", ["甲"]).lacking for _ in range(2)] == ["reranker_unavailable"] * 2
    assert tried == ["nowhere"]
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert "set RAG_RERANKER to" in record.message


def judged_at_once(busy: Reranker, count: int = 12) -> list[Verdict]:
    found: list[Verdict] = []
    threads = [threading.Thread(target=lambda: found.append(busy.judge("问", ["甲", "乙"]))) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == count
    return found


def test_many_questions_at_once_are_all_judged() -> None:
    busy, _ = reranker(lambda texts: (time.sleep(0.02), rising(texts))[1], deadline=60)
    assert {one.scores for one in judged_at_once(busy)} == {(0.0, 1.0)}


def test_many_questions_at_once_all_come_back_while_the_model_hangs() -> None:
    may_end = threading.Event()
    hanging, scripted = reranker(held_up(may_end), deadline=0.2)
    assert all(one.lacking and not one.scores for one in judged_at_once(hanging))
    assert scripted.asked == 1  # what came too late is not read any more
    may_end.set()
    hanging.close()


# Over HTTP


def asked(service: Service, path: str, **body: Any) -> tuple[dict[str, Any], dict[str, float]]:
    """One answer over real HTTP, and what the metrics counted."""
    with serving(create_app(service)) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        reply = client.post(path, json=body)
        assert reply.status_code == 200, reply.text
        counted = text_string_to_metric_families(client.get("/metrics").text)
        reasons = {
            sample.labels["reason"]: sample.value
            for family in counted
            for sample in family.samples
            if sample.name == "rag_degraded_total"
        }
        return reply.json(), reasons


def ids(body: dict[str, Any], name: str = "results") -> list[str]:
    return [one["citation"]["document_id"] for one in body[name]]


def test_the_first_passages_stand_in_the_order_of_the_model(
    filled: PassageIndex, folder: Path, model: CrossEncoder, tmp_path: Path
) -> None:
    plain, _ = asked(with_reranker(filled, tmp_path), "/v1/search", query=QUESTION, top_k=14)
    body, reasons = asked(with_reranker(filled, tmp_path, str(folder)), "/v1/search", query=QUESTION, top_k=14)
    SearchBody.model_validate(body, extra="forbid")
    assert (body["degraded"], reasons, plain["degraded"]) == ([], {}, [])
    found = {one.document.id: one for one in with_reranker(filled, tmp_path).search(QUESTION, 14).evidence}
    read = [encoded_text(found[one].document.title, found[one].found.passage) for one in ids(plain)[:RERANKED]]
    scores = dict(zip(ids(plain), model.scores(QUESTION, read, FOR_EVER).tolist(), strict=False))
    assert ids(body)[:RERANKED] == sorted(scores, key=lambda one: -scores[one])
    assert ids(body)[:RERANKED] != ids(plain)[:RERANKED]
    assert ids(body)[RERANKED:] == ids(plain)[RERANKED:]
    assert [one["rank"] for one in body["results"]] == list(range(1, len(plain["results"]) + 1))
    shown = [one.get("reranked") for one in body["results"]]
    assert [one["rank"] for one in shown[:RERANKED]] == list(range(1, RERANKED + 1))
    assert set(shown[RERANKED:]) == {None}
    relevance = {one["citation"]["document_id"]: one["relevance"] for one in plain["results"]}
    assert all(one["relevance"] == relevance[one["citation"]["document_id"]] for one in body["results"])
    assert "rerank" in body["timing_ms"]
    assert "rerank" not in plain["timing_ms"]


def test_fewer_are_shown_than_are_read(filled: PassageIndex, folder: Path, tmp_path: Path) -> None:
    service = with_reranker(filled, tmp_path, str(folder))
    assert [one.document.id for one in service.search(QUESTION, 3).evidence] == [
        one.document.id for one in service.search(QUESTION, 14).evidence[:3]
    ]


def test_quotes_follow_the_places_that_the_model_gave(filled: PassageIndex, folder: Path, tmp_path: Path) -> None:
    service, plain = with_reranker(filled, tmp_path, str(folder)), with_reranker(filled, tmp_path)
    found, before = service.search(QUESTION, 14).evidence, plain.search(QUESTION, 14).evidence
    assert [one.place for one in found] == [one.place for one in before]
    model_of, was = service.retriever._model, {one.row: one for one in before}
    for one in found:
        assert one.quotable == tuple(model_of.quotable(one.place, each) for each in was[one.row].sentence_features)
        assert one.relevance == was[one.row].relevance


def test_what_is_answered_and_refused_is_a_matter_of_relevance(
    filled: PassageIndex, folder: Path, tmp_path: Path
) -> None:
    plain = with_reranker(filled, tmp_path).ask(QUESTION).answer
    body, _ = asked(with_reranker(filled, tmp_path, str(folder)), "/v1/ask", question=QUESTION)
    AskBody.model_validate(body, extra="forbid")
    assert body["status"] == plain.status == "answered"
    assert body["relevance"] == plain.relevance
    assert {one["document_id"] for one in body["citations"]} <= set(ids(body, "passages"))
    foreign = "怎样做红烧肉好吃"
    refused_body, _ = asked(with_reranker(filled, tmp_path, str(folder)), "/v1/ask", question=foreign)
    before = with_reranker(filled, tmp_path).ask(foreign).answer
    assert (refused_body["status"], refused_body["relevance"]) == ("no_answer", before.relevance)


@pytest.mark.parametrize(
    ("name", "deadline", "reason"),
    [("tiny", 1, "reranker_timeout"), ("./nowhere", 1000, "reranker_unavailable"), ("broken", 1000, "reranker_failed")],
)
@pytest.mark.parametrize("path", ["/v1/search", "/v1/ask", "/v1/chat/completions"])
def test_late_missing_or_broken_it_leaves_the_order_and_says_so(
    filled: PassageIndex,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    deadline: int,
    reason: str,
    path: str,
) -> None:
    service = with_reranker(filled, tmp_path, str(folder) if name in ("tiny", "broken") else name, deadline)
    assert service.reranker
    if name == "tiny":
        service.reranker.load()
    if name == "broken":
        service.reranker._scorer, service.reranker._loaded = Scripted(fails), True
    questions = {
        "/v1/search": {"query": QUESTION},
        "/v1/ask": {"question": QUESTION},
        "/v1/chat/completions": {"model": "hangzhou-rag", "messages": [{"role": "user", "content": QUESTION}]},
    }
    body, reasons = asked(service, path, **questions[path])
    plain, _ = asked(with_reranker(filled, tmp_path), path, **questions[path])
    told = body.get("rag", body)
    assert told["degraded"] == [reason]
    if path == "/v1/chat/completions":
        assert body["choices"] == plain["choices"]
        return
    name_of = "results" if path == "/v1/search" else "passages"
    assert body[name_of] == plain[name_of]
    assert reasons == {reason: 1}


def test_one_index_alone_and_comparisons_keep_their_order(filled: PassageIndex, folder: Path, tmp_path: Path) -> None:
    service, plain = with_reranker(filled, tmp_path, str(folder)), with_reranker(filled, tmp_path)
    for mode in ("lexical", "dense"):
        found, expected = (one.search(QUESTION, 14, mode) for one in (service, plain))  # type: ignore[arg-type]
        assert [one.row for one in found.evidence] == [one.row for one in expected.evidence]
        assert not any(one.reread for one in found.evidence)
    both = "第四十四号产业社区和第八百八号产业社区哪个企业多？"
    found, expected = service.search(both, 5), plain.search(both, 5)
    assert [one.row for one in found.evidence] == [one.row for one in expected.evidence]
    assert found.relevance == expected.relevance


def test_a_server_starts_without_its_model_and_says_what_to_do(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
    own = {"RAG_HOME": str(tmp_path / "home"), "RAG_PORT": "0", "RAG_CORPUS": "none", "RAG_RERANKER": "./nowhere"}
    command = [sys.executable, "-m", "rag", "serve"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=kept | own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("ready:"):
                break
        assert any("cross-encoder './nowhere' cannot be used" in line for line in said), said
        address = said[-1].removeprefix("ready: ").strip()
        with httpx.Client(base_url=address, trust_env=False) as client:
            client.put("/v1/documents/d", content=TEXTS[0].encode(), headers={"content-type": "text/plain"})
            body = client.post("/v1/ask", json={"question": QUESTION}).json()
        assert body["degraded"] == ["reranker_unavailable"]
        assert len(body["passages"]) == 1
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_nothing_of_it_is_imported_where_none_is_set(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.service import Service; from rag.settings import Settings\n"
        f"service = Service.open(Settings(home=Path({str(tmp_path)!r}), corpus='none'), writable=True)\n"
        "service.put('园区占地3亩。'.encode(), 'd', media_type='text/plain'); service.ask('园区占地多少亩')\n"
        "assert service.quick and service.reranker is None; service.close()\n"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


# The doctor


@pytest.mark.parametrize(
    ("name", "deadline", "state"), [("", 1000, "ok"), ("tiny", 60_000, "ok"), ("tiny", 1, "warn"), ("./no", 9, "bad")]
)
def test_the_doctor_looks_at_it(folder: Path, tmp_path: Path, name: str, deadline: int, state: str) -> None:
    named = str(folder) if name == "tiny" else name
    settings = Settings(home=tmp_path, reranker=named, reranker_deadline=deadline)
    finding = check_reranker(settings)
    assert finding.state == state
    assert ("RAG_RERANKER" in finding.remedy) == (state != "ok")
