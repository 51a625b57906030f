"""Dify's contract for external knowledge: POST /retrieval gives records to a workflow or chatbot of Dify.

There is one knowledge base, so any knowledge_id names it. Conditions on metadata become a set of documents.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from index.store.catalogue import DocumentEntry
from rag import logs
from rag.api.bodies import result_body
from rag.api.metrics import count_answer
from rag.api.problems import Problem
from rag.api.question_routes import The
from rag.api.wire import StrictRoute, json_response, run
from rag.schema.requests import QUESTION_LIMIT
from rag.service import Service

MOST_CONDITIONS: Final = 50
MOST_RECORDS: Final = 100

Value = str | int | float | None

log = logging.getLogger(__name__)
router = APIRouter(route_class=StrictRoute, include_in_schema=False)  # described by Dify


class _Lenient(BaseModel):
    """Newer versions of Dify may send more than this one knows."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class RetrievalSetting(_Lenient):
    """取多少，多相关。"""

    top_k: int = Field(default=5, ge=1, description=f"最多返回多少个段落；超过 {MOST_RECORDS} 按 {MOST_RECORDS} 计")
    score_threshold: float | None = Field(default=0.0, ge=0, le=1, description="相关度的下限，0–1")


class Condition(_Lenient):
    """一个条件；name 有几个字段时，任一字段符合即可。"""

    name: str | list[str] = Field(description="元数据字段：title、kind、district、id、origin、date")
    comparison_operator: str = Field(max_length=40, description="比较方式，见 Dify 文档")
    value: Value | list[Value] = Field(None, description="比较的值")


class MetadataCondition(_Lenient):
    """几个条件，and 或 or。"""

    logical_operator: Literal["and", "or"] | None = Field("and", description="and 或 or")
    conditions: list[Condition] | None = Field(None, max_length=MOST_CONDITIONS, description="条件")


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("blank")
    return text


class RetrievalRequest(_Lenient):
    """Dify 的检索请求。"""

    knowledge_id: str = Field(
        "", max_length=QUESTION_LIMIT, description="知识库编号；本服务只有一个知识库，任何编号都指它"
    )
    query: Annotated[str, Field(max_length=QUESTION_LIMIT), AfterValidator(_not_blank)] = Field(
        description="检索词或问题", examples=["linkpark产业社区占地多少亩？"]
    )
    retrieval_setting: RetrievalSetting = Field(RetrievalSetting(), description="取多少，多相关")
    metadata_condition: MetadataCondition | None = Field(None, description="按元数据筛选文档")


@router.post("/retrieval", summary="检索段落（Dify 外部知识库）", response_model=None)
async def retrieval(body: RetrievalRequest, request: Request, service: The) -> Response:
    """Dify 外部知识库：按相关度给出段落；没有结果时 records 是空列表。不认识的筛选条件不起作用，见 ignored。"""
    if len(body.query) > service.settings.max_question:
        raise Problem(422, f"问题太长：最多 {service.settings.max_question} 个字符", errors=[("#/query", "太长")])
    logs.note(question=body.query)
    told, counted = await run(service, _retrieve, service, body)
    status = "answered" if told["records"] else "no_answer"  # all that Dify's model gets to see
    count_answer(request, {"status": status} | counted)
    return json_response(told)


