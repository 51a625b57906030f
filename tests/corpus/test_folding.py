"""The search key: worked examples, what must stay, and the laws that every text obeys."""

import hashlib
import re
import time
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus import spelling
from corpus.folding import FOLDING_VERSION, Folded, Quantity, fold, fold_characters, numbers

NUMBERS = {
    "1,000,000": "1000000",
    "１，０００元": "1000元",
    "1,048,577家": "1048577家",
    "1.5万": "15000",
    "3.10万": "31000",
    "1.23456万": "12345.6",
    "6000亿元": "600000000000元",
    "1.2万亿": "1200000000000",
    "2千万": "20000000",
    "1亿2000万": "120000000",
    "1亿2千万": "120000000",
    "3万5000元": "35000元",
    "一百万": "1000000",
    "十五": "15",
    "一百十五": "115",
    "一万三百": "10300",
    "三点五": "3.5",
    "三点五万亩": "35000亩",
    "零点五": "0.5",
    "壹佰": "100",
    "叁拾陆万元": "360000元",
    "貳佰萬": "2000000",
    "二十一世纪": "21世纪",
    "海拔三千米": "海拔3000米",
    "500万千瓦": "5000000千瓦",
    "五千瓦": "5千瓦",
    "100余家": "100余家",
    "一百余家": "100余家",
    "二十多个": "20多个",
    "十余家": "10余家",
    "一百余万元": "100余万元",
    "5~10万元": "50000~100000元",
    "5-10亿元": "500000000-1000000000元",
    "2000~1万": "2000~10000",
    "100万-200万": "1000000-2000000",
    "80.10亩": "80.1亩",
    "60.00%": "60%",
}
SHARES = {
    "百分之六十": "60%",
    "百分之三点五": "3.5%",
    "百分之零点五": "0.5%",
    "百分之百": "100%",
    "百分之60": "60%",
    "60％": "60%",
    "60 %": "60%",
    "千分之三": "3‰",
    "六十个百分点": "60个百分点",
}
COUNTS = {
    "九大场景": "9大场景",
    "六大": "6大",
    "五类": "5类",
    "三个": "3个",
    "十个": "10个",
    "两家": "2家",
    "三至五年": "3至5年",
    "六号大街": "6号大街",
    "三星级": "3星级",
    "四季度": "4季度",
    "最后一公里": "最后1公里",
    "三㎡": "3平方米",
    "第一": "第1",
    "第三批": "第3批",
    "第十四个": "第14个",
    "第一百零八条": "第108条",
    "linkpark二期": "linkpark 2期",
    "1.三个平台": "1. 3个平台",
}
UNITS = {
    "100㎡": "100平方米",
    "100m²": "100平方米",
    "100 m2": "100平方米",
    "100平米": "100平方米",
    "100平方": "100平方米",
    "多少平米": "多少平方米",
    "多少平方": "多少平方米",
    "3.5万㎡": "35000平方米",
    "5km²": "5平方公里",
    "5 km2": "5平方公里",
    "5平方千米": "5平方公里",
    "12km": "12公里",
    "12千米": "12公里",
    "3ha": "3公顷",
    "3hm²": "3公顷",
    "50 m³": "50立方米",
    "￥100万": "1000000元",
    "¥100元": "100元",
    "RMB 100": "100元",
    "100rmb": "100元",
    "100块钱": "100元",
    "人民币100元": "人民币100元",
}
DATES = {
    "2021-03-05": "2021年3月5日",
    "2021/3/5": "2021年3月5日",
    "2021.3.5": "2021年3月5日",
    "2021年03月05日": "2021年3月5日",
    "二〇二一年三月五日": "2021年3月5日",
    "二零二一年": "2021年",
    "二○二一年": "2021年",
    "一八四〇年": "1840年",
    "2021-03": "2021年3月",
    "2021.03，": "2021年3月,",
    "3月05日": "3月5日",
    "三二〇国道": "320国道",
}
CHARACTERS = {
    "佔地８０．１ 畝": "占地80.1亩",
    "後裏乾燥乾隆皇后": "后里干燥乾隆皇后",
    "瞭解與答覆": "了解与答复",
    "「杭州」——ＡＢＣ": '"杭州"--abc',
    "萧山～滨江": "萧山~滨江",
    "杭\u200b州\u00ad市\ufeff": "杭州市",
    " 杭州 \n 市 5 G ": "杭州市5 g",
    "Link  Park\t产业 社区": "link park产业社区",
    "12 34": "12 34",
}
KEPT = (
    "统一|统一个|一些|一样|一起|唯一|万科|万向|百度|百通岗|千岛湖|千名|十里|三墩|五常|七彩|八方|四季青|四新|六和塔|"
    "一平台两中心|三生融合|九堡|一带一路|半山|双创|亿元楼|万亩千亿|百万庄|零碳|三元里|三位一体|五台山|四周|二次|上一年|同一类|"
    "几十家|几十万|数十家|百家|万亿元|三分之一|二十分之一|第三方|第一百货|三四十个|三百五|一万五|一二三产业|五一|十四五|"
    "两点一线|平方根|平台|100公里/小时|100千瓦|50千克|100km/h|3-5年|2018-2020年|2.0版|3.10|1.50|2021.03亩|2021-12学年|"
    "0571-87654321|04-0571|〔2018〕1806号|a1234|5g|m0|1号楼|192.168.1.1|13812345678|310013|007号|2021万科|2021百强|"
    "①200家|10²|5.10日|(256,256)|三百5|12:30|1/2"
)
LONG = "一" * 31, "9" * 31, "9" * 31 + "万", "1," + ",".join(["000"] * 11)

