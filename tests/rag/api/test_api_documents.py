"""Documents over HTTP: kept, replaced, listed, read, deleted; searchable at once and gone at once."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from rag.schema.document_models import DocumentBody, DocumentsBody, KeptBody
from rag.service import Service

MARKDOWN = "# 蓝溪小镇\n\n## 概况\n\n蓝溪小镇占地1200亩。[^a]蓝溪小镇位于桐庐县。\n\n[^a]: 蓝溪日报，2021-05-01\n"
QUESTION = "蓝溪小镇占地多少亩？"


def put(
    client: TestClient, document_id: str, content: str | bytes, media_type: str = "text/markdown"
) -> dict[str, Any]:
    raw = content.encode() if isinstance(content, str) else content
    reply = client.put(f"/v1/documents/{document_id}", content=raw, headers={"content-type": media_type})
    assert reply.status_code in (200, 201), reply.text
    return checked(reply.json())


def checked(body: dict[str, Any]) -> dict[str, Any]:
    KeptBody.model_validate(body, extra="forbid")
    return body


def found(client: TestClient, question: str) -> set[str]:
    """Ids of the documents that a question finds, in any index."""
    ids: set[str] = set()
    for mode in ("hybrid", "lexical", "dense"):
        body = client.post("/v1/search", json={"query": question, "mode": mode, "top_k": 100}).json()
        ids |= {result["citation"]["document_id"] for result in body["results"]}
    return ids


def test_a_new_document_is_reported_and_can_be_found_at_once(own_client: TestClient) -> None:
    reply = own_client.put(
        "/v1/documents/lanxi", content=MARKDOWN.encode(), headers={"content-type": "text/markdown; charset=utf-8"}
    )
    body = checked(reply.json())
    assert reply.status_code == 201
    assert reply.headers["location"] == "/v1/documents/lanxi"
    assert reply.headers["etag"] == f'"{body["generation"]}"'
    assert (body["id"], body["title"], body["replaced"], body["documents"]) == ("lanxi", "蓝溪小镇", False, ["lanxi"])
    report = body["report"]
    assert (report["format"], report["encoding"], report["documents"], report["passages"]) == (
        "markdown",
        "utf-8",
        1,
        1,
    )
    answer = own_client.post("/v1/ask", json={"question": QUESTION}).json()
    assert answer["generation"] == body["generation"]
    assert "1200亩" in answer["answer"]
    assert answer["citations"][0]["sources"][0]["title"].startswith("蓝溪日报")


def test_replacing_a_document_leaves_nothing_of_the_old_one(own_client: TestClient) -> None:
    first = put(own_client, "lanxi", MARKDOWN)
    second = put(own_client, "lanxi", MARKDOWN.replace("1200亩", "1500亩"))
    assert (first["replaced"], second["replaced"]) == (False, True)
    assert second["generation"] > first["generation"]
    passages = own_client.post("/v1/search", json={"query": QUESTION, "top_k": 100}).json()["results"]
    assert not any("1200亩" in passage["text"] for passage in passages)
    assert "1500亩" in own_client.post("/v1/ask", json={"question": QUESTION}).json()["answer"]


def test_a_deleted_document_is_never_found_again_and_deleting_is_repeatable(own_client: TestClient) -> None:
    put(own_client, "lanxi", MARKDOWN)
    assert "lanxi" in found(own_client, QUESTION)
    first = own_client.delete("/v1/documents/lanxi")
    second = own_client.delete("/v1/documents/lanxi")
    assert (first.status_code, second.status_code) == (204, 204)
    assert first.content == b""
    assert first.headers["etag"] == second.headers["etag"]
    assert "lanxi" not in found(own_client, QUESTION)
    assert own_client.get("/v1/documents/lanxi").status_code == 404
    assert own_client.delete("/v1/documents/never-there").status_code == 204


def test_a_document_is_given_back_with_text_sections_and_attributions(client: TestClient) -> None:
    body = client.get("/v1/documents/jixiang").json()
    DocumentBody.model_validate(body, extra="forbid")
    assert set(body) == set(DocumentBody.model_fields)
    text = body["text"]
    assert [section["path"] for section in body["sections"]] == [["概况"], ["规模"]]
    for section in body["sections"]:
        assert text[section["start"] : section["end"]].startswith(("𠮷祥", "据杭州日报"))
    statements = {text[one["start"] : one["end"]]: one["sources"] for one in body["attributions"]}
    assert statements["𠮷祥产业社区占地80.1亩，由𠮷祥集团运营。"] == ["bao"]
    (disagreement,) = body["disagreements"]
    assert disagreement["topic"] == "企业数"
    assert ["120家" in text[start:end] for start, end in disagreement["spans"]] == [True, False]
    assert body["characters"] == len(text)


@pytest.mark.parametrize("document_id", ["物联网产业社区", "𠮷祥-2", "a.b_c~d-e", "9", "a" * 128, "é"])
def test_ids_in_any_script_come_back_as_they_went(own_client: TestClient, document_id: str) -> None:
    body = put(own_client, document_id, MARKDOWN)
    assert body["id"] == document_id
    assert own_client.get(f"/v1/documents/{document_id}").json()["id"] == document_id
    assert own_client.delete(f"/v1/documents/{document_id}").status_code == 204


@pytest.mark.parametrize(
    ("content", "media_type", "form", "title"),
    [
        (MARKDOWN, "text/markdown", "markdown", "蓝溪小镇"),
        (MARKDOWN, "TEXT/MARKDOWN; charset=UTF-8", "markdown", "蓝溪小镇"),
        ("蓝溪小镇占地1200亩。", "text/plain", "text", ""),
        ("蓝溪小镇占地1200亩。", "application/octet-stream", "text", ""),
        (json.dumps({"title": "蓝溪", "text": "蓝溪小镇占地1200亩。"}), "application/json", "json", "蓝溪"),
        ("蓝溪小镇占地1200亩，位于桐庐县。".encode("gb18030"), "text/plain", "text", ""),
        ("\ufeff蓝溪小镇占地1200亩。", "text/plain", "text", ""),
    ],
)
def test_formats_and_encodings(
    own_client: TestClient, content: str | bytes, media_type: str, form: str, title: str
) -> None:
    body = put(own_client, "lanxi", content, media_type)
    assert body["report"]["format"] == form
    assert body["title"] == title or not title
    assert "1200亩" in own_client.get("/v1/documents/lanxi").json()["text"]
    assert "lanxi" in found(own_client, QUESTION)


def test_the_id_of_a_posted_document_comes_from_its_content(own_client: TestClient) -> None:
    def post(content: str, media_type: str) -> str:
        reply = own_client.post("/v1/documents", content=content.encode(), headers={"content-type": media_type})
        assert reply.status_code in (200, 201), reply.text
        return str(checked(reply.json())["id"])

    assert post('+++\nid = "lanxi"\n+++\n蓝溪小镇占地1200亩。', "text/markdown") == "lanxi"
    assert post(json.dumps({"id": "蓝溪", "text": "蓝溪小镇占地1200亩。"}), "application/json") == "蓝溪"
    unnamed = post("蓝溪小镇占地1200亩。", "text/plain")
    assert unnamed.startswith("document-")
    assert post("蓝溪小镇占地1200亩。", "text/plain") == unnamed


@pytest.mark.parametrize(
    ("name", "document_id"),
    [
        ("蓝溪小镇.md", "蓝溪小镇"),
        ("蓝溪 小镇 (2).md", "蓝溪-小镇-2"),
        ("../../etc/蓝溪.md", "蓝溪"),
        ("𠮷祥.MD", "𠮷祥"),
        ("C:\\docs\\蓝溪.md", "蓝溪"),
    ],
)
def test_an_uploaded_file_is_named_after_its_name(own_client: TestClient, name: str, document_id: str) -> None:
    reply = own_client.post("/v1/documents", files={"file": (name, MARKDOWN.encode(), "text/markdown")})
    assert reply.status_code == 201, reply.text
    assert checked(reply.json())["id"] == document_id
    assert own_client.get(reply.headers["location"]).json()["title"] == "蓝溪小镇"


def test_an_uploaded_file_may_be_put_under_an_id(own_client: TestClient) -> None:
    files = {"file": ("蓝溪小镇.txt", "蓝溪小镇占地1200亩。".encode(), "")}
    reply = own_client.put("/v1/documents/lanxi", files=files)
    assert reply.status_code == 201, reply.text
    assert checked(reply.json())["id"] == "lanxi"
    assert reply.json()["report"]["format"] == "text"


def test_refusals_change_nothing(own_client: TestClient) -> None:
    before = own_client.get("/v1/stats").json()
    refused = [
        (b"\x89PNG\r\n\x1a\n", "text/plain", 415, "unsupported_media_type"),
        (b"", "text/markdown", 422, "invalid_document"),
        ("# 只有标题".encode(), "text/markdown", 422, "invalid_document"),
        (b"\xff\xfe\xff", "text/plain", 422, "invalid_document"),
        (b"{", "application/json", 400, "malformed_json"),
        (b'{"text": "a", "id": "../x"}', "application/json", 422, "invalid_document"),
    ]
    for raw, media_type, status, code in refused:
        reply = own_client.post("/v1/documents", content=raw, headers={"content-type": media_type})
        assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert own_client.get("/v1/stats").json() == before


def test_a_scraped_page_reports_what_is_not_the_article(own_client: TestClient) -> None:
    page = (
        "蓝溪小镇的产业社区研究\n来源：蓝溪学刊 | 被引量：3 | 上传用户：某某\n"
        "下载到本地\n声明：版权归作者所有，如有侵权请联系下架。\n"
        "蓝溪小镇占地1200亩，位于桐庐县，由桐庐县国资平台开发，2021年开园。\n蓝溪小镇的主导产业是物联网。\n"
        "其他文献\n本文研究的是黄浦江上游的水质变化，采集了二十四个断面三年的样本，与蓝溪无关。\n"
    )
    body = put(own_client, "lanxi", page, "text/plain")
    assert body["documents"] == ["lanxi", "lanxi~1"]
    assert any("下载到本地" in line for line in body["report"]["dropped"])
    assert body["report"]["warnings"]
    snippet = own_client.get("/v1/documents/lanxi~1").json()
    assert snippet["parent"] == "lanxi"
    assert "黄浦江" in snippet["text"]
    assert "黄浦江" not in own_client.get("/v1/documents/lanxi").json()["text"]
    own_client.delete("/v1/documents/lanxi")
    assert own_client.get("/v1/documents/lanxi~1").status_code == 404


def test_listing_goes_page_by_page_and_stays_in_place_while_documents_change(own_client: TestClient) -> None:
    for number in range(5):
        put(own_client, f"page-{number}", f"蓝溪小镇第{number}期占地{number + 1}00亩。", "text/plain")
    seen, cursor = [], ""
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        body = own_client.get("/v1/documents", params=query).json()
        DocumentsBody.model_validate(body, extra="forbid")
        assert len(body["documents"]) <= 2
        seen += [document["id"] for document in body["documents"]]
        own_client.delete("/v1/documents/page-0")
        cursor = body["next_cursor"]
        if not cursor:
            break
    assert seen == ["jixiang", "yuntai", "page-1", "page-2", "page-3", "page-4"]


def test_listing_filters_by_kind_and_district(client: TestClient) -> None:
    def listed(**query: str) -> list[str]:
        body = client.get("/v1/documents", params=query).json()
        assert body["total"] == len(body["documents"])
        return [document["id"] for document in body["documents"]]

    assert listed() == ["jixiang", "yuntai"]
    assert listed(kind="park") == ["yuntai"]
    assert listed(district="滨江区") == ["jixiang"]
    assert listed(kind="park", district="滨江区") == []


def test_changes_by_many_clients_at_once_all_hold(own_client: TestClient, own_service: Service) -> None:
    """Readers and writers at the same time: no error, and in the end every document is there once."""
    from concurrent.futures import ThreadPoolExecutor

    def change(number: int) -> int:
        text = f"第{number}号产业社区占地{number}亩。"
        put(own_client, f"many-{number % 10}", text, "text/plain")
        return int(own_client.post("/v1/ask", json={"question": f"第{number}号产业社区占地多少亩？"}).status_code)

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(change, range(24))) == {200}
    assert sorted(own_service.index.snapshot.documents) == ["jixiang", *(f"many-{n}" for n in range(10)), "yuntai"]
    assert own_service.index.verify() == []