def _retrieve(service: Service, body: RetrievalRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """The body that answers, and what of the search is counted."""
    setting = body.retrieval_setting

    def found() -> tuple[dict[str, Any], dict[str, Any]]:
        only, ignored = _filter(service.index.snapshot.documents.values(), body.metadata_condition)
        if only is not None and not only:
            return {"records": [], "ignored": ignored}, {"degraded": (), "timing_ms": {}}
        wanted = None if only is None else {"id": only}
        retrieval = service.search(body.query, min(setting.top_k, MOST_RECORDS), only=wanted)
        bodies = [result_body(one, service.index, None) for one in retrieval.evidence]
        threshold = setting.score_threshold or 0.0
        records = [_record(one) for one in bodies if one["relevance"] >= threshold]
        counted = {"degraded": retrieval.degraded, "timing_ms": retrieval.timing}
        return {"records": records, "ignored": ignored}, counted

    return service.steadily(found)


def _record(result: dict[str, Any]) -> dict[str, Any]:
    citation = result["citation"]
    addresses = (source["url"] for source in citation["sources"])
    return {
        "content": result["text"],
        "score": result["relevance"],
        "title": citation["title"],
        "metadata": {
            "document_id": citation["document_id"],
            "passage_id": result["passage_id"],
            "section": " · ".join(citation["section"]),
            "quote": citation["quote"],
            "start": citation["start"],
            "end": citation["end"],
            "url": next((address for address in addresses if address.startswith(("http://", "https://"))), ""),
            "sources": citation["sources"],
            "also_in": result["also_in"],
        },
    }


def _filter(entries: Iterable[DocumentEntry], wanted: MetadataCondition | None) -> tuple[list[str] | None, list[str]]:
    """Ids of the documents that meet the conditions, None for all; and the conditions that cannot be judged.

    A condition on an unknown field or with an unknown comparison is left out of an «and»; in an «or» it could
    be met by any document, so the whole filter is then left out.
    """
    conditions = list(wanted.conditions or ()) if wanted else []
    judged = [one for one in conditions if _can_judge(one)]
    ignored = [_told(one) for one in conditions if not _can_judge(one)]
    if ignored:
        log.info("%d conditions of Dify cannot be judged", len(ignored))
    either = wanted is not None and wanted.logical_operator == "or"
    if not judged or (either and ignored):
        return None, ignored
    combine = any if either else all
    return [entry.id for entry in entries if combine(_meets(entry, one) for one in judged)], ignored


def _can_judge(condition: Condition) -> bool:
    return condition.comparison_operator.strip().lower() in _COMPARISONS and bool(_names(condition))


def _names(condition: Condition) -> list[str]:
    names = [condition.name] if isinstance(condition.name, str) else condition.name
    return [name for name in names if name in _FIELDS]


def _told(condition: Condition) -> str:
    name = condition.name if isinstance(condition.name, str) else "、".join(condition.name)
    return f"{name[:40]} {condition.comparison_operator}"


def _meets(entry: DocumentEntry, condition: Condition) -> bool:
    values = condition.value if isinstance(condition.value, list) else [condition.value]
    texts = [str(value) for value in values if value is not None]
    compare, negated = _COMPARISONS[condition.comparison_operator.strip().lower()]
    return any(_any(_FIELDS[name](entry), texts, compare) != negated for name in _names(condition))


def _any(held: Sequence[str], wanted: list[str], compare: Any) -> bool:
    if compare is None:
        return not any(held)
    return any(compare(one, other) for one in held if one for other in wanted)


def _before(held: str, wanted: str) -> bool:
    """Dates as far as both are known: 2023 is not before 2023-05."""
    shared = min(len(held), len(wanted))
    return held[:shared] < wanted[:shared]


_FIELDS: Final[dict[str, Any]] = {
    "title": lambda entry: (entry.title, *entry.aliases),
    "document_name": lambda entry: (entry.title, *entry.aliases),
    "kind": lambda entry: (entry.kind,),
    "category": lambda entry: (entry.kind,),
    "district": lambda entry: entry.districts,
    "districts": lambda entry: entry.districts,
    "id": lambda entry: (entry.id,),
    "document_id": lambda entry: (entry.id,),
    "origin": lambda entry: (entry.origin,),
    "publisher": lambda entry: entry.publishers,
    "number": lambda entry: entry.numbers,
    "date": lambda entry: (entry.date,),
}
_IS: Final = str.__eq__
_COMPARISONS: Final[dict[str, tuple[Any, bool]]] = {
    "is": (_IS, False),
    "=": (_IS, False),
    "in": (_IS, False),
    "is not": (_IS, True),
    "≠": (_IS, True),
    "not in": (_IS, True),
    "contains": (lambda held, wanted: wanted in held, False),
    "not contains": (lambda held, wanted: wanted in held, True),
    "start with": (str.startswith, False),
    "end with": (str.endswith, False),
    "empty": (None, False),
    "not empty": (None, True),
    "before": (_before, False),
    "<": (_before, False),
    "after": (lambda held, wanted: _before(wanted, held), False),
    ">": (lambda held, wanted: _before(wanted, held), False),
    "≤": (lambda held, wanted: not _before(wanted, held), False),
    "≥": (lambda held, wanted: not _before(held, wanted), False),
}
