"""The evaluation against the real service: a tiny temporary index, in this process and over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from fastapi.testclient import TestClient
from neighbours import serving
from typer.testing import CliRunner

from corpus.lexicon import bundled_lexicon
from index.encoder.loading import load_encoder
from index.lexical.tokeniser import Tokeniser
from rag.api.api_keys import add_key, remove_key
from rag.api.app import create_app
from rag.cli.evaluate_command import evaluate as command
from rag.evaluation import connection, remote_server
from rag.evaluation.bench import LocalBench
from rag.evaluation.case import Case, QuestionSet, TextRow, UnreadableSet
from rag.evaluation.running import RESULTS
from rag.evaluation.session import Evaluation, evaluate
from rag.evaluation.systems import MODES, SystemGone
from rag.evaluation.temporary import document_of, temporary_service
from rag.service import Service
from rag.settings import Settings

TEXTS = (
    TextRow("甲/park", "青云产业社区", "青云产业社区占地八十亩，2019年5月开园。园区里有三家食堂。"),
    TextRow("b", "白鹭产业社区", "白鹭产业社区由白鹭集团运营，总投资12亿元。𠮷野家在这里开店。"),
    TextRow("c", "松涛小镇", "松涛小镇位于松江街道，规划面积3.2平方公里，主攻人工智能。"),
)
CASES = (
    Case("1", "青云产业社区什么时候开园？", answers=(("2019年5月",),), relevant={"甲/park": 1}),
    Case("2", "白鹭产业社区由谁运营？", answers=(("白鹭集团",),), relevant={"b": 1}),
    Case("3", "红烧肉怎么做？", "unanswerable_ood", answerable=False),
)
SET = QuestionSet("tiny", CASES, TEXTS)


def nobody(what: str, done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), corpus="none", threshold=0.0)


@pytest.fixture(scope="module")
def local(settings: Settings) -> Evaluation:
    bench = LocalBench(settings, MODES, nobody)
    try:
        return evaluate([SET], bench, None, 1, nobody)
    finally:
        bench.close()


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[Service]:
    """A service that holds the two texts whose ids may stand in an address."""
    documents = [document_of(row) for row in TEXTS[1:]]
    with temporary_service(settings, load_encoder("static"), Tokeniser(bundled_lexicon()), documents, nobody) as one:
        yield one


def forwarding(service: Service) -> httpx.MockTransport:
    """Carries the requests of the evaluation into the app, without a socket."""
    client = TestClient(create_app(service), base_url="http://127.0.0.1")

    def forward(request: httpx.Request) -> httpx.Response:
        headers = dict(request.headers)
        answer = client.request(request.method, str(request.url), content=request.content, headers=headers)
        return httpx.Response(answer.status_code, content=answer.content, headers={"content-type": "application/json"})

    return httpx.MockTransport(forward)


def test_every_index_finds_the_documents_under_the_ids_of_the_set(local: Evaluation) -> None:
    assert [summary.system for summary in local.summaries] == list(MODES)
    for summary in local.summaries:
        assert summary.failed == 0
        assert summary.measures["RR@10"].mean == 1, summary.system


def test_the_whole_answers_with_quotes_that_are_slices(local: Evaluation) -> None:
    scored = local.scored["tiny", "hybrid"]
    assert [one.scores["answer hit"] for one in scored[:2]] == [1, 1]
    assert [one.scores["citation recall"] for one in scored[:2]] == [1, 1]
    quotes = local.summaries[0].quotes
    assert quotes["citations"] == quotes["exact"] > 0
    assert all(one.result.latency_ms > 0 for one in scored)


def test_the_temporary_index_is_gone_and_the_home_untouched(local: Evaluation, settings: Settings) -> None:
    assert list(settings.home.iterdir()) == []


def test_a_server_gives_the_same_outcomes_as_the_process(service: Service, settings: Settings) -> None:
    held = QuestionSet("http", CASES[1:], TEXTS[1:])
    bench = LocalBench(settings, MODES[:3], nobody)
    inside = evaluate([held], bench, None, 1, nobody)
    bench.close()
    over = remote_server.ServerBench("http://127.0.0.1", MODES, forwarding(service))
    outside = evaluate([held], over, None, 2, nobody)
    over.close()
    assert [key for _, key in outside.scored] == ["hybrid", "dense", "lexical"]
    for key, scored in outside.scored.items():
        assert [one.result.outcome for one in scored] == [one.result.outcome for one in inside.scored[key]]


def test_a_server_without_the_documents_of_the_set_is_refused(service: Service) -> None:
    over = remote_server.ServerBench("http://127.0.0.1", MODES[:1], forwarding(service))
    foreign = QuestionSet("foreign", CASES[1:], (TextRow("elsewhere", "", "别处。"),))
    with pytest.raises(UnreadableSet, match="does not hold elsewhere"):
        evaluate([foreign], over, None, 1, nobody)
    over.close()


def test_a_refused_question_counts_as_failed_with_the_server_s_words(service: Service) -> None:
    over = remote_server.ServerBench("http://127.0.0.1", MODES[:1], forwarding(service))
    long = QuestionSet("long", (Case("1", "长" * 1001, answers=(("甲",),)),))
    found = evaluate([long], over, None, 1, nobody)
    over.close()
    outcome = found.scored["long", "hybrid"][0].result.outcome
    assert outcome.status == "failed"
    assert "422" in outcome.error
    assert "1000" in outcome.error


def test_a_busy_server_is_asked_again_and_a_silent_one_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_FIRST_WAIT", 0.001)
    busy = iter([503, 429, 200])

    def sometimes(request: httpx.Request) -> httpx.Response:
        return httpx.Response(next(busy), json={"documents": 1})

    def never(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    over = remote_server.ServerBench("http://127.0.0.1:1", MODES[:1], httpx.MockTransport(sometimes))
    assert len(over.fingerprint(QuestionSet("s", CASES))) == 64
    over.close()
    over = remote_server.ServerBench("http://127.0.0.1:1", MODES[:1], httpx.MockTransport(never))
    with pytest.raises(SystemGone, match="is the server running"):
        over.fingerprint(QuestionSet("s", CASES))
    over.close()


KEY = "rag_canary-4711"
EMPTY = QuestionSet("s", CASES)


def replying(*replies: httpx.Response) -> tuple[remote_server.ServerBench, list[httpx.Request]]:
    """A bench whose server gives these replies one after the other, and the requests that it got."""
    asked: list[httpx.Request] = []
    given = iter(replies)

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return next(given)

    return remote_server.ServerBench("http://127.0.0.1:1", MODES[:1], httpx.MockTransport(reply), KEY), asked


def test_the_key_is_sent_as_a_bearer_token() -> None:
    over, asked = replying(httpx.Response(200, json={}))
    over.fingerprint(EMPTY)
    assert [request.headers["authorization"] for request in asked] == [f"Bearer {KEY}"]
    assert KEY not in str(asked[0].url)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (httpx.Response(401, json={}), "does not know this API key: make one there with `rag key add"),
        (httpx.Response(403, json={"title": "没有权限", "detail": "x"}), "does not let this key in: 403 没有权限 x"),
        (httpx.Response(429, headers={"Retry-After": "901"}), "wants 901 s of waiting: raise RAG_RATE_PER_MINUTE"),
    ],
)
def test_a_server_that_lets_nobody_in_ends_the_run_with_what_to_do(reply: httpx.Response, told: str) -> None:
    over, asked = replying(reply)
    with pytest.raises(SystemGone, match=told) as gone:
        over.fingerprint(EMPTY)
    assert KEY not in str(gone.value)
    assert len(asked) == 1


def test_a_redirect_is_not_followed_with_the_key() -> None:
    over, asked = replying(httpx.Response(307, headers={"Location": "http://evil.example/"}))
    with pytest.raises(connection.ServerRefused, match="it sends elsewhere"):
        over.fingerprint(EMPTY)
    assert len(asked) == 1


def test_a_limit_is_waited_for_as_told_however_often(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(connection.time, "sleep", waits.append)
    limited = [httpx.Response(429, headers={"Retry-After": "7"}) for _ in range(9)]
    over, _ = replying(*limited, httpx.Response(200, json={}))
    over.fingerprint(EMPTY)
    assert waits == [7.0] * 9
    assert capsys.readouterr().err.count("limits requests") == 1
    over, _ = replying(httpx.Response(503, headers={"Retry-After": "3"}), httpx.Response(200, json={}))
    over.fingerprint(EMPTY)
    assert waits[9:] == [3.0]


def test_waiting_is_no_latency(monkeypatch: pytest.MonkeyPatch) -> None:
    line = connection.Connection("http://a", "", httpx.MockTransport(lambda _: next(replies)))
    replies = iter([httpx.Response(429, headers={"Retry-After": "1"}), httpx.Response(200, json={})])
    assert line.call("GET", "/")[1] < 900


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        (b"\n", "is empty"),
        ("密钥".encode(), "no API key"),
        (b"a b", "no API key"),
        (b"\xff", "not text"),
    ],
)
def test_a_key_file_that_cannot_be_used_is_named(content: bytes | None, told: str, tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(connection.KeyUnusable, match=told) as refused:
        connection.read_key(path)
    assert str(path) in str(refused.value)


def test_the_key_comes_from_the_file_else_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(connection.KEY_VARIABLE, raising=False)
    assert connection.read_key(None) == ""
    monkeypatch.setenv(connection.KEY_VARIABLE, "rag_env")
    assert connection.read_key(None) == "rag_env"
    (tmp_path / "key.txt").write_text("rag_file\n", "utf-8")
    assert connection.read_key(tmp_path / "key.txt") == "rag_file"


def test_a_server_with_keys_is_evaluated_with_one(service: Service, folder: Path) -> None:
    """The whole command, over real HTTP: without the key it is told what to do, with it there are figures."""
    secret = add_key(service.settings.home, "evaluator", "ask")[1]
    questions = folder / "own.jsonl"
    questions.write_text(json.dumps({"id": "1", "q": CASES[1].question, "answers": ["白鹭集团"]}), "utf-8")
    try:
        with serving(create_app(service)) as address:
            refused = rag_evaluate(questions, "--url", address)
            assert refused.exit_code == 3
            assert f"{address} wants an API key" in refused.stderr
            (folder / "key.txt").write_text(secret + "\n", "utf-8")
            done = rag_evaluate(questions, "--url", address, "--key-file", folder / "key.txt", "--json")
            assert done.exit_code == 0, done.output
            assert json.loads(done.stdout)["sets"]["own"]["hybrid"]["questions"] == 1
            assert rag_evaluate(questions, "--key-file", folder / "key.txt").exit_code == 2
            assert rag_evaluate(questions, "--url", address, "--key-file", folder / "none").exit_code == 2
    finally:
        remove_key(service.settings.home, "evaluator")


# The command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A set with its passages, one bad row in it."""
    monkeypatch.setenv("RAG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RAG_CORPUS", "none")
    monkeypatch.setenv("RAG_THRESHOLD", "0.1")
    passages = "".join(json.dumps({"id": row.id, "title": row.title, "text": row.text}) + "\n" for row in TEXTS)
    (tmp_path / "tiny_passages.jsonl").write_text(passages, encoding="utf-8")
    rows = [
        {"id": case.id, "q": case.question, "kind": case.kind, "answers": case.answers, "pids": list(case.relevant)}
        for case in CASES
    ]
    (tmp_path / "tiny_questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return tmp_path


def rag_evaluate(*arguments: Any) -> Any:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def test_the_command_prints_a_table_and_fills_its_folder(folder: Path) -> None:
    out = folder / "run"
    done = rag_evaluate(folder / "tiny_questions.jsonl", "--out", out)
    assert done.exit_code == 0, done.output
    assert "tiny: 3 questions" in done.stdout
    assert any(line.split()[:3] == ["hybrid", "1.000", "1.000"] for line in done.stdout.splitlines())
    assert {path.name for path in out.iterdir()} == {
        "latency.jsonl", "manifest.json", "report.html", "results.jsonl", "runs", "scores.csv", "summary.json"
    }  # fmt: skip


def test_two_runs_give_the_same_results_byte_for_byte(folder: Path) -> None:
    for name in ("first", "second"):
        assert rag_evaluate(folder / "tiny_questions.jsonl", "--out", folder / name).exit_code == 0
    for file in (RESULTS, "scores.csv", "runs/tiny.hybrid.run", "manifest.json"):
        assert (folder / "first" / file).read_bytes() == (folder / "second" / file).read_bytes(), file


def test_bad_rows_and_wrong_use_show_in_the_exit_status(folder: Path) -> None:
    path = folder / "tiny_questions.jsonl"
    path.write_text("{}\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    partial = rag_evaluate(path, "--limit", 2, "--json")
    assert partial.exit_code == 2
    assert "left out: tiny_questions.jsonl:1: the field 'id' is missing" in partial.stderr
    assert json.loads(partial.stdout)["sets"]["tiny"]["hybrid"]["questions"] == 2
    assert rag_evaluate(folder / "absent.jsonl").exit_code == 2
    assert rag_evaluate(path, "--gate").exit_code == 2
    assert rag_evaluate(path, "--baseline", folder).exit_code == 2


def test_the_gate_closes_on_a_significant_regression_and_names_the_questions(folder: Path) -> None:
    rows = [{"id": f"g{n}", "q": f"青云产业社区第{n}期什么时候开园？", "answers": ["2019年5月"]} for n in range(6)]
    path = folder / "gate_questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "tiny_passages.jsonl").rename(folder / "gate_passages.jsonl")
    base = folder / "base"
    assert rag_evaluate(path, "--out", base).exit_code == 0
    assert rag_evaluate(path, "--baseline", base, "--gate").exit_code == 0
    passages = folder / "gate_passages.jsonl"
    passages.write_text(json.dumps({"id": "x", "text": "青云产业社区在杭州，什么时候都开着。"}), encoding="utf-8")
    closed = rag_evaluate(path, "--baseline", base, "--gate", "--out", folder / "worse")
    assert closed.exit_code == 1
    said = "regression: gate, hybrid: hit@1 fell from 1.000 to 0.000 (p 0.0312); worse: g0, g1, g2, g3, g4, g5"
    assert said in closed.stderr
    assert "the baseline" in (folder / "worse" / "report.html").read_text(encoding="utf-8")


def test_a_folder_with_another_run_is_refused(folder: Path) -> None:
    out = folder / "run"
    assert rag_evaluate(folder / "tiny_questions.jsonl", "--out", out, "--limit", 1).exit_code == 0
    other = rag_evaluate(folder / "tiny_questions.jsonl", "--out", out)
    assert other.exit_code == 2
    assert "holds a run with other sets and systems" in other.stderr


def test_a_haystack_lies_beside_the_service_s_own_documents(folder: Path) -> None:
    settings = Settings(home=folder / "home", corpus="none", threshold=0.0)
    with_index = Service.open(settings, writable=True)
    with_index.index.put([document_of(row) for row in TEXTS[1:]])
    with_index.close()
    hay = folder / "hay.jsonl"
    hay.write_text(
        "".join(json.dumps({"text": f"第{n}号仓库由第{n}公司运营。"}) + "\n" for n in range(30)), encoding="utf-8"
    )
    questions = folder / "own.jsonl"
    question = {"id": "1", "q": CASES[1].question, "answers": ["白鹭集团"], "subjects": ["b"]}
    questions.write_text(json.dumps(question), encoding="utf-8")
    assert rag_evaluate(questions, "--haystack", hay, "--url", "http://127.0.0.1:1").exit_code == 2
    done = rag_evaluate(questions, "--haystack", hay, "--out", folder / "run", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["sets"]["own"]["hybrid"]["measures"]["hit@1"]["mean"] == 1
    record = json.loads((folder / "run" / RESULTS).read_text(encoding="utf-8"))
    assert sum(name.startswith("hay-") for name in record["outcome"]["ranking"]) > 5
    beside = Service.open(settings, writable=False)
    assert len(beside.index.snapshot.documents) == 2
    beside.close()
