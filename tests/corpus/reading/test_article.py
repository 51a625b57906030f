"""Scraped article pages come apart into metadata, furniture, the article and snippets; other texts stay whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_texts import relaxed

from corpus.document import Document, InvalidDocument, Source
from corpus.passage import split
from corpus.reading import read
from corpus.reading.article import recognise

FIRST = (
    "楼宇社区是以商务楼宇为单元的治理空间,通过引入党建、政务和生活服务,让企业和员工在楼里办成事;"
    "它有三个特征:没有户籍居民、工作日服务、企业参与.目前,全市已有四十余个楼宇社区."
)
SECOND = "(一)云台楼宇社区.云台楼宇社区占地12.5亩,由某物业公司运营,设有“楼长”二十名.它在2022年启用."
THIRD = "建议把楼宇社区纳入街道统筹,探索“政府+业主”的共建机制,并给予运营补贴."
SNIPPETS = (
    "湿地公园是城市里的一片绿洲.每年春天,成千上万的候鸟在这里停留.园方设立了三处观鸟点",
    "地方戏曲的传承靠的是一代又一代艺人.一位老艺人回忆,他十二岁登台,唱了整整六十年…",
)
PAGE = f"""楼宇社区治理的探索与思考

来源 :城市观察 | 被引量 : 3次 | 上传用户:reader007
发布时间:2022年5月6日
下载到本地 , 更方便阅读
声明 : 本文档内容版权归属内容提供方 , 如有争议 , 可与客服联系进行授权或下架
论文部分内容阅读
  {FIRST}
  楼宇社区的主要做法
  {SECOND}
  来源:作者调研所得,数据截至年底.
  进一步发展的建议
  {THIRD}
  作者单位:某市社会治理研究所
