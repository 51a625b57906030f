"""Several files in one request, files of one name, and originals over HTTP."""

import json
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient
from support_files import docx_of, paragraph, zipped

from corpus.reading.plain import read_plain
from rag.api.downloads import original_response
from rag.api.uploads import MOST_FILES
from rag.content.originals import Fetched
from rag.schema.document_models import ManyKeptBody
from rag.service import Service

NOTE = "蓝溪小镇占地1200亩，位于桐庐县。"


def files(*pairs: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("file", (name, raw, "application/octet-stream")) for name, raw in pairs]


def post(client: TestClient, *pairs: tuple[str, bytes], **query: str) -> Any:
    return client.post("/v1/documents", files=files(*pairs), params=query)


def test_several_files_each_have_their_own_report(own_client: TestClient) -> None:
    reply = post(
        own_client,
        ("政策/通知.txt", NOTE.encode()),
        ("新闻/通知.txt", "蓝溪小镇三年建成，欢迎入驻。".encode()),
        ("坏.pdf", b"x"),
        ("照片.bmp", b"BM"),
        ("旧.doc", b"\xd0\xcf\x11\xe0"),
        ("空.txt", b""),
    )
    assert reply.status_code == 207
    body = reply.json()
    ManyKeptBody.model_validate(body, extra="forbid")
    assert [(one["name"], one["status"]) for one in body["files"]] == [
        ("政策/通知.txt", 201),
        ("新闻/通知.txt", 201),
        ("坏.pdf", 422),
        ("照片.bmp", 415),
        ("旧.doc", 415),
        ("空.txt", 422),
    ]
    assert (body["kept"], body["refused"]) == (2, 4)
    assert [one["kept"]["id"] for one in body["files"][:2]] == ["政策--通知", "新闻--通知"]
    assert body["files"][3]["problem"]["code"] == "unsupported_media_type"
    assert ".docx" in body["files"][3]["problem"]["detail"]
    assert "1200亩" in own_client.get("/v1/documents/政策--通知").json()["text"]


def test_one_file_keeps_the_contract_of_one(own_client: TestClient) -> None:
    reply = post(own_client, ("政策/通知.txt", NOTE.encode()))
    assert (reply.status_code, reply.json()["id"]) == (201, "政策--通知")


@pytest.mark.parametrize("name", ["../../etc/通知.txt", "C:\\docs\\通知.txt", "/home/x/通知.txt"])
def test_paths_of_a_whole_machine_are_no_folders(own_client: TestClient, name: str) -> None:
    assert post(own_client, (name, NOTE.encode())).json()["id"] == "通知"


def test_too_many_files_are_refused(own_client: TestClient) -> None:
    reply = own_client.post("/v1/documents", files=files(*[("a.txt", b"x")] * (MOST_FILES + 1)))
    assert reply.status_code == 400


def test_a_file_of_the_same_name_does_not_replace_another(own_client: TestClient) -> None:
    assert post(own_client, ("通知.txt", NOTE.encode())).status_code == 201
    assert post(own_client, ("通知.txt", NOTE.encode())).status_code == 200
    other = "蓝溪小镇占地900亩，位于桐庐县。".encode()
    reply = post(own_client, ("通知.txt", other))
    assert (reply.status_code, reply.json()["code"]) == (409, "already_there")
    assert "replace=true" in reply.json()["detail"]
    assert "1200亩" in own_client.get("/v1/documents/通知").json()["text"]
    assert post(own_client, ("通知.txt", other), replace="true").json()["replaced"] is True
    assert "900亩" in own_client.get("/v1/documents/通知").json()["text"]
    named = own_client.put("/v1/documents/通知", files={"file": ("通知.txt", NOTE.encode(), "text/plain")})
    assert (named.status_code, named.json()["replaced"]) == (200, True)


def test_a_document_that_names_itself_may_replace(own_client: TestClient) -> None:
    for area in (1200, 900):
        raw = f'+++\nid = "lanxi"\n+++\n蓝溪小镇占地{area}亩。'.encode()
        assert post(own_client, ("通知.md", raw)).status_code in (200, 201)
    assert "900亩" in own_client.get("/v1/documents/lanxi").json()["text"]


def test_an_original_comes_back_byte_for_byte_and_cannot_be_opened(own_client: TestClient) -> None:
    raw = docx_of(paragraph(NOTE))
    assert post(own_client, ("通 知 (1).docx", raw)).status_code == 201
    reply = own_client.get("/v1/documents/通-知-1/original")
    assert reply.status_code == 200
    assert reply.content == raw
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in reply.headers["content-security-policy"]
    disposition = reply.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="original"; ')
    assert unquote(disposition.split("UTF-8''")[1]) == "通 知 (1).docx"


def test_a_page_is_never_handed_out_as_a_page(own_client: TestClient) -> None:
    page = f"<script>alert(1)</script><h1>蓝溪</h1><p>{NOTE}</p>".encode()
    own_client.put("/v1/documents/lanxi", content=page, headers={"content-type": "text/html"})
    reply = own_client.get("/v1/documents/lanxi/original")
    assert (reply.content, reply.headers["content-type"]) == (page, "application/octet-stream")
    assert reply.headers["content-disposition"] == "attachment; filename=\"lanxi\"; filename*=UTF-8''lanxi"


def test_members_of_an_archive_have_their_own_files(own_client: TestClient) -> None:
    post(own_client, ("台账.zip", zipped({"甲/通知.txt": NOTE, "乙/通知.txt": "乙园占地九十亩，欢迎入驻。"})))
    assert own_client.get("/v1/documents/台账--甲--通知/original").content == NOTE.encode()


def test_names_cannot_leave_their_header() -> None:
    fetched = Fetched('a"\r\nSet-Cookie: x=1\\..\\b<c>.txt', "text/html", b"x")
    disposition = original_response(fetched, "a").headers["content-disposition"]
    assert disposition == "attachment; filename=\"b_c_.txt\"; filename*=UTF-8''b_c_.txt"


def test_originals_are_counted_and_go_with_their_documents(own_client: TestClient) -> None:
    def counted() -> tuple[int, int]:
        told = own_client.get("/v1/stats").json()["originals"]
        return told["files"], told["bytes"]

    files_before, bytes_before = counted()
    post(own_client, ("甲.txt", NOTE.encode()), ("乙.txt", NOTE.encode()))
    assert counted() == (files_before + 1, bytes_before + len(NOTE.encode()))
    own_client.delete("/v1/documents/甲")
    assert own_client.get("/v1/documents/乙/original").content == NOTE.encode()
    own_client.delete("/v1/documents/乙")
    assert counted() == (files_before, bytes_before)


def test_what_has_no_original_says_so(own_client: TestClient, own_service: Service) -> None:
    assert own_client.get("/v1/documents/nothing/original").json()["code"] == "not_found"
    own_service.index.put([read_plain(NOTE, "lanxi")])
    reply = own_client.get("/v1/documents/lanxi/original")
    assert (reply.status_code, reply.json()["code"]) == (404, "no_original")


def test_old_office_files_are_refused_with_what_to_do(own_client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from support_formats import compound_of

    monkeypatch.setenv("PATH", "")
    reply = post(own_client, ("旧.doc", compound_of({"WordDocument": b"x"})))
    assert (reply.status_code, reply.json()["code"]) == (415, "unsupported_media_type")
    assert "请另存为 DOCX、XLSX 或 PDF" in reply.json()["detail"]
    assert json.dumps(reply.json())
