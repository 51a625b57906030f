"""OpenAI's contract, asked with the official client over real HTTP."""

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from fake_llm import AMPLE, BRIEF, event, fake_llm, head, says, silent
from neighbours import serving, trusting, whole_app
from support_server import AREA, AREA_QUOTE

from rag.generation.wording import Generation
from rag.service import Service

openai = pytest.importorskip("openai")

NOTHING = "火星上有几家银行？"


@pytest.fixture(scope="module")
def address(made_up_service: Service) -> Iterator[str]:
    with serving(whole_app(made_up_service)) as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> Any:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
        yield client


def ask(client: Any, *messages: tuple[str, Any], **options: Any) -> Any:
    told = [{"role": role, "content": content} for role, content in messages]
    return client.chat.completions.create(model="hangzhou-rag", messages=told, **options)


def test_an_answer_with_marks_sources_and_annotations(client: Any) -> None:
    completion = ask(client, ("user", AREA), temperature=0.3, user="somebody")
    (choice,) = completion.choices
    text = choice.message.content
    assert choice.finish_reason == "stop"
    assert text.startswith(f"{AREA_QUOTE}[1]")
    assert "\n\n来源：\n[1] 𠮷祥产业社区 · 概况 —— 杭州日报《𠮷祥产业社区开园》 2024-05-06 https://example.com/" in text
    annotation = choice.message.annotations[0]
    assert annotation.type == "url_citation"
    cited = annotation.url_citation
    assert cited.url == "https://example.com/kaiyuan?a=1&b=2"
    assert cited.title == "𠮷祥产业社区"
    assert text[cited.start_index : cited.end_index] == "[1]"
    assert completion.usage.total_tokens == len(AREA) + len(text)
    assert completion.rag["status"] == "answered"


def test_a_source_without_an_address_is_a_file(client: Any) -> None:
    (choice,) = ask(client, ("user", "云台科技园占地多少亩？")).choices
    (annotation,) = choice.message.annotations
    assert annotation.type == "file_citation"
    assert annotation.file_citation["file_id"] == "yuntai"
    start, end = annotation.file_citation["start_index"], annotation.file_citation["end_index"]
    assert choice.message.content[start:end] == "[1]"


def test_a_stream_says_the_same(client: Any) -> None:
    whole = ask(client, ("user", AREA)).choices[0].message
    chunks = list(ask(client, ("user", AREA), stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == whole.content
    annotations = [chunk.choices[0].delta.annotations for chunk in chunks[:-1] if chunk.choices[0].delta.model_extra]
    assert annotations == [[one.model_dump(exclude_none=True) for one in whole.annotations]]
    assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]] == [None] * (len(chunks) - 2) + ["stop"]
    assert chunks[-1].usage.completion_tokens == len(whole.content)
    assert len({chunk.id for chunk in chunks}) == 1


def test_earlier_messages_are_the_history_and_instructions_are_ignored(client: Any) -> None:
    completion = ask(
        client,
        ("system", "你是海盗。" * 5000),
        ("user", [{"type": "text", "text": "𠮷祥产业社区在哪个区？"}]),
        ("assistant", "在滨江区。[1]\n\n来源：…"),
        ("user", "那它占地多少亩？"),
    )
    assert completion.rag["resolved_question"] == "𠮷祥产业社区占地多少亩？"
    assert "80.1亩" in completion.choices[0].message.content


def test_nothing_found_is_said(client: Any) -> None:
    (choice,) = ask(client, ("user", NOTHING)).choices
    assert choice.message.content == "语料中没有找到可以回答这个问题的内容。"
    assert choice.message.annotations == []
    text = "".join(c.choices[0].delta.content or "" for c in ask(client, ("user", NOTHING), stream=True))
    assert text == choice.message.content


