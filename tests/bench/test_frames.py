import json

import pytest

from bench.frames import Gaps, read_log, summary
from core.errors import BadInput


def test_gaps_of_the_start_are_left_out() -> None:
    assert summary([900, 200, 16, 16, 16, 48], skip_s=1.1) == Gaps(4, 16, pytest.approx(47.04), 48, 25)


def test_a_log_holds_turns_and_paints(tmp_path) -> None:
    log = tmp_path / "frames.json"
    log.write_text(json.dumps({"turn_gaps_ms": [16.1, 15.9], "paint_gaps_ms": []}))
    assert read_log(log) == {"turn": [16.1, 15.9], "paint": []}


@pytest.mark.parametrize("text", ["", "[]", '{"turn_gaps_ms": [1]}', '{"turn_gaps_ms": ["x"], "paint_gaps_ms": []}'])
def test_another_file_is_refused(tmp_path, text: str) -> None:
    log = tmp_path / "frames.json"
    log.write_text(text)
    with pytest.raises(BadInput, match=r"frames\.json is no frame log"):
        read_log(log)


def test_no_file_is_refused(tmp_path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_log(tmp_path / "absent.json")
