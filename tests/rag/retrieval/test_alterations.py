"""Alterations: a replaced word and a negation are noticed between letters that both texts share; other edits pass."""

import pytest

from index.store.minhash import letters_of
from rag.retrieval.alterations import LONGEST, is_altered

TEXT = "负责人张伟表示，云台产业社区允许企业在园区内停车，食堂对居民开放。"


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (TEXT, False),
        (TEXT.replace("张伟", "李娜"), True),
        (TEXT.replace("张伟", "欧阳明"), True),
        (TEXT.replace("云台", "蓝溪"), True),
        (TEXT.replace("允许", "禁止"), True),
        (TEXT.replace("允许", "不允许"), True),
        (TEXT.replace("对居民开放", "对居民不开放"), True),
        (TEXT.replace("对居民开放", "不对居民开放"), True),
        (f"据介绍，{TEXT}", False),
        (TEXT.replace("在园区内", ""), False),
        (TEXT.replace("企业", "各类企业"), False),
        (TEXT.replace("表示", ""), False),
        (TEXT + "园区每周三开放参观。", False),
        (TEXT.split("，")[1], False),
        ("另一句话，与此全无关系。", False),
    ],
)
def test_what_is_altered(other: str, expected: bool) -> None:
    assert is_altered(letters_of(TEXT), letters_of(other)) is expected
    assert is_altered(letters_of(other), letters_of(TEXT)) is expected


def test_a_name_at_either_end_is_noticed() -> None:
    text = letters_of("张伟说，园区的食堂由物业公司管理，园区的公寓由街道管理，联系人王芳")
    assert is_altered(text, text.replace("张伟", "李娜"))
    assert is_altered(text, text.replace("王芳", "赵敏"))


def test_an_exchanged_sentence_is_no_alteration() -> None:
    text = letters_of("云台产业社区位于西溪。" + "甲乙丙丁戊己庚辛壬癸" + "周边居民也可以使用。")
    longer = text.replace("甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉"[: LONGEST + 1])
    assert not is_altered(text, longer)