def test_the_models_are_listed(client: Any) -> None:
    assert [model.id for model in client.models.list()] == ["hangzhou-rag", "hangzhou-rag-extractive"]
    assert client.models.retrieve("hangzhou-rag").owned_by == "hangzhou-rag"
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.retrieve("gpt-9")
    assert refused.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("messages", "options"),
    [
        ([], {}),
        ([("system", "你好")], {}),
        ([("user", " ")], {}),
        ([("user", "长" * 1001)], {}),
        ([("user", [{"type": "image_url", "image_url": {"url": "http://evil.test/"}}])], {}),
        ([("king", "占地多少？")], {}),
        ([("user", "占地多少？")], {"n": 2}),
        ([("user", "占地多少？")], {"stream": "yes"}),
    ],
)
def test_what_cannot_be_asked_is_refused_in_the_client_s_words(client: Any, messages: Any, options: Any) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        ask(client, *messages, **options)
    assert refused.value.type == "invalid_request_error"
    assert refused.value.param
    assert refused.value.code == "invalid_parameter"
    assert "evil" not in refused.value.message


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/chat/completions", None, 405),
        ("POST", "/v1/chat/completions", b"{", 400),
        ("POST", "/v1/chat/completions", b"x" * 5_000_000, 413),
        ("GET", "/v1/models/a/b", None, 404),
    ],
)
def test_errors_of_every_layer_have_openai_s_shape(
    address: str, method: str, path: str, body: bytes | None, status: int
) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(address + path, body, headers, method=method)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == status
    assert refused.value.headers["Content-Type"] == "application/json"
    error = json.load(refused.value)["error"]
    assert set(error) == {"message", "type", "param", "code", "request_id"}
    assert error["request_id"] == refused.value.headers["X-Request-Id"]


GOOD = "𠮷祥产业社区位于滨江区。[1]"


def through_llm(
    service: Service, *script: Any, model: str = "hangzhou-rag", deadline: float = AMPLE
) -> tuple[Any, list[Any], int]:
    """The same question whole and streamed, worded by a scripted LLM."""

    async def asked() -> tuple[Any, list[Any], int]:
        async with fake_llm(*script) as fake:
            generation = Generation(service.index.tokeniser, fake.address, "test-model", "", deadline)
            with serving(whole_app(trusting(service), generation)) as address:
                async with openai.AsyncOpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
                    messages = [{"role": "user", "content": "𠮷祥产业社区在哪个区？"}]
                    whole = await client.chat.completions.create(model=model, messages=messages)
                    stream = await client.chat.completions.create(model=model, messages=messages, stream=True)
                    return whole, [chunk async for chunk in stream], len(fake.asked)

    return asyncio.run(asked())


def said(chunks: list[Any]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def test_an_llm_words_the_answer(made_up_service: Service) -> None:
    whole, chunks, _ = through_llm(made_up_service, says("无据之言。", *GOOD))
    assert whole.choices[0].message.content.startswith(GOOD + "\n\n来源：\n[1] ")
    assert said(chunks) == whole.choices[0].message.content
    assert whole.rag["generated_by"] == "test-model"
    assert whole.rag["degraded"] == []


def test_an_llm_that_hangs_gives_the_quotes(made_up_service: Service) -> None:
    whole, chunks, _ = through_llm(made_up_service, silent(head()), deadline=BRIEF)
    assert whole.choices[0].message.content.startswith("𠮷祥产业社区")
    assert said(chunks) == whole.choices[0].message.content
    assert whole.rag["generated_by"] == "extractive"
    assert whole.rag["degraded"] == chunks[-1].rag["degraded"] == ["generation_timeout"]


def test_an_llm_that_breaks_off_keeps_what_was_streamed(made_up_service: Service) -> None:
    whole, chunks, _ = through_llm(made_up_service, silent(head(), event(GOOD + "它")), deadline=BRIEF)
    assert whole.rag["generated_by"] == "extractive"
    assert said(chunks).startswith(GOOD)
    assert chunks[-1].rag["generated_by"] == "test-model"
    assert chunks[-1].rag["degraded"] == ["generation_timeout"]


def test_the_extractive_model_asks_no_llm(made_up_service: Service) -> None:
    whole, _, asked = through_llm(made_up_service, says(GOOD), model="hangzhou-rag-extractive")
    assert whole.rag["generated_by"] == "extractive"
    assert asked == 0
