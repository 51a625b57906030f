"""What clients may send: strict models. An unknown field, a wrong type or half a surrogate pair is refused."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from rag.filters import FILTERS

QUESTION_LIMIT: Final = 10_000  # hard limit in code points; the setting max_question lowers it
VALUES_LIMIT: Final = 1000  # values that one field of a filter may have
HISTORY_LIMIT: Final = 100  # turns


def _not_blank(text: str) -> str:
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise PydanticCustomError("blank", "blank")
    return text


def _known_fields(wanted: dict[str, list[str]]) -> dict[str, list[str]]:
    if set(wanted) - set(FILTERS):
        raise PydanticCustomError("unknown_field", "unknown field", {"known": "、".join(FILTERS)})
    return wanted


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


_Text = Annotated[str, StringConstraints(max_length=QUESTION_LIMIT)]
Told = Annotated[_Text, AfterValidator(_not_blank)]
_Values = Annotated[
    list[_Text], BeforeValidator(_listed, json_schema_input_type=str | list[str]), Field(max_length=VALUES_LIMIT)
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SearchRequest(_Request):
    """检索：返回按相关度排序的段落。"""

    query: Told = Field(description="检索词或问题", examples=["物联网产业社区有哪些服务"])
    top_k: int = Field(5, ge=1, le=100, description="返回多少个段落")
    mode: Literal["hybrid", "dense", "lexical"] = Field("hybrid", description="混合、只用稠密、只用词面")
    filter: Annotated[dict[str, _Values], AfterValidator(_known_fields)] | None = Field(
        None,
        description=f"按字段筛选文档，值为一个或多个：{'、'.join(FILTERS)}",
        examples=[{"district": ["滨江区", "临安区"]}],
    )
    explain: bool = Field(False, description="给出每个特征对相关度的贡献")


class Turn(_Request):
    """对话中的一轮。"""

    role: Literal["user", "assistant"] = Field(description="谁说的")
    content: _Text = Field(description="说了什么")


class AskRequest(_Request):
    """提问：返回由原文句子组成、逐句注明出处的回答，或如实说没有找到。"""

    question: Told = Field(description="问题", examples=["linkpark产业社区占地多少亩？"])
    history: list[Turn] = Field(
        default=[], max_length=HISTORY_LIMIT, description="之前的对话，从旧到新；用来补全省略的追问"
    )
    top_k: int = Field(5, ge=1, le=100, description="附上多少个段落")
    stream: bool = Field(False, description="以 SSE 事件流返回")
    generate: bool | None = Field(
        None, description="是否由大模型措辞；未配置大模型时给出摘录式回答并在 degraded 中说明"
    )


class AnalyzeRequest(_Request):
    """分析：一段文字怎样被折叠和切词。"""

    text: _Text = Field(description="要分析的文字", examples=["運河萬科中心有１００家企業"])


class ListQuery(BaseModel):
    """怎样列出文档。"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(50, ge=1, le=1000, description="每页多少个")
    cursor: str | None = Field(None, max_length=64, description="上一页给出的 next_cursor")
    kind: str | None = Field(None, max_length=64, description="只列这一类", examples=["community"])
    district: str | None = Field(None, max_length=64, description="只列这个区县", examples=["滨江区"])
