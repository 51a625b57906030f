"""The description of the contract: every route in Chinese, with examples that hold, and every refusal."""

import json
import re
from typing import Any

import pytest
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from rag.api.problems import MEDIA_TYPE
from rag.schema import document_models, examples, feedback_models, models, requests

ROUTES = {
    ("post", "/v1/search"),
    ("post", "/v1/ask"),
    ("post", "/v1/analyze"),
    ("get", "/v1/documents"),
    ("post", "/v1/documents"),
    ("get", "/v1/documents/{document_id}"),
    ("get", "/v1/documents/{document_id}/original"),
    ("put", "/v1/documents/{document_id}"),
    ("delete", "/v1/documents/{document_id}"),
    ("get", "/v1/feedback"),
    ("post", "/v1/feedback"),
    ("get", "/v1/feedback/export"),
    ("delete", "/v1/feedback/{feedback_id}"),
    ("get", "/v1/documents/{document_id}/similar-questions"),
    ("post", "/v1/documents/{document_id}/similar-questions"),
    ("post", "/v1/documents/{document_id}/similar-questions/proposals"),
    ("delete", "/v1/documents/{document_id}/similar-questions/{number}"),
    ("put", "/v1/documents/{document_id}/similar-questions/{number}/approval"),
    ("get", "/v1/lexicon"),
    ("put", "/v1/lexicon"),
    ("get", "/v1/stats"),
    ("get", "/health/live"),
    ("get", "/health/ready"),
    ("get", "/metrics"),
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PROBLEM = {"$ref": "#/components/schemas/ProblemBody"}


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    reply = client.get("/openapi.json")
    assert reply.headers["content-type"] == "application/json"
    return dict(reply.json())


@pytest.fixture(scope="module")
def operations(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(method, path): one for path, methods in described["paths"].items() for method, one in methods.items()}


def test_the_routes_are_these_and_no_others(
    described: dict[str, Any], operations: dict[tuple[str, str], dict[str, Any]]
) -> None:
    assert described["openapi"].startswith("3.1")
    assert set(operations) == ROUTES


def test_every_route_is_described_in_chinese(operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    for operation in operations.values():
        assert CHINESE.search(operation["summary"])
        assert CHINESE.search(operation["description"])
        assert len(operation["tags"]) == 1
        for parameter in operation.get("parameters", []):
            assert parameter["in"] == "path" or CHINESE.search(parameter["description"])
        for response in operation["responses"].values():
            assert CHINESE.search(response["description"])


def test_every_answer_and_every_body_has_an_example(
    described: dict[str, Any], operations: dict[tuple[str, str], dict[str, Any]]
) -> None:
    for operation in operations.values():
        for response in operation["responses"].values():
            for content in response.get("content", {}).values():
                assert content["example"]
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            assert "example" in content or media_type == "application/json"
            if "$ref" in content["schema"]:
                schema = described["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
                required = [schema["properties"][name] for name in schema.get("required", [])]
                assert all(field["examples"] for field in required)


def test_refusals_are_problems(operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    for operation in operations.values():
        refusals = {status: one for status, one in operation["responses"].items() if not status.startswith("2")}
        assert "default" in refusals
        for status, response in refusals.items():
            assert set(response["content"]) == {MEDIA_TYPE}
            assert response["content"][MEDIA_TYPE]["schema"] == PROBLEM
            example = response["content"][MEDIA_TYPE]["example"]
            models.ProblemBody.model_validate(example, extra="forbid")
            assert status in ("default", str(example["status"]))
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= set(refusals)


def test_uploads_are_described_for_every_accepted_type(operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    for route in (("put", "/v1/documents/{document_id}"), ("post", "/v1/documents")):
        content = operations[route]["requestBody"]["content"]
        assert set(content) >= {"text/markdown", "text/plain", "application/json", "multipart/form-data"}
        assert {"200", "201", "507"} <= set(operations[route]["responses"])


def test_nothing_of_the_framework_s_own_errors_is_left(described: dict[str, Any]) -> None:
    assert not {"HTTPValidationError", "ValidationError"} & set(described["components"]["schemas"])
    assert "ProblemBody" in described["components"]["schemas"]


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
    assert names <= set(described["components"]["schemas"])
    for name, schema in described["components"]["schemas"].items():
        assert CHINESE.search(schema["description"]), name


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (models.SearchBody, examples.SEARCH),
        (models.AskBody, examples.ASK),
        (models.AnalyzeBody, examples.ANALYZE),
        (document_models.KeptBody, examples.KEPT),
        (document_models.ManyKeptBody, examples.MANY_KEPT),
        (document_models.DocumentsBody, examples.DOCUMENTS),
        (document_models.DocumentBody, examples.DOCUMENT),
        (models.StatsBody, examples.STATS),
        (feedback_models.GivenBody, examples.GIVEN),
        (feedback_models.FeedbackListBody, examples.FEEDBACK),
        (models.HealthBody, examples.READY),
    ],
)
def test_examples_fit_their_models(model: type, example: object) -> None:
    TypeAdapter(model).validate_python(example, extra="forbid")


def test_the_examples_tell_no_untruth(own_client: TestClient) -> None:
    """The document of the examples, kept, gives the answers of the examples."""
    own_client.put(
        "/v1/documents/moumou", content=examples.MARKDOWN.encode(), headers={"content-type": "text/markdown"}
    )
    document = own_client.get("/v1/documents/moumou").json()
    for name in ("id", "text", "sections", "characters"):
        assert document[name] == examples.DOCUMENT[name]
    (attribution,) = document["attributions"]
    assert attribution == examples.DOCUMENT["attributions"][0]
    citation = own_client.post("/v1/ask", json={"question": "某某产业社区占地多少亩？"}).json()["citations"][0]
    told = examples.ASK["citations"][0]
    for name in ("document_id", "title", "section", "start", "end", "quote", "quote_sha256", "before", "after"):
        assert citation[name] == told[name], name
    analysis = own_client.post("/v1/analyze", json={"text": examples.ANALYZE["text"]}).json()
    assert analysis | {name: examples.ANALYZE[name] for name in ("lexicon_version", "generation")} == examples.ANALYZE
    row = own_client.post("/v1/documents", json=examples.ROW)
    assert row.json()["id"] == examples.ROW["id"]


def test_requests_examples_are_accepted(client: TestClient) -> None:
    for path, model in (
        ("/v1/search", requests.SearchRequest),
        ("/v1/ask", requests.AskRequest),
        ("/v1/analyze", requests.AnalyzeRequest),
    ):
        given = {name: field.examples[0] for name, field in model.model_fields.items() if field.examples}
        assert client.post(path, json=given).status_code == 200
