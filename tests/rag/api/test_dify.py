"""Dify's contract for external knowledge."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from neighbours import serving, whole_app
from support_server import AREA

from rag.service import Service


@pytest.fixture(scope="module")
def address(made_up_service: Service) -> Iterator[str]:
    with serving(whole_app(made_up_service)) as address:
        yield address


def post(address: str, body: Any) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Authorization": "Bearer none"}
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{address}/retrieval", raw, headers)) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def asked(**more: Any) -> dict[str, Any]:
    setting = {"top_k": 5, "score_threshold": 0.0}
    return {"knowledge_id": "any", "query": AREA, "retrieval_setting": setting} | more


def found(address: str, *conditions: dict[str, Any], operator: str = "and") -> tuple[set[str], list[str]]:
    """Documents found under these conditions, and the conditions that were ignored."""
    condition = {"logical_operator": operator, "conditions": list(conditions)}
    status, told = post(address, asked(query="占地多少亩", metadata_condition=condition))
    assert status == 200
    return {record["metadata"]["document_id"] for record in told["records"]}, told["ignored"]


def test_records_are_passages_with_metadata_that_is_never_null(address: str, made_up_service: Service) -> None:
    status, told = post(address, asked())
    assert status == 200
    first = told["records"][0]
    assert first["title"] == "𠮷祥产业社区"
    assert "80.1亩" in first["content"]
    assert 0 <= first["score"] <= 1
    metadata = first["metadata"]
    assert metadata["url"].startswith("https://example.com/")
    entry = made_up_service.index.snapshot.documents[metadata["document_id"]]
    text = made_up_service.index.document(entry).text
    assert text[metadata["start"] : metadata["end"]] == metadata["quote"]
    assert None not in metadata.values()
    assert told["ignored"] == []


def test_the_threshold_and_the_number_are_kept(address: str) -> None:
    everything = post(address, asked())[1]["records"]
    assert len(post(address, asked(retrieval_setting={"top_k": 1, "score_threshold": 0}))[1]["records"]) == 1
    limit = everything[0]["score"]
    some = post(address, asked(retrieval_setting={"top_k": 9000, "score_threshold": limit}))[1]["records"]
    assert 1 <= len(some) <= len(everything)
    assert all(record["score"] >= limit for record in some)
    assert post(address, asked(retrieval_setting={"top_k": 5, "score_threshold": 1.0}))[1]["records"] == []


BOTH = {"jixiang", "yuntai"}


@pytest.mark.parametrize(
    ("name", "comparison", "value", "documents"),
    [
        ("kind", "is", "park", {"yuntai"}),
        (["kind"], "is not", "park", {"jixiang"}),
        ("kind", "in", ["park", "town"], {"yuntai"}),
        ("kind", "empty", None, set()),
        ("kind", "not empty", None, BOTH),
        ("district", "contains", "滨江", {"jixiang"}),
        ("district", "not contains", "滨江", {"yuntai"}),
        ("title", "start with", "云台", {"yuntai"}),
        ("title", "end with", "社区", {"jixiang"}),
        (["title", "colour"], "contains", "科技", {"yuntai"}),
        ("date", "after", "2021", {"jixiang"}),
        ("date", "before", "2021-01-01", {"yuntai"}),
        ("date", "≥", 2020, BOTH),
    ],
)
def test_conditions_choose_documents(address: str, name: Any, comparison: str, value: Any, documents: set[str]) -> None:
    condition = {"name": name, "comparison_operator": comparison, "value": value}
    assert found(address, condition) == (documents, [])


PARK = {"name": "kind", "comparison_operator": "is", "value": "park"}
BINJIANG = {"name": "district", "comparison_operator": "is", "value": "滨江区"}
COLOUR = {"name": "colour", "comparison_operator": "is", "value": "red"}
ROUND = {"name": "kind", "comparison_operator": "round", "value": "x"}


def test_conditions_are_combined(address: str) -> None:
    assert found(address, PARK, BINJIANG) == (set(), [])
    assert found(address, PARK, BINJIANG, operator="or") == (BOTH, [])


def test_a_condition_that_cannot_be_judged_is_named_and_never_hides_what_may_fit(address: str) -> None:
    assert found(address, PARK, COLOUR) == ({"yuntai"}, ["colour is"])
    assert found(address, PARK, COLOUR, operator="or") == (BOTH, ["colour is"])
    assert found(address, ROUND) == (BOTH, ["kind round"])


def test_nothing_asked_for_means_everything(address: str) -> None:
    assert post(address, asked(metadata_condition=None))[1]["records"]
    assert post(address, asked(metadata_condition={"conditions": None}))[1]["records"]
    assert post(address, {"query": AREA})[1]["records"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        ({}, 422),
        (asked(query=" "), 422),
        (asked(query="长" * 1001), 422),
        (asked(retrieval_setting={"top_k": 0}), 422),
        (asked(retrieval_setting={"top_k": 5, "score_threshold": 7}), 422),
        (asked(metadata_condition={"logical_operator": "xor"}), 422),
        (asked(metadata_condition={"conditions": [PARK] * 51}), 422),
        (b"x" * 5_000_000, 413),
    ],
)
def test_refusals_have_dify_s_shape(address: str, body: Any, status: int) -> None:
    code, told = post(address, body)
    assert code == status
    assert told["error_code"] == status
    assert told["error_msg"]
    assert set(told) == {"error_code", "error_msg", "request_id"}
