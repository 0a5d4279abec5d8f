import pytest

from bench.normalise import nearest, normalise, spoken_value


@pytest.mark.parametrize(
    ("digits", "spoken"),
    [
        ("0", "零"),
        ("7", "七"),
        ("10", "十"),
        ("12", "十二"),
        ("20", "二十"),
        ("101", "一百零一"),
        ("110", "一百一十"),
        ("1001", "一千零一"),
        ("1010", "一千零一十"),
        ("8023", "八千零二十三"),
        ("10000", "一万"),
        ("10010", "一万零一十"),
        ("100500", "十万零五百"),
        ("1000001", "一百万零一"),
        ("100001234", "一亿零一千二百三十四"),
        ("100000010", "一亿零一十"),
        ("120500000", "一亿二千零五十万"),
    ],
)
def test_amounts_as_they_are_spoken(digits: str, spoken: str) -> None:
    assert spoken_value(digits) == spoken


@pytest.mark.parametrize(
    ("text", "scored"),
    [
        ("您好，這裡是雲帆！", "您好这里是云帆"),
        ("ＷｉＦｉ 断了… OK?", "wifi断了ok"),
        ("129元", "一百二十九元"),
        ("1,290元", "一千二百九十元"),
        ("2026年11月9号", "二零二六年十一月九号"),
        ("晚上8:16，8:05，8:00", "晚上八点十六八点零五八点"),
        ("3.05万", "三点零五万"),
        ("12%", "百分之十二"),
        ("13800138000", "一三八零零一三八零零零"),
        ("007", "零零七"),
        ("50000元", "五万元"),
        ("幺三八，两个〇", "一三八二个零"),
        ("……", ""),
    ],
)
def test_one_form_for_all_ways_of_writing(text: str, scored: str) -> None:
    assert normalise(text) == scored


def test_a_number_is_read_as_the_reference_reads_it() -> None:
    assert nearest("工号8023，一共8023元", "工号八零二三一共八千零二十三元") == "工号八零二三一共八千零二十三元"
    assert nearest("138 0013 8000", "一三八零零一三八零零零") == "一三八零零一三八零零零"


def test_a_wrong_number_stays_wrong() -> None:
    assert nearest("8024", "八零二三") == "八零二四"


def test_without_a_number_nothing_is_chosen() -> None:
    assert nearest("好的。", "不行") == "好的"
