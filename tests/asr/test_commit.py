"""What two successive decodes agree on is stable."""

from __future__ import annotations

from itertools import takewhile

from hypothesis import given
from hypothesis import strategies as st

from asr.commit import Agreement

TEXTS = st.lists(st.text(alphabet="我要退货吗", max_size=8), min_size=1, max_size=8)


def prefix_length(one: str, other: str) -> int:
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))


@given(TEXTS)
def test_the_stable_prefix_is_of_the_newest_text_and_never_shrinks_while_it_holds(texts: list[str]) -> None:
    agreement, stable, last = Agreement(), "", ""
    for text in texts:
        count = agreement.update(text)
        assert 0 <= count <= len(text)
        assert count >= prefix_length(last, text)
        if text.startswith(stable):
            assert count >= len(stable)
        # Nothing is stable that only one decode has seen.
        assert count <= max(prefix_length(last, text), prefix_length(stable, text))
        stable, last = text[:count], text


def test_one_decode_makes_nothing_stable() -> None:
    assert Agreement().update("我要退货") == 0


def test_a_growing_hypothesis() -> None:
    agreement = Agreement()
    counts = [agreement.update(text) for text in ("我要", "我要退", "我要退货", "我要推", "我要退货吗")]
    assert counts == [0, 2, 3, 2, 2]
