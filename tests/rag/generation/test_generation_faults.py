"""An LLM that fails in every way it can, over real HTTP: the answer is there in time, from quotes, and says why."""

import asyncio
import json
import logging
import time
import zlib
from collections.abc import Iterator

import pytest
from fake_llm import (
    AMPLE,
    BRIEF,
    DONE,
    Behaviour,
    FakeLLM,
    endless,
    event,
    fake_llm,
    head,
    raw,
    replies,
    reset,
    says,
    silent,
)
from neighbours import trusting

from rag.generation.replies import LONGEST_LINE
from rag.generation.task import Task, Worded, task_of
from rag.generation.wording import Generation
from rag.retrieval.circuit_breaker import FAILURES, REST_SECONDS, Breaker
from rag.service import Service

GOOD = "𠮷祥产业社区位于滨江区。[1]"
KEY = "sk-canary-4711"
BOMB = zlib.compress(b"\0" * 50_000_000, wbits=31)
CHUNKED = "Transfer-Encoding: chunked"
MARGIN = 0.5  # seconds after the deadline, in the best of the tries: other programs may hold one up
TRIES = 3


@pytest.fixture(scope="module")
def task(made_up_service: Service) -> Task:
    reply = trusting(made_up_service).ask("𠮷祥产业社区在哪个区？", top_k=3)
    return task_of(reply.resolved, reply.answer, reply.retrieval, made_up_service.index.document)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that a server sends, and no key, is ever logged."""
    caplog.set_level(logging.DEBUG)
    yield
    assert KEY not in caplog.text
    assert "SECRET-BODY" not in caplog.text


def generation(service: Service, fake: FakeLLM, deadline: float = AMPLE) -> Generation:
    return Generation(service.index.tokeniser, fake.address, "test-model", KEY, deadline)


def word(service: Service, task: Task, *script: Behaviour, deadline: float = AMPLE) -> tuple[Worded, FakeLLM, float]:
    async def worded() -> tuple[Worded, FakeLLM, float]:
        async with fake_llm(*script) as fake:
            writer = generation(service, fake, deadline)
            began = time.monotonic()
            answer = await writer.word(task)
            spent = time.monotonic() - began
            await writer.close()
            return answer, fake, spent

    return asyncio.run(worded())


FAULTS: list[tuple[str, Behaviour, str, int]] = [
    ("L2 never answers", silent(), "timeout", 1),
    ("L3 head, then silence", silent(head()), "timeout", 1),
    ("L3 half a head", silent(b"HTTP/1.1 200 OK\r\n"), "timeout", 1),
    ("L4 drip", endless(event("字"), pause=0.7), "timeout", 1),
    ("L4 one good sentence, then silence", silent(head(), event(GOOD + "它")), "timeout", 1),
    ("L5 401", replies(b"SECRET-BODY", "401 Unauthorized"), "failed", 1),
    ("L5 403", replies({"error": "no"}, "403 Forbidden"), "failed", 1),
    ("L5 404", replies({"error": "no"}, "404 Not Found"), "failed", 1),
    ("L6 429 for days", replies(b"", "429 Too Many", "text/plain", "Retry-After: 99999"), "failed", 1),
    ("L6 429 garbage", replies(b"", "429 Too Many", "text/plain", "Retry-After: soon"), "failed", 1),
    ("L7 500 again and again", replies({"error": "SECRET-BODY"}, "500 Oops"), "failed", 2),
    ("L7 503", replies(b"", "503 Busy"), "failed", 2),
    ("L8 redirect", replies(b"", "301 Moved", "text/plain", "Location: http://169.254.169.254/"), "failed", 1),
    ("L8 redirect that keeps the method", replies(b"", "307 Moved", "text/plain", "Location: /v1/other"), "failed", 1),
    ("L9 HTML", replies(b"<html>SECRET-BODY</html>", "200 OK", "text/html"), "failed", 1),
    ("L9 HTML that calls itself JSON", replies(b"<html>SECRET-BODY</html>"), "failed", 1),
    ("L10 half JSON", replies(b'{"choices": [{"message": {"content": "SECRET-BODY'), "failed", 1),
    ("L11 no choices", replies({"choices": []}), "failed", 1),
    ("L11 choices null", replies({"choices": None}), "failed", 1),
    ("L11 choices an object", replies({"choices": {"0": {}}}), "failed", 1),
    ("L11 choice a number", replies({"choices": [1]}), "failed", 1),
    ("L11 message a list", replies({"choices": [{"message": [1]}]}), "failed", 1),
    ("L11 content a number", replies({"choices": [{"message": {"content": 1}}]}), "failed", 1),
    ("L11 NaN", replies(b'{"choices": [{"message": {"content": NaN}}]}'), "failed", 1),
    ("L11 a list", replies([1, 2]), "failed", 1),
    ("L11 delta a string", raw(head(), b'data: {"choices": [{"delta": "x"}]}\n\n', DONE), "failed", 1),
    ("L11 finish a number", raw(head(), b'data: {"choices": [{"finish_reason": 7}]}\n\n', DONE), "failed", 1),
    ("L12 no content", replies({"choices": [{"message": {}}]}), "failed", 1),
    ("L12 null content", replies({"choices": [{"message": {"content": None}}]}), "failed", 1),
    ("L13 a line without end", endless(b"data: " + b"x" * 100_000), "failed", 1),
    ("L13 a line too long", raw(head(), b"data: " + b"x" * LONGEST_LINE + b"\n\n"), "failed", 1),
    ("L13 not UTF-8", raw(head(), b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n', DONE), "failed", 1),
    ("L13 a million empty events", endless(b"data:\n\n" * 10_000), "failed", 1),
    ("L13 a million comments", endless(b": still here\n\n" * 10_000), "failed", 1),
    ("L13 comments and nothing else", endless(b": still here\n\n", pause=0.1), "timeout", 1),
    ("L13 garbage", raw(head(), b"\x00\x01\x02 garbage\n\n", b"data: {]\n\n"), "failed", 1),
    ("L13 an error in the stream", raw(head(), event(GOOD), b'data: {"error": {"message": "x"}}\n\n'), "failed", 1),
    ("L14 gzip bomb", raw(head("200 OK", "application/json", "Content-Encoding: gzip") + BOMB), "failed", 1),
    ("L14 gzip events", raw(head("200 OK", "text/event-stream", "Content-Encoding: gzip") + BOMB), "failed", 1),
    ("L15 endless words", endless(event("无关的字句" * 500 + "。")), "failed", 1),
    ("L15 endless whole", endless(b" " * 100_000), "failed", 1),
    (
        "L16 too short for its length",
        raw(head("200 OK", "application/json", "Content-Length: 9999") + b"{"),
        "failed",
        2,
    ),
    ("L16 RST at once", reset(), "failed", 2),
    ("L16 RST after the head", reset(head()), "failed", 2),
    ("L16 RST in a sentence", reset(head(), event(GOOD + "它")), "failed", 1),
    ("L16 a chunk breaks off", raw(head("200 OK", "text/event-stream", CHUNKED) + b"ff\r\ndata:"), "failed", 2),
    ("L16 not HTTP", raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "failed", 2),
    ("L16 the server dies and the system hangs up", raw(head(), event(GOOD)), "failed", 1),
    ("nothing said", raw(head(), DONE), "unsupported", 1),
    ("usage only", raw(head(), b'data: {"choices": [], "usage": {}}\n\n', DONE), "unsupported", 1),
    ("L17 a number that was not given", says("𠮷祥产业社区位于滨江区。[99]"), "unsupported", 1),
    ("L17 one true number, one forged", says("𠮷祥产业社区位于滨江区。[1][99]"), "unsupported", 1),
    ("L17 no number", says("𠮷祥产业社区位于滨江区。"), "unsupported", 1),
    ("L17 script", says("𠮷祥产业社区位于滨江区<script>alert(1)</script>。[1]"), "unsupported", 1),
    ("L17 image", says("𠮷祥产业社区位于滨江区![x](http://evil.test/?q=1)。[1]"), "unsupported", 1),
    ("L17 scheme", says("𠮷祥产业社区位于滨江区javascript:alert(1)。[1]"), "unsupported", 1),
    ("L18 the rules", says("只能使用段落里写明的内容，不得补充常识、推测、计算或评价。[1]"), "unsupported", 1),
    ("L18 the key", says(f"密钥是{KEY}。[1]"), "unsupported", 1),
    ("only thoughts", says("<think>", GOOD), "unsupported", 1),
]


@pytest.mark.parametrize(
    ("behaviour", "reason", "requests"), [fault[1:] for fault in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_a_fault_gives_the_quotes_in_time_and_says_why(
    made_up_service: Service, task: Task, behaviour: Behaviour, reason: str, requests: int
) -> None:
    late = reason == "timeout"
    for _ in range(TRIES):
        worded, fake, spent = word(made_up_service, task, behaviour, deadline=BRIEF if late else AMPLE)
        assert worded.degraded == (f"generation_{reason}",)
        assert worded.generated_by == "extractive"
        assert worded.answer == task.extractive
        assert len(fake.asked) == requests
        if not late or spent <= BRIEF + MARGIN:
            return
    pytest.fail(f"{spent:.1f} s for a deadline of {BRIEF}")


def test_nobody_listens(made_up_service: Service, task: Task) -> None:
    fake = FakeLLM(port=1)
    worded = asyncio.run(generation(made_up_service, fake).word(task))
    assert worded.degraded == ("generation_unavailable",)
    assert worded.answer == task.extractive


GOOD_BYTES = event(GOOD)
MIDDLE = GOOD_BYTES.index("祥".encode()) + 1
WHOLE = [
    ("plain", says("𠮷祥产业", "社区位于", "滨江区。", "[1]")),
    ("a character at a time", says(*GOOD)),
    ("L13 a code point split", raw(head(), GOOD_BYTES[:MIDDLE], GOOD_BYTES[MIDDLE:] + DONE, pause=0.05)),
    ("L13 CRLF", raw(head(), event(GOOD).replace(b"\n", b"\r\n"), DONE.replace(b"\n", b"\r\n"))),
    ("L13 no blank lines", raw(head(), event(GOOD).rstrip() + b"\n", DONE)),
    ("L13 no [DONE]", raw(head(), event(GOOD), event(None, "stop"))),
    ("L13 no last line end", raw(head(), event(GOOD), event(None, "stop").rstrip())),
    ("L13 events after [DONE]", raw(head(), event(GOOD), DONE, event("另有别的。[1]"))),
    ("L13 endless after [DONE]", raw(head(), event(GOOD), DONE, b"x" * 5_000_000)),
    ("L13 NUL and bidi inside", says("𠮷祥产业\x00社区\u202e位于\u200b滨江区。[1]")),
    ("comments between", raw(head(), b": hello\n\n", event(None), event(GOOD), DONE)),
    ("one JSON object", replies({"choices": [{"message": {"role": "assistant", "content": GOOD}}]})),
    ("thoughts first", says("<th", "ink>先想一想。[2]</thi", "nk>\n\n", GOOD)),
    ("other brackets", says("𠮷祥产业社区位于滨江区【1】。")),
    ("a list with emphasis", says("- **𠮷祥产业社区**位于滨江区。[1]")),
    ("among unsupported ones", says("据我所知如此。", GOOD, "它很有名。[1]", "它占地99亩。[1]")),
    ("no full stop", says("𠮷祥产业社区位于滨江区[1]")),
    ("L7 500, then well", [replies({}, "500 Oops"), says(GOOD)]),
]


@pytest.mark.parametrize("behaviour", [one[1] for one in WHOLE], ids=[one[0] for one in WHOLE])
def test_a_sentence_that_holds_is_said_with_its_quote(
    made_up_service: Service, task: Task, behaviour: Behaviour | list[Behaviour]
) -> None:
    worded, _, _ = word(made_up_service, task, *(behaviour if isinstance(behaviour, list) else [behaviour]))
    assert worded.degraded == ()
    assert worded.generated_by == "test-model"
    assert worded.answer.text.rstrip("。") in ("𠮷祥产业社区位于滨江区。[1]", "𠮷祥产业社区位于滨江区[1]")
    (citation,) = worded.answer.citations
    document = task.passages[0].document
    assert document.text[citation.start : citation.end] == citation.quote
    assert "位于滨江区" in citation.quote


def test_what_is_cut_off_by_its_length_is_not_said(made_up_service: Service, task: Task) -> None:
    worded, _, _ = word(made_up_service, task, says(GOOD, "𠮷祥产业社区占地80", finish="length"))
    assert worded.answer.text == GOOD
    assert worded.dropped == 0


def test_what_was_streamed_stays_and_the_rest_is_marked(made_up_service: Service, task: Task) -> None:
    async def streamed() -> tuple[list[str], Worded]:
        async with fake_llm(silent(head(), event(GOOD + "它"))) as fake:
            writing = generation(made_up_service, fake, BRIEF).write(task)
            return [said.statement.text async for said in writing.sentences()], writing.outcome()

    sentences, worded = asyncio.run(streamed())
    assert sentences == ["𠮷祥产业社区位于滨江区。"]
    assert worded.answer.text == GOOD
    assert worded.degraded == ("generation_timeout",)
    assert worded.generated_by == "test-model"


def test_the_first_sentence_comes_before_the_second_is_written(made_up_service: Service, task: Task) -> None:
    async def told() -> tuple[list[bool], Worded]:
        first_is_there = asyncio.Event()

        async def hold(asked: object, writer: asyncio.StreamWriter) -> None:
            await raw(head(), event(GOOD + "它"))(asked, writer)  # type: ignore[arg-type]
            await first_is_there.wait()
            await raw(event("位于滨江区。[1]"), DONE)(asked, writer)  # type: ignore[arg-type]

        async with fake_llm(hold) as fake:
            writing = generation(made_up_service, fake).write(task)
            late = []
            async for _ in writing.sentences():
                late.append(first_is_there.is_set())
                first_is_there.set()
            return late, writing.outcome()

    late, worded = asyncio.run(told())
    assert late == [False, True]
    assert worded.degraded == ()


def test_the_request_is_bare(made_up_service: Service, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9/")
    _, fake, _ = word(made_up_service, task, says(GOOD))
    (asked,) = fake.asked
    assert asked.head.startswith("POST /v1/chat/completions HTTP/1.1\r\n")
    assert f"authorization: bearer {KEY}" in asked.head.lower()
    assert "accept-encoding: identity" in asked.head.lower()
    assert KEY not in json.dumps(asked.body)
    assert asked.body["model"] == "test-model"
    assert asked.body["stream"] is True


def test_nothing_is_asked_where_nothing_was_found(made_up_service: Service) -> None:
    reply = made_up_service.ask("火星上有几家银行？")
    nothing = task_of(reply.resolved, reply.answer, reply.retrieval, made_up_service.index.document)
    assert nothing.extractive.status == "no_answer"
    worded, fake, _ = word(made_up_service, nothing, says(GOOD))
    assert worded.answer == nothing.extractive
    assert worded.degraded == ()
    assert fake.asked == []


def test_disagreement_is_shown_even_if_the_llm_takes_sides(made_up_service: Service) -> None:
    reply = trusting(made_up_service).ask("𠮷祥产业社区有多少家企业？")
    both = task_of(reply.resolved, reply.answer, reply.retrieval, made_up_service.index.document)
    assert both.extractive.disagreement
    number = next(one.number for one in both.passages if "120家" in one.passage.text)
    worded, _, _ = word(made_up_service, both, says(f"𠮷祥产业社区有企业120家。[{number}]"))
    assert worded.generated_by == "test-model"
    assert worded.answer.disagreement
    assert "120家" in worded.answer.text
    assert "150家" in worded.answer.text
    assert [one.index for one in worded.answer.citations] == list(range(1, len(worded.answer.citations) + 1))


def test_two_users_at_once_get_their_own_answers(made_up_service: Service, task: Task) -> None:
    async def answers() -> list[str]:
        async def echo(asked: object, writer: asyncio.StreamWriter) -> None:
            number = asked.body["messages"][1]["content"].split("编号甲")[1][:4]  # type: ignore[attr-defined]
            await asyncio.sleep(int(number) % 7 / 100)
            await says(GOOD + number, "。")(asked, writer)  # type: ignore[arg-type]

        async with fake_llm(echo) as fake:
            writer = generation(made_up_service, fake, 10)
            tasks = [Task(f"编号甲{n}在哪", task.passages, task.extractive) for n in range(1000, 1200)]
            found = []
            for at in range(0, len(tasks), 10):
                writings = [writer.write(one) for one in tasks[at : at + 10]]
                await asyncio.gather(*(_drain(one.sentences()) for one in writings))
                found += [one.outcome().answer.text for one in writings]
            assert [asked.body["messages"][1]["content"].count("编号甲") for asked in fake.asked] == [1] * 200
            await writer.close()
            return found

    assert set(asyncio.run(answers())) == {GOOD}


async def _drain(sentences: object) -> None:
    async for _ in sentences:  # type: ignore[attr-defined]
        pass


def test_a_user_who_leaves_frees_the_place(made_up_service: Service, task: Task) -> None:
    async def leave() -> Worded:
        async with fake_llm(silent(head()), says(GOOD)) as fake:
            writer = generation(made_up_service, fake, 5)
            waiting = asyncio.ensure_future(writer.word(task))
            while not fake.asked:
                await asyncio.sleep(0.01)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            assert writer._endpoint._at_once == 0
            return await writer.word(task)

    assert asyncio.run(leave()).degraded == ()


def test_an_llm_that_fails_again_and_again_is_left_alone(made_up_service: Service, task: Task) -> None:
    async def ask_often() -> tuple[list[str], int]:
        async with fake_llm(replies({}, "404 Not Found")) as fake:
            writer = generation(made_up_service, fake)
            return [(await writer.word(task)).degraded[0] for _ in range(FAILURES + 3)], len(fake.asked)

    degraded, asked = asyncio.run(ask_often())
    assert degraded == ["generation_failed"] * FAILURES + ["generation_unavailable"] * 3
    assert asked == FAILURES


def test_the_breaker_lets_one_try_after_its_rest() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    for _ in range(FAILURES):
        assert breaker.enter()
        breaker.fail()
    assert not breaker.enter()
    now = REST_SECONDS
    assert breaker.enter()
    assert not breaker.enter(), "only one may try"
    breaker.fail()
    assert not breaker.enter()
    now = 2 * REST_SECONDS
    assert breaker.enter()
    breaker.leave()
    assert breaker.enter()
    breaker.succeed()
    assert breaker.enter()
    assert breaker.enter()


@pytest.mark.parametrize(
    ("address", "model", "key"),
    [
        ("ftp://a/v1", "m", ""),
        ("http://", "m", ""),
        ("http://user:sk-canary-4711@a/v1", "m", ""),
        ("http://a/v1?key=sk-canary-4711", "m", ""),
        ("http://a:99999/v1", "m", ""),
        ("http://a/v1", " ", ""),
        ("http://a/v1", "m", "sk-canary-4711\r\nX: y"),
        ("http://a/v1", "m", "sk-canary-4711é"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_unseen(
    made_up_service: Service, address: str, model: str, key: str
) -> None:
    with pytest.raises(ValueError, match="LLM") as refused:
        Generation(made_up_service.index.tokeniser, address, model, key)
    assert KEY not in str(refused.value)
