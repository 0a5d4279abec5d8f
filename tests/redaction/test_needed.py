"""Characters that regular expressions need: never one too many, and those that fall away could not have matched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.sets import marked_lines
from redaction.line import read
from redaction.needed import Regexes, needed
from redaction.patterns import as_written, filled_in, patterns

DEV = Path(__file__).parent / "dev" / "insults.tsv"


@pytest.mark.parametrize(
    ("source", "sets"),
    [
        ("甲乙", ["甲", "乙"]),
        ("甲?乙*丙", ["丙"]),
        ("甲+乙{0,2}丙{1,3}", ["甲", "丙"]),
        ("(?:甲|乙)丙", ["丙", "甲乙"]),
        ("(?:甲|乙?)丙", ["丙"]),
        ("[甲乙][^丙]", ["甲乙"]),
        ("[一-九]甲", ["甲"]),
        ("(?<!甲)(?=乙)丙(?!丁)", ["丙"]),
        ("(?P<x>甲)(?:丙$|$)", ["甲"]),
        ("甲|(?:乙|丙)丁", ["甲丁"]),
        (r"甲\\?", ["甲"]),
        ("^.$", []),
    ],
)
def test_what_is_needed(source: str, sets: list[str]) -> None:
    re.compile(source)
    assert sorted(map(sorted, needed(source))) == sorted(map(sorted, sets))


@pytest.mark.parametrize("source", ["(甲", "甲)", "(?:甲|(乙)"])
def test_odd_brackets_are_refused(source: str) -> None:
    with pytest.raises(ValueError, match="bracket"):
        needed(source)


_PIECES = st.recursive(
    st.sampled_from(["甲", "乙", "丙", "[甲乙]", "[^甲]", "."]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: f"(?:{'|'.join(some)})"),
        inner.map(lambda one: f"(?:{one})?"),
        inner.map(lambda one: f"(?:{one}){{1,2}}"),
    ),
    max_leaves=8,
)


@given(st.lists(_PIECES, min_size=1, max_size=4), st.text("甲乙丙丁", max_size=8))
def test_nothing_that_matches_falls_away(sources: list[str], chars: str) -> None:
    every = [(n, one.span()) for n, source in enumerate(sources) for one in re.finditer(source, chars)]
    assert [(n, one.span()) for n, one in Regexes(sources).matches(chars)] == every


def test_rules_left_out_for_what_a_line_lacks_would_not_have_matched() -> None:
    plain = [re.compile(filled_in(rule.source)) for rule in patterns()]
    for line in marked_lines(DEV):
        chars = read(line.text).chars
        every = [(number, found.span()) for number, regex in enumerate(plain) for found in regex.finditer(chars)]
        assert [(patterns().index(told.rule), told.match.span()) for told in as_written(chars)] == every