其他文献
{SNIPPETS[0]}
期刊
{SNIPPETS[1]}
会议
短行"""


@pytest.fixture(scope="module")
def documents() -> tuple[Document, ...]:
    return read(PAGE.encode(), "louyu", name="page.txt").documents


def test_the_article_is_only_the_article(documents: tuple[Document, ...]) -> None:
    article = documents[0]
    assert (article.id, article.title, article.kind, article.parent) == (
        "louyu",
        "楼宇社区治理的探索与思考",
        "article",
        None,
    )
    assert article.text.split("\n\n") == [
        FIRST,
        "楼宇社区的主要做法",
        SECOND,
        "来源:作者调研所得,数据截至年底.",
        "进一步发展的建议",
        THIRD,
    ]
    assert {passage.section for passage in split(article)} == {(), ("楼宇社区的主要做法",), ("进一步发展的建议",)}


def test_the_metadata_is_the_source_of_every_statement(documents: tuple[Document, ...]) -> None:
    source = Source("楼宇社区治理的探索与思考", "城市观察", "某市社会治理研究所", "2022-05-06")
    assert documents[0].sources_of(0, 10) == (source,)


def test_every_snippet_is_a_document_of_its_own(documents: tuple[Document, ...]) -> None:
    assert [document.id for document in documents] == ["louyu", "louyu~1", "louyu~2"]
    for snippet, text in zip(documents[1:], SNIPPETS, strict=True):
        assert (snippet.text, snippet.parent, snippet.kind) == (text, "louyu", "snippet")
        assert snippet.title == f"{text[:24]}…"
        (source,) = snippet.sources_of(0, 5)
        assert "摘录" in source.title
        assert "楼宇社区治理的探索与思考" in source.title


def test_furniture_is_reported_and_stands_nowhere() -> None:
    reading = read(PAGE.encode(), "louyu", name="page.txt")
    assert reading.report.documents == 3
    assert reading.report.warnings == ("2 snippets of other articles became documents of their own",)
    for piece in (
        "下载到本地 , 更方便阅读",
        "论文部分内容阅读",
        "其他文献",
        "期刊",
        "会议",
        "短行",
        "被引量：3次",
        "上传用户：reader007",
    ):
        assert piece in reading.report.dropped
        assert not any(piece in document.text for document in reading.documents)
    assert not any(
        word in document.text for document in reading.documents for word in ("版权", "reader007", "作者单位")
    )


def test_every_line_of_the_page_is_somewhere() -> None:
    reading = read(PAGE.encode(), "louyu", name="page.txt")
    kept = "\n".join(
        [*(document.text for document in reading.documents), *reading.report.dropped, reading.documents[0].title]
    )
    fields = ("来源 :城市观察", "发布时间:2022年5月6日", "作者单位:某市社会治理研究所")
    for line in PAGE.split("\n"):
        assert line.strip() in kept or line.strip().startswith(fields)


def test_the_page_needs_only_two_of_its_three_signs() -> None:
    lines = PAGE.split("\n")
    others = lines.index("其他文献")
    without_furniture = [line for line in lines if not line.startswith(("下载到本地", "声明", "论文部分"))]
    without_metadata = [line for line in lines if "|" not in line]
    for kept in (lines[:others], without_furniture, without_metadata):
        page = recognise("\n".join(kept))
        assert page is not None
        assert page.body[0] == FIRST


def test_one_snippet_is_a_sign_too() -> None:
    page = recognise(f"题目\n来源:甲 | 被引量:0\n{FIRST}\n其他文献\n{SNIPPETS[0]}")
    assert page is not None
    assert (page.title, page.body, page.snippets, page.furniture) == ("题目", [FIRST], [SNIPPETS[0]], ["其他文献"])


@pytest.mark.parametrize("metadata", ["作者:张三 | 出处:某报", "被引量:3", "浏览量：500"])
def test_metadata_as_only_sites_write_it(metadata: str) -> None:
    assert recognise(f"题目\n{metadata}\n返回顶部\n{FIRST}") is not None


def test_other_fields_and_labels() -> None:
    page = recognise(f"题目\n作者:张三 | 出处:某报 | 日期:2022-13-45\n正文:\n{FIRST}\n期刊\n点击下载全文\n返回顶部")
    assert page is not None
    assert page.fields == {"作者": "张三", "出处": "某报", "日期": "2022-13-45"}
    assert page.furniture == ["正文:", "点击下载全文", "返回顶部"]
    assert page.body == [FIRST, "期刊"]  # within the article it may be prose


def test_an_impossible_date_is_no_date() -> None:
    page = f"题目\n作者:张三 | 日期:2022-13-45 | 被引量:0\n返回顶部\n{FIRST}"
    assert read(page.encode(), "x").documents[0].sources["document"].date == ""


NORMAL = {
    "prose": f"{FIRST}\n{SECOND}\n{THIRD}",
    "paper": f"题目\n作者：张三\n作者单位：某所\n关键词：楼宇；社区\n{FIRST}\n{THIRD}",
    "news": f"题目\n来源：某报 | 日期：2022-05-06\n{FIRST}\n{THIRD}",
    "minutes": f"会议纪要\n会议：第三次例会\n日期：2022年5月6日\n来源：办公室\n{FIRST}",
    "bibliography": f"{FIRST}\n相关文献\n张三.《楼宇社区研究》，某某出版社，2020年版，第12页。",
    "reading list": f"{FIRST}\n推荐阅读\n《楼宇社区导论》\n《社区治理十讲》",
    "statement": f"声明：本公司版权归属股东，授权他人使用须经同意。\n{FIRST}",
    "statistics": f"{FIRST}\n下载量：300\n浏览量：5000",
    "others without furniture": f"{FIRST}\n其他文献\n{SNIPPETS[0]}",
    "one field and furniture": f"题目\n来源：某报\n{FIRST}\n返回顶部",
    "only furniture": "下载到本地\n返回顶部",
}


@pytest.mark.parametrize("text", NORMAL.values(), ids=NORMAL)
def test_normal_texts_stay_whole(text: str) -> None:
    assert recognise(text) is None
    (document,) = read(text.encode(), "x").documents
    kept = f"{document.title}\n{document.text}"
    assert all(line in kept for line in text.split("\n"))


def test_a_page_without_an_article_is_read_as_it_stands() -> None:
    text = "来源:甲 | 被引量:0\n下载到本地\n其他文献\n" + SNIPPETS[0]
    assert recognise(text) is None
    assert len(read(text.encode(), "x").documents) == 1


def test_a_long_id_leaves_room_for_its_snippets() -> None:
    documents = read(PAGE.encode(), "a" * 128).documents
    assert [len(document.id) for document in documents] == [128, 112, 112]
    assert {document.parent for document in documents[1:]} == {"a" * 128}


@relaxed
@given(
    st.lists(st.sampled_from([*PAGE.split("\n"), *SNIPPETS, "来源:", "|", "作者:|来源:", "𠮷"]), max_size=25).map(
        "\n".join
    )
)
def test_pages_in_any_order_are_cut_exactly(text: str) -> None:
    if not text.strip():
        return
    try:
        documents = read(text.encode(), "x", title="题").documents
    except InvalidDocument:
        return
    for document in documents:
        for passage in split(document):
            assert document.text[passage.start : passage.end] == passage.text
