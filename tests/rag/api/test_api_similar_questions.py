"""Similar questions over HTTP: added, listed, shown, taken back; in use with the next question."""

from typing import Any

import pytest
from starlette.testclient import TestClient
from support_calls import call

from index.store.similar_questions import LONGEST, MOST
from rag.api import proposal_routes as proposals
from rag.api import similar_question_routes as routes
from rag.api.api_keys import add_key
from rag.api.app import create_app
from rag.schema import examples
from rag.service import Service

QUESTION = "那个地方谁说了算"
PLACE = "/v1/documents/jixiang/similar-questions"


def add(client: TestClient, text: str, at: Any = (), path: str = PLACE) -> Any:
    return client.post(path, json={"text": text, "at": list(at) if isinstance(at, tuple) else at})


def kept(client: TestClient, text: str, at: Any = ()) -> dict[str, Any]:
    reply = add(client, text, at)
    assert reply.status_code == 201, reply.text
    routes.KeptSimilarQuestionBody.model_validate(reply.json(), extra="forbid")
    return dict(reply.json())


def status(client: TestClient, question: str = QUESTION) -> str:
    return str(client.post("/v1/ask", json={"question": question}).json()["status"])


def test_an_operator_mends_a_question_that_failed_and_takes_it_back(own_client: TestClient) -> None:
    assert status(own_client) == "no_answer"
    document = own_client.get("/v1/documents/jixiang").json()
    assert document["askings"] == []
    reply = add(own_client, QUESTION, document["text"].index("𠮷祥集团运营"))
    body = reply.json()
    assert (reply.status_code, reply.headers["location"]) == (201, f"{PLACE}/{body['id']}")
    assert reply.headers["etag"] == f'"{body["generation"]}"'
    assert (body["state"], body["origin"], body["section"]) == ("used", "operator", ["概况"])
    ((start, end),) = body["spans"]
    assert document["text"][start:end] == body["quote"]
    answer = own_client.post("/v1/ask", json={"question": QUESTION}).json()
    assert (answer["status"], answer["generation"]) == ("answered", body["generation"])
    assert "集团运营" in answer["answer"]
    shown = own_client.get("/v1/documents/jixiang").json()
    assert (
        shown["askings"] == own_client.get(PLACE).json()["askings"] == [{k: body[k] for k in examples.SIMILAR_QUESTION}]
    )
    assert (shown["text"], shown["content_hash"]) == (document["text"], document["content_hash"])
    assert [own_client.delete(reply.headers["location"]).status_code for _ in range(2)] == [204, 204]
    assert status(own_client) == "no_answer"
    assert own_client.get(PLACE).json()["askings"] == []


def test_replacing_the_document_says_which_lead_nowhere(own_client: TestClient) -> None:
    number = kept(own_client, "何时开园", ("概况",))["id"]
    assert kept(own_client, "吉祥那儿落户了多少公司", ("规模",))["id"] == number + 1
    markdown = "# 𠮷祥产业社区\n\n## 规模\n\n𠮷祥产业社区有企业99家。\n"
    reply = own_client.put(
        "/v1/documents/jixiang", content=markdown.encode(), headers={"content-type": "text/markdown"}
    )
    assert reply.json()["orphaned_askings"] == [number]
    assert [one["state"] for one in own_client.get(PLACE).json()["askings"]] == ["orphaned", "used"]
    assert status(own_client, "吉祥那儿落户了多少公司") == "answered"
    own_client.delete("/v1/documents/jixiang")
    assert own_client.get(PLACE).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/text"),
        ({"text": 5}, "#/text"),
        ({"text": ""}, "#/text"),
        ({"text": "。。。"}, "#/text"),
        ({"text": "能健身\u202e吗"}, "#/text"),
        ({"text": "问" * (LONGEST + 1)}, "#/text"),
        ({"text": "问" * 20_000}, "#/text"),
        ({"text": "能健身吗", "more": 1}, "#/more"),
        *(({"text": "能健身吗", "at": at}, "#/at") for at in (-1, 1.5, True, "概况", [1], 2**60, 9999, ["没有"], None)),
        ({"text": "能健身吗", "at": ["层"] * 21}, "#/at"),
    ],
)
def test_bad_requests_are_told_where_and_why(client: TestClient, body: dict[str, Any], pointer: str) -> None:
    reply = client.post(PLACE, json=body)
    assert reply.status_code == 422
    assert [one["pointer"] for one in reply.json()["errors"]] == [pointer]
    assert reply.json()["errors"][0]["detail"] != "取值无效"


def test_conflicts_and_what_is_not_there(own_client: TestClient) -> None:
    kept(own_client, "何時開園", ("概况",))
    reply = add(own_client, "何时开园？", ("概况",))
    assert (reply.status_code, reply.json()["code"]) == (409, "duplicate_asking")
    assert add(own_client, "何时开园", path="/v1/documents/nowhere/similar-questions").status_code == 404
    assert own_client.get("/v1/documents/nowhere/similar-questions").status_code == 404
    assert own_client.put(f"{PLACE}/99/approval").status_code == 404
    assert own_client.delete("/v1/documents/nowhere/similar-questions/1").status_code == 204
    assert [own_client.delete(f"{PLACE}/{number}").status_code for number in ("0", "x", 2**60)] == [422] * 3
    assert own_client.post("/v1/documents/-/similar-questions", json={"text": "能健身吗"}).status_code == 422
    no_llm = own_client.post(f"{PLACE}/proposals", json={})
    assert (no_llm.status_code, no_llm.json()["code"]) == (503, "generation_unavailable")


def test_there_may_be_so_many_and_no_more(own_client: TestClient, own_service: Service) -> None:
    from rag.content.similar_questions import Drafted, add_all

    add_all(own_service.index, "jixiang", [Drafted(f"问法{number}号", ()) for number in range(MOST)], "operator")
    reply = add(own_client, "再来一个")
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_asking")
    assert str(MOST) in reply.json()["detail"]


def test_only_writers_may(own_service: Service) -> None:
    app = create_app(own_service)
    secrets = {role: add_key(own_service.settings.home, role, role)[1] for role in ("ask", "write")}
    paths = [("GET", ""), ("POST", ""), ("DELETE", "/1"), ("PUT", "/1/approval"), ("POST", "/proposals")]
    for method, rest in paths:
        statuses = [
            call(app, method, PLACE + rest, [("authorization", f"Bearer {secret}")], b"").status
            for secret in (*secrets.values(), "rag_" + "x" * 43)
        ]
        assert (statuses[0], statuses[2]) == (403, 401), (method, rest)
        assert statuses[1] not in (401, 403), (method, rest)


def test_examples_fit_their_models() -> None:
    routes.KeptSimilarQuestionBody.model_validate(routes._KEPT, extra="forbid")
    proposals.ProposalsBody.model_validate(proposals._EXAMPLE, extra="forbid")


def test_the_old_path_leads_to_the_same_and_says_that_it_is_deprecated(own_client: TestClient) -> None:
    old = PLACE.replace("similar-questions", "askings")
    added = own_client.post(old, json={"text": "哪儿能撸铁"})
    assert (added.status_code, added.headers["deprecation"]) == (201, "true")
    assert added.headers["link"] == f'<{PLACE}>; rel="successor-version"'
    number = added.json()["id"]
    assert own_client.get(old).json() == own_client.get(PLACE).json()
    assert "deprecation" not in own_client.get(PLACE).headers
    gone = own_client.delete(f"{old}/{number}")
    assert (gone.status_code, gone.headers["link"]) == (204, f'<{PLACE}/{number}>; rel="successor-version"')
    assert own_client.get(PLACE).json()["askings"] == []
