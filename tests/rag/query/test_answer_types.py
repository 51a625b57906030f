"""Kinds of answer: which a question seeks, and which clause gives one."""

import pytest

from corpus.folding import fold
from rag.query.answer_types import answer_types_of, asks_for_a_term


def gives(question: str, clause: str) -> list[bool]:
    """For each kind that the question seeks, whether the clause gives it."""
    return [bool(kind.given.search(fold(clause).text)) for kind in answer_types_of(fold(question).text)]


@pytest.mark.parametrize(
    ("question", "given", "other"),
    [
        ("占地多少亩", "面积1.5平方公里", "总投资8亿元"),
        ("园区有多大", "建筑面积近百万平方米", "有3栋楼"),
        ("产业社区和小镇哪个大", "占地80亩", "有58家企业"),
        ("成都和上海谁提得早", "2017年提出", "有3种类型"),
        ("萧山和余杭哪个多", "有58家", "在西边"),
        ("双子楼有多高", "高150米", "建筑面积15万平方米"),
        ("楼板承重多少公斤", "每平方米最高承重3吨", "层高7.8米"),
        ("厂房租金一个月多少", "每平方米30元", "占地7.2亩"),
        ("总投资多少", "总投资约65亿元", "占地53亩"),
        ("梦想小镇一年交多少税", "税收2.3亿元", "有5000家企业"),
        ("空置率是多少", "空置率为一成，即10%", "建筑体量180万平方米"),
        ("合作期签了多少年", "合作期为20年", "2020年签约"),
        ("有多少员工", "员工有3万余人", "有企业58家"),
        ("常住人口有几万人", "常住居民20余万", "有21个社区"),
        ("入驻了几家企业", "入驻企业达58家", "占地31亩"),
        ("属于第几批", "属于省级第五批创建", "2023年4月验收"),
        ("是哪一天动工的", "2024年2月22日动工", "2024年动工"),
        ("哪年竣工", "计划2026年竣工", "总投资20亿元"),
        ("早上几点开门", "9:00开门", "有7000家企业"),
        ("办公地址在哪", "位于江南大道100号", "成立于2003年"),
        ("联系电话是多少", "电话0571-87654321", "有3组换电柜"),
        ("坐几号线去", "地铁7号线可达", "距离机场17公里"),
        ("党支部书记叫什么名字", "党支部书记王小明介绍", "成立了党支部"),
        ("人才公寓怎么申请", "可向街道申请", "租金远低于市场价"),
        ("建了几栋楼", "有8栋单体", "面积5.7万平方米"),
        ("信访件多少件", "共收到1200件", "由街道受理"),
        ("分别叫什么名字", "有云栖小镇、艺创小镇和龙坞茶镇", "共有六个"),
        ("是哪三个区", "包括上城、西湖", "分布在3个区里"),
        ("什么是标准地", "“标准地”（试行）是指带着标准出让的地", "首宗标准地有35亩"),
        ("请问标准地到底是什么意思呀", "标准地，即带着标准出让的地", "标准地的改革始于德清"),
        ("啥叫CID", "中央创新区（CID）是一个创新区", "中央创新区在四季青街道"),
        ("企业债直通车是什么意思", "企业债“直通车”是一项政策", "用好企业债直通车"),
    ],
)
def test_a_clause_gives_what_is_sought_or_something_else(question: str, given: str, other: str) -> None:
    assert any(gives(question, given))
    assert not any(gives(question, other))


@pytest.mark.parametrize(
    "question",
    [
        "为什么要搞产业社区",
        "运营方是谁",
        "从几乎没有企业到产业集聚靠什么",
        "近几年发展得怎么样",
        "有没有食堂",
        "linkpark",
        "传化社区的打造模式是什么",
        "综合体和停动车的所，官方叫法是啥",
    ],
)
def test_a_question_may_seek_nothing_in_particular(question: str) -> None:
    assert answer_types_of(fold(question).text) == ()


@pytest.mark.parametrize(
    ("question", "given", "kinds"),
    [
        ("绿道有多长", "全长8公里", 1),
        ("绿道有多长", "占地80平方米", 1),
        ("工期有多长时间", "工期为18个月", 1),
        ("一共投了多少", "总投资50亿元", 1),
        ("投资了几家企业", "投资企业12家", 1),
        ("产值占比是多少", "占全区的45%", 1),
        ("占地合多少平方米", "占地3公顷", 1),
        ("用了多少吨钢,几家企业", "企业1200余家", 2),
    ],
)
def test_a_quantity_is_told_in_its_own_units(question: str, given: str, kinds: int) -> None:
    told = gives(question, given)
    assert len(told) == kinds
    assert any(told) == (given != "占地80平方米")


def test_a_question_may_seek_several_kinds() -> None:
    assert gives("哪年开工，占地多少亩", "2021年开工") == [False, True]


def test_names_are_sought_only_where_no_number_is() -> None:
    assert [kind.sentence for kind in answer_types_of("那6个村分别叫什么村")] == [True]
    assert [kind.sentence for kind in answer_types_of("4个片区分别有多少平方公里")] == [False]


@pytest.mark.parametrize(
    ("question", "asks"), [("什么是标准地", True), ("标准地是什么", True), ("标准地有多少亩", False), ("标准地", False)]
)
def test_a_term_is_asked_for_by_what_it_means(question: str, asks: bool) -> None:
    assert asks_for_a_term(answer_types_of(question)) is asks
