"""Routes for similar questions (问法) that operators add to a document, and for those that an LLM proposes."""

import asyncio
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError, ValidationError

from index.store.similar_questions import LONGEST, MOST, MOST_PASSAGES, Place, SimilarQuestionRefused
from rag.api.bodies import similar_question_body
from rag.api.contract import answers, refused
from rag.api.document_routes import checked_id
from rag.api.problems import Problem
from rag.api.question_routes import The
from rag.api.wire import StrictRoute, json_response
from rag.content import similar_questions
from rag.content.similar_questions import NoSuchDocument
from rag.schema import examples
from rag.schema.document_models import SimilarQuestionBody
from rag.schema.requests import QUESTION_LIMIT

MOST_HEADINGS: Final = 20  # of one heading path

_NUMBERS: Final = 2**53  # beyond which JSON's readers lose track
_SENTENCES: Final = {
    "text": ("text", "须含有文字或数字，不能有不可显示的字符"),
    "too_long": ("text", f"太长：最多 {LONGEST} 个字符"),
    "duplicate": ("text", "写法不同但意思一样的问法已经指向同一个段落"),
    "too_many": ("text", f"一个文档最多 {MOST} 个问法，请先删除一些"),
    "offset": ("at", "这个位置不在任何段落里：请给出某个句子里的偏移量"),
    "section": ("at", "文档里没有这个小节：请给出从外到内的小标题"),
    "too_wide": ("at", f"涉及的段落多于 {MOST_PASSAGES} 个：请给出更小的小节或偏移量"),
}


def _place(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    try:
        return validate(value)
    except ValidationError:
        raise PydanticCustomError("place", "place") from None


_Text = Annotated[str, StringConstraints(max_length=QUESTION_LIMIT)]
_Offset = Annotated[int, Field(ge=0, le=_NUMBERS)]
_At = Annotated[_Offset | Annotated[list[_Text], Field(max_length=MOST_HEADINGS)], WrapValidator(_place)]
Number = Annotated[int, Path(ge=1, le=_NUMBERS, description="问法的编号")]


class PlacedRequest(BaseModel):
    """在文档的某处。"""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    at: _At = Field(
        default=[],
        description="指向哪里：全文偏移量（码位，指向那一句所在的段落），或从外到内的小标题；空列表是整个文档",
        examples=[["概况"], 120],
    )

    @property
    def place(self) -> Place:
        return self.at if isinstance(self.at, int) else tuple(self.at)


class SimilarQuestionRequest(PlacedRequest):
    """添加一个问法：人们会怎样问到这里。只用于检索，从不引用。"""

    text: _Text = Field(description=f"问法，最多 {LONGEST} 个字符", examples=["滨河园能健身吗"])


class KeptSimilarQuestionBody(SimilarQuestionBody):
    """已保存的问法；从这个 generation 起用于检索。"""

    generation: int = Field(description="索引的代")


class SimilarQuestionsBody(BaseModel):
    """一个文档的全部问法，包括待批准的。"""

    askings: list[SimilarQuestionBody]
    generation: int = Field(description="索引的代")


_EXAMPLE: Final = examples.SIMILAR_QUESTION
_KEPT: Final = _EXAMPLE | {"generation": 13}

router = APIRouter(prefix="/v1/documents/{document_id}/similar-questions", route_class=StrictRoute, tags=["文档"])


@router.post(
    "",
    summary="添加问法",
    status_code=201,
    response_model=None,
    responses={
        201: answers(KeptSimilarQuestionBody, _KEPT, "已保存，立即用于检索")[200],
        **refused(400, 404, 409, 413, 415, 422, 503, 507),
    },
)
async def add(document_id: str, body: SimilarQuestionRequest, service: The) -> Response:
    """给文档的一个小节或一个段落添加问法（相似问），下一个问题起就能凭它找到那里；断电不丢，替换文档后仍在。"""
    wanted = checked_id(document_id)
    try:
        kept, generation = await asyncio.to_thread(similar_questions.add, service.index, wanted, body.text, body.place)
    except NoSuchDocument:
        raise no_document() from None
    except SimilarQuestionRefused as refusal:
        raise problem_of_refusal(refusal) from None
    response = json_response(similar_question_body(kept) | {"generation": generation}, 201, generation=generation)
    response.headers["Location"] = f"/v1/documents/{quote(wanted)}/similar-questions/{kept.similar.number}"
    return response


@router.get(
    "",
    summary="列出问法",
    response_model=None,
    responses=answers(SimilarQuestionsBody, {"askings": [_EXAMPLE], "generation": 13}, "全部问法", 404, 422, 503),
)
async def list_similar_questions(document_id: str, service: The) -> Response:
    """全部问法和它们现在指向哪里；所指之处已经不在的是 orphaned，待批准的是 proposed。"""
    wanted = checked_id(document_id)

    def found() -> Response:
        snapshot = service.index.snapshot
        shown = similar_questions.shown(service.index, snapshot, wanted)
        if not shown and wanted not in snapshot.documents:
            raise no_document()
        body = {"askings": [similar_question_body(one) for one in shown], "generation": snapshot.generation}
        return json_response(body, generation=snapshot.generation)

    return service.steadily(found)


@router.delete(
    "/{number}",
    summary="删除问法",
    status_code=204,
    response_model=None,
    responses={204: {"description": "已删除，或本来就没有"}, **refused(422, 503, 507)},
)
async def remove(document_id: str, number: Number, service: The) -> Response:
    """删除后下一个问题起不再起作用；重复删除同样返回 204。"""
    _, generation = await asyncio.to_thread(similar_questions.remove, service.index, checked_id(document_id), [number])
    return Response(status_code=204, headers={"ETag": f'"{generation}"'})


@router.put(
    "/{number}/approval",
    summary="批准问法",
    response_model=None,
    responses=answers(KeptSimilarQuestionBody, _KEPT, "已批准，立即用于检索", 404, 422, 503, 507),
)
async def approve(document_id: str, number: Number, service: The) -> Response:
    """批准大模型提议的问法；已经批准的保持不变。"""
    wanted = checked_id(document_id)
    kept, generation = await asyncio.to_thread(similar_questions.approve, service.index, wanted, number)
    if kept is None:
        raise Problem(404, "没有这个问法")
    return json_response(similar_question_body(kept) | {"generation": generation}, generation=generation)


def no_document() -> Problem:
    return Problem(404, "没有这个文档")


def problem_of_refusal(refusal: SimilarQuestionRefused) -> Problem:
    name, sentence = _SENTENCES[refusal.reason]
    if refusal.reason == "duplicate":
        return Problem(409, sentence, "duplicate_asking", [(f"#/{name}", sentence)])
    return Problem(422, f"问法无法添加：{sentence}", "invalid_asking", [(f"#/{name}", sentence)])