PIECES = (
    "一|二|三|十|百|千|万|亿|零|〇|○|两|壹|拾|点|分之|百分之|千分之|第|个|家|年|月|日|平方|平米|千米|公里|km|km2|m²|m2|㎡|ha|"
    "rmb|¥|%|.|,|:|/|-|~|0|1|5|05|12|2021|1900|100|000|1,000|1.50|2021.03|a|v|_|几|数|多|余|之|统|元|块钱|大|至|科|瓦|米|号|亩|"
    "\n| |\u200b|Ａ|１|，|。|（|「|乾|隆|萬|兩|畝|瞭|解|²|𠮷|\ud800|é|İ|あ"
)
HOSTILE = (
    "一|1|9 |\u200b|三个|百分之|1,000,|1.|十万|2021-|a|㎡|点五|三点五|零|¥|rmb |第|1万|几十|5~|10万-|三位一|乾|\ud800乾"
)
ALPHABET = st.sampled_from(PIECES.split("|"))
TEXT = st.one_of(st.lists(ALPHABET, max_size=12).map("".join), st.text(st.characters(), max_size=30))


@pytest.mark.parametrize(
    ("raw", "key"),
    [*NUMBERS.items(), *SHARES.items(), *COUNTS.items(), *UNITS.items(), *DATES.items(), *CHARACTERS.items()],
)
def test_what_means_the_same_is_spelled_the_same(raw: str, key: str) -> None:
    assert fold(raw).text == key
    assert fold(key).text == key


@pytest.mark.parametrize("text", [*KEPT.split("|"), *LONG])
def test_what_is_not_clearly_a_number_stays(text: str) -> None:
    assert fold(text).text == text


def test_a_sentence_and_a_question_about_it_meet() -> None:
    passage = fold("該產業社區佔地８０.10 畝，二〇二一年三月掛牌，入駐企業一百餘家，總投資１．５億元。").text
    assert passage == "该产业社区占地80.1亩,2021年3月挂牌,入驻企业100余家,总投资150000000元。"
    assert all(fold(words).text in passage for words in ("占地80.1亩", "2021-03", "100余家", "1.5亿元", "一亿五千万"))


def test_rewritten_characters_point_at_what_the_author_wrote() -> None:
    folded = fold("共一百\u200b万 元")
    assert folded.text == "共1000000元"
    assert folded.raw_span(1, 8) == folded.raw_span(3, 4) == (1, 5)
    assert folded.raw_span(7, 9) == (1, 7)
    assert folded.raw_span(2, 2) == (1, 1)
    assert folded.raw_span(9, 9) == (7, 7)
    assert fold("Ａ\u200b区").raw_span(0, 2) == (0, 3)


@pytest.mark.parametrize("span", [(-1, 1), (2, 1), (0, 4)])
def test_a_span_outside_the_key_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="does not lie in a key of 3 characters"):
        fold("杭州市").raw_span(*span)


def test_a_map_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="3 characters, 2 starts and 3 ends"):
        Folded("杭州市", "杭州市", (0, 1), (1, 2, 3))


@given(TEXT)
@example("韓昇延 乾隆")
@example("¥百分之5rmb2021-十二")
@example("5 km2 long 100 ㎡ 2021-03-05 10:00")
def test_folding_a_key_again_changes_nothing(raw: str) -> None:
    key = fold(raw).text
    assert fold(key).text == key


