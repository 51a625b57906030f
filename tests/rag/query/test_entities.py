"""Names of documents are found in a question: the longest at each place."""

import pytest

from index.store.catalogue import DocumentEntry
from rag.query.entities import Gazetteer, names_of


def entry(key: int, title: str, *aliases: str) -> DocumentEntry:
    return DocumentEntry(
        key=key,
        id=f"d{key}",
        title=title,
        parent=None,
        origin="user",
        kind="",
        districts=(),
        aliases=aliases,
        date="",
        characters=1,
        content_hash="",
        generation=1,
    )


SUBJECTS = Gazetteer(
    [
        entry(1, "物联网小镇", "物联网街"),
        entry(2, "物联网产业社区"),
        entry(3, "M0"),
        entry(4, "万科"),
        entry(5, "物联网街"),
    ]
)


def test_the_longest_name_wins_and_names_do_not_overlap() -> None:
    found = SUBJECTS.entities("物联网产业社区在物联网小镇里吗")
    assert [(m.name, m.start, m.end, set(m.documents)) for m in found] == [
        ("物联网产业社区", 0, 7, {2}),
        ("物联网小镇", 8, 13, {1}),
    ]


def test_one_name_may_mean_several_documents() -> None:
    assert SUBJECTS.entities("物联网街")[0].documents == {1, 5}


CITIES = Gazetteer(
    [entry(1, "成都产业社区"), entry(2, "上海产业社区"), entry(3, "成都高新区"), entry(4, "上海产业社区导则")]
)


@pytest.mark.parametrize(
    ("text", "spelled_out"),
    [
        ("成都和上海的产业社区有什么不同", "成都产业社区和上海产业社区有什么不同"),
        ("请问成都、上海两地的产业社区导则", "请问成都产业社区、上海产业社区导则"),
        ("成都跟上海产业社区", "成都产业社区跟上海产业社区"),
        ("杭州和上海的产业社区", "杭州和上海的产业社区"),  # 杭州产业社区 is no name here
        ("成都产业社区和上海产业社区", "成都产业社区和上海产业社区"),
        ("成都和", "成都和"),
        ("和", "和"),
        ("", ""),
    ],
)
def test_what_two_names_share_is_written_after_both(text: str, spelled_out: str) -> None:
    assert CITIES.spelled_out(text) == spelled_out


def test_two_ideographs_are_too_few_for_a_name_but_two_letters_are_enough() -> None:
    assert SUBJECTS.entities("万科做m0吗")[0].name == "m0"


def test_no_name_no_mention() -> None:
    assert SUBJECTS.entities("今天天气") == []
    assert SUBJECTS.entities("") == []


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("桐溪村稻渔综合种养项目总结报告", ["桐溪村稻渔综合种养", "桐溪村"]),
        ("清源QY-20智能水表使用说明书", ["清源qy-20智能水表", "qy-20"]),
        ("差旅费管理办法", ["差旅费"]),
        ("《留用地管理办法》（试行）", ["留用地管理办法", "留用地"]),
        ("《留用地安置细则（2023版）》", ["留用地安置细则", "留用地安置"]),
        ("元皇后 (北齐)", ["元皇后"]),
        ("（附件）", []),
        ("关于调整公积金缴存比例的通知", ["调整公积金缴存比例"]),
        ("员工手册", []),
        ("西湖", []),
    ],
)
def test_a_document_without_aliases_is_known_by_what_its_title_is_called_for_short(
    title: str, short: list[str]
) -> None:
    named = entry(1, title)
    assert list(names_of(named))[1:] == short
    assert all(Gazetteer([named]).entities(f"请问{name}的情况") for name in short)


def test_aliases_that_somebody_gave_are_enough() -> None:
    assert names_of(entry(1, "桐溪村项目报告", "稻渔")) == ("桐溪村项目报告", "稻渔")
