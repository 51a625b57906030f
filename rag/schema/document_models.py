"""What the service answers about documents: the documented shapes of the HTTP contract."""

from typing import Literal

from pydantic import BaseModel, Field

from rag.schema.models import GENERATION, SourceBody


class ReportBody(BaseModel):
    """收录报告：读成了什么，丢掉了什么。"""

    format: str = Field(description="读成的格式，如 markdown、pdf、docx、xlsx、pptx、eml、zip")
    encoding: str = Field(description="文字编码")
    encoding_confidence: float = Field(description="编码判断的把握，0–1")
    documents: int = Field(description="从中得到多少个文档")
    pages: int = Field(description="页数")
    sections: int = Field(description="小节数")
    passages: int = Field(description="段落数")
    characters: int = Field(description="字数")
    dropped: list[str] = Field(description="没有收录的部分")
    warnings: list[str] = Field(description="需要留意的地方")


class NearBody(BaseModel):
    """几乎相同的文档。"""

    id: str = Field(description="文档编号")
    title: str = Field(description="标题")
    resemblance: float = Field(description="相像的程度：共有的四字片段所占的份额（估计值），0.3–1")


class KeptBody(BaseModel):
    """收录结果；从这个 generation 起可以检索到。"""

    id: str = Field(description="文档编号")
    title: str = Field(description="标题")
    replaced: bool = Field(description="是否替换了同编号的文档")
    documents: list[str] = Field(description="收录的全部文档编号，主文档在前")
    orphaned_askings: list[int] = Field(description="替换后不再指向任何段落的问法编号；平常为空")
    near_duplicates: list[NearBody] = Field(description="索引中与之几乎相同的文档；report.warnings 也会提醒")
    generation: int = Field(description=GENERATION)
    report: ReportBody


class RefusalBody(BaseModel):
    """一个文件为什么没有收录。"""

    title: str = Field(description="哪一类问题")
    detail: str = Field(description="具体原因")
    code: str = Field(description="供程序识别的代码")


class FileBody(BaseModel):
    """一个文件的结果。"""

    name: str = Field(description="文件名，可含文件夹")
    status: int = Field(description="单独上传这个文件会得到的状态码")
    kept: KeptBody | None = Field(description="收录结果；没有收录时为 null")
    problem: RefusalBody | None = Field(description="没有收录的原因；收录了则为 null")


class ManyKeptBody(BaseModel):
    """多个文件各自的结果，依上传的先后。"""

    files: list[FileBody]
    kept: int = Field(description="收录了多少个文件")
    refused: int = Field(description="没有收录多少个文件")
    generation: int = Field(description=GENERATION)


class DocumentSummary(BaseModel):
    """文档的元数据。"""

    id: str = Field(description="文档编号")
    title: str = Field(description="标题")
    aliases: list[str] = Field(description="别名")
    kind: str = Field(description="类别")
    districts: list[str] = Field(description="区县")
    date: str = Field(description="最新来源的日期：YYYY、YYYY-MM 或 YYYY-MM-DD；来源都没有日期时为空")
    characters: int = Field(description="字数")
    origin: str = Field(description="bundled 自带，user 用户收录")
    parent: str | None = Field(description="摘录所在的文档")
    content_hash: str = Field(description="内容的 SHA-256")
    generation: int = Field(description="收录时索引的代")
    near_duplicates: list[NearBody] = Field(description="几乎相同的其他文档，最像的在前")


class DocumentsBody(BaseModel):
    """一页文档。"""

    documents: list[DocumentSummary]
    total: int = Field(description="符合条件的文档总数")
    next_cursor: str | None = Field(description="下一页的 cursor；没有下一页时为 null")
    generation: int = Field(description=GENERATION)


class SectionBody(BaseModel):
    """一个小节在全文中的区间。"""

    path: list[str] = Field(description="从外到内的小标题")
    start: int
    end: int


class AttributionBody(BaseModel):
    """全文的一段区间出自哪些来源。"""

    start: int
    end: int
    sources: list[str] = Field(description="sources 的键")


class DisagreementBody(BaseModel):
    """对同一件事说法不一的各处。"""

    topic: str = Field(description="什么事")
    spans: list[tuple[int, int]] = Field(description="各说法的区间")


class AskedBody(BaseModel):
    """文档自己写明的问法，指向全文的一段区间。"""

    start: int
    end: int
    questions: list[str] = Field(description="问法")


class SimilarQuestionBody(BaseModel):
    """文档之外另存的问法；只用于检索，从不引用。"""

    id: int = Field(description="编号")
    text: str = Field(description="问法")
    state: Literal["used", "proposed", "orphaned"] = Field(
        description="used 用于检索，proposed 待批准，orphaned 所指之处已不在文档里"
    )
    origin: Literal["operator", "llm"] = Field(description="operator 人工添加，llm 大模型提议")
    section: list[str] = Field(description="指向的小节，从外到内的小标题；空列表是整个文档或没有小标题的部分")
    quote: str | None = Field(description="指向的句子；指向整个小节时为 null")
    spans: list[tuple[int, int]] = Field(description="现在指向全文的哪些区间")


class DocumentBody(DocumentSummary):
    """文档的元数据与全文。"""

    text: str = Field(description="全文；引用的偏移指向这里")
    sections: list[SectionBody]
    sources: dict[str, SourceBody] = Field(description="来源，以键标识")
    attributions: list[AttributionBody] = Field(description="哪句出自哪里")
    disagreements: list[DisagreementBody]
    related: list[str] = Field(description="相关文档的编号")
    pages: list[int] = Field(description="每页的起点；没有页的格式为空")
    asked: list[AskedBody] = Field(description="文档自己写明的问法")
    askings: list[SimilarQuestionBody] = Field(description="另外添加的问法，已批准的")