@given(TEXT)
def test_every_character_of_the_key_has_a_place_in_the_text(raw: str) -> None:
    folded = fold(raw)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    assert all(0 <= start < end <= len(raw) for start, end in zip(folded.starts, folded.ends, strict=True))
    assert sorted(folded.starts) == list(folded.starts)
    assert sorted(folded.ends) == list(folded.ends)


@given(TEXT, st.data())
def test_a_span_covers_its_characters_and_no_more(raw: str, data: st.DataObject) -> None:
    folded = fold(raw)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    first, last = folded.raw_span(start, end)
    assert 0 <= first <= last <= len(raw)
    assert (first, last) == (min(folded.starts[start:end], default=first), max(folded.ends[start:end], default=first))


@given(st.lists(st.sampled_from([*NUMBERS, *SHARES, *UNITS, *DATES]), min_size=1, max_size=5))
def test_the_raw_span_of_a_word_folds_to_the_word(parts: list[str]) -> None:
    folded = fold("。".join(parts))
    for word in re.finditer("[^。]+", folded.text):
        start, end = folded.raw_span(*word.span())
        assert word[0] in fold(folded.raw[start:end]).text


@given(TEXT)
def test_character_folding_keeps_the_length_and_is_done_once(raw: str) -> None:
    plain = fold_characters(raw)
    assert len(plain) == len(raw)
    assert fold_characters(plain) == plain


@given(st.text(st.sampled_from("乾隆燥瞭解望藉口慰著作昇韓蘊蔣徵麼幺么於潛後裏覆沈坏甦衹𠮷\ud800 "), max_size=12))
def test_phrases_of_traditional_characters_keep_both_laws(raw: str) -> None:
    plain = fold_characters(raw)
    assert len(plain) == len(raw)
    assert fold_characters(plain) == plain


@given(st.lists(ALPHABET, max_size=10).map("".join))
def test_passing_over_finds_what_looking_everywhere_finds(raw: str) -> None:
    key = re.sub(r"(?<=[^\x00-\xff])\s+|\s+(?=[^\x00-\xff])", "", fold_characters(raw))
    nothing_known = re.compile(f"[^{spelling._STARTS}]++")
    with pytest.MonkeyPatch.context() as patch:
        quick = spelling.rewrites(key)
        patch.setattr(spelling, "PASSED", nothing_known)
        assert spelling.rewrites(key) == quick


def test_a_text_that_made_older_pythons_run_forever_is_folded() -> None:
    assert fold("三十四亿 152万平方 温州").text == "三十四亿1520000平方米温州"


def test_numbers_are_found_with_unit_and_span() -> None:
    text = "占地80.10 亩，第三批，一百余万元，约60％，2.0版，〔2018〕1806号"
    found = [(quantity.value, quantity.unit, text[quantity.start : quantity.end]) for quantity in numbers(text)]
    assert found == [
        (Decimal("80.1"), "亩", "80.10 亩"),
        (Decimal(3), "第批", "第三批"),
        (Decimal(1000000), "元", "一百余万元"),
        (Decimal(60), "%", "60％"),
        (Decimal(2), "版", "2.0版"),
        (Decimal(2018), "", "2018"),
        (Decimal(1806), "号", "1806号"),
    ]


def test_a_number_is_exact_and_written_without_exponent() -> None:
    digits = "123456789012345678901234567890"
    assert numbers(f"{digits}余万家") == [Quantity(Decimal(digits + "0000"), "家", 0, 33)]
    assert str(numbers("一百万家")[0].value) == "1000000"


@pytest.mark.parametrize("text", ["A1234", "192.168.1.1", "0571", "v2.0", "三分之一", "9" * 31, "十四五"])
def test_codes_are_not_numbers(text: str) -> None:
    assert numbers(text) == []


@given(TEXT)
def test_numbers_lie_in_the_text(raw: str) -> None:
    assert all(0 <= quantity.start < quantity.end <= len(raw) for quantity in numbers(raw))


@pytest.mark.parametrize("piece", HOSTILE.split("|"), ids=ascii)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    """40,000 characters: milliseconds when linear, minutes when quadratic."""
    begun = time.process_time()
    fold((piece * 40_000)[:40_000])
    assert time.process_time() - begun < 5


def test_a_change_of_keys_cannot_go_unnoticed() -> None:
    """If this fails, keys have changed: raise FOLDING_VERSION, then put the new hash here."""
    samples = [*NUMBERS, *SHARES, *COUNTS, *UNITS, *DATES, *CHARACTERS, *KEPT.split("|")]
    digest = hashlib.sha256("\n".join(fold(sample).text for sample in samples).encode()).hexdigest()
    assert (FOLDING_VERSION, digest[:16]) == ("1", "3a69637bd92ea3a2")
