"""Feedback on the wire: what clients may send, and what they are shown."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from rag.content.feedback_record import Reason, Status
from rag.schema.requests import QUESTION_LIMIT, Told

MOST_PASSAGES: Final = 100
LONGEST_ANSWER: Final = 10_000  # characters
LONGEST_COMMENT: Final = 500
LONGEST_ID: Final = 200  # of a document or a request

_LARGEST: Final = 2**31


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise PydanticCustomError("day", "day") from None


_Day = Annotated[str, StringConstraints(max_length=10), AfterValidator(_day)]


class ShownPassage(BaseModel):
    """回答所引的一个区间。"""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    document_id: str = Field(min_length=1, max_length=LONGEST_ID, description="文档编号", examples=["moumou"])
    start: int = Field(ge=0, le=_LARGEST, description="起点，按 Unicode 码位计", examples=[4])
    end: int = Field(ge=1, le=_LARGEST, description="终点，不含；大于起点", examples=[16])

    @field_validator("end")
    @classmethod
    def _is_a_span(cls, end: int, info: ValidationInfo) -> int:
        if end <= info.data.get("start", 0):
            raise PydanticCustomError("empty_span", "empty_span")
        return end


class FeedbackRequest(BaseModel):
    """对一个回答的评价。"""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    question: Told = Field(description="问题", examples=["某某产业社区占地多少亩？"])
    resolved: Annotated[str, StringConstraints(max_length=QUESTION_LIMIT)] | None = Field(
        None, description="结合上文补全后的问题，即回答里的 resolved_question"
    )
    status: Status = Field(description="回答的 status", examples=["answered"])
    helpful: bool = Field(description="是否有帮助", examples=[True])
    reason: Reason | None = Field(None, description="没有帮助的原因；有帮助时为空")
    comment: str | None = Field(None, max_length=LONGEST_COMMENT, description="补充说明")
    answer: str | None = Field(None, max_length=LONGEST_ANSWER, description="回答的文字")
    passages: list[ShownPassage] = Field(default=[], max_length=MOST_PASSAGES, description="回答所引的区间")
    trace_id: str | None = Field(None, max_length=LONGEST_ID, description="给出回答的请求的 X-Request-Id")

    @field_validator("reason")
    @classmethod
    def _has_one_verdict(cls, reason: Reason | None, info: ValidationInfo) -> Reason | None:
        if reason is not None and info.data.get("helpful"):
            raise PydanticCustomError("helpful_reason", "helpful_reason")
        return reason


class GivenBody(BaseModel):
    """收下的评价。"""

    id: str = Field(description="编号；凭它收回")


class FeedbackQuery(BaseModel):
    """怎样列出评价。"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(50, ge=1, le=1000, description="每页多少条")
    cursor: str | None = Field(None, max_length=64, description="上一页给出的 next_cursor")
    helpful: bool | None = Field(None, description="只列有帮助的，或没有帮助的")
    reason: Reason | None = Field(None, description="只列这个原因的")
    since: _Day | None = Field(None, description="从这一天起（UTC），YYYY-MM-DD")
    until: _Day | None = Field(None, description="到这一天为止（UTC），YYYY-MM-DD")


class ShownBody(BaseModel):
    """评价时回答所引的一个区间。"""

    document_id: str = Field(description="文档编号")
    start: int = Field(description="起点")
    end: int = Field(description="终点，不含")
    quote: str = Field(description="评价时那里的原文；当时已没有这个区间则为空")
    content_hash: str = Field(description="评价时文档内容的 SHA-256；当时已没有这个文档则为空")
    standing: Literal["same", "moved", "gone"] = Field(description="引文现在：same 在原处，moved 在别处，gone 没有了")


class EntryBody(BaseModel):
    """一条评价。没有的文字是空字符串。"""

    id: str = Field(description="编号")
    at: str = Field(description="何时，UTC")
    key: str = Field(description="提交所用密钥的名称；没有密钥时为空")
    question: str = Field(description="问题")
    resolved: str = Field(description="补全后的问题")
    status: Status = Field(description="回答的 status")
    helpful: bool = Field(description="是否有帮助")
    reason: Reason | None = Field(description="没有帮助的原因")
    comment: str = Field(description="补充说明")
    answer: str = Field(description="回答的文字")
    passages: list[ShownBody] = Field(description="回答所引的区间")
    trace_id: str = Field(description="给出回答的请求的编号")


class FeedbackListBody(BaseModel):
    """一页评价，最新的在前。"""

    feedback: list[EntryBody]
    total: int = Field(description="符合条件的总数")
    next_cursor: str | None = Field(description="下一页的 cursor；没有下一页时为 null")
