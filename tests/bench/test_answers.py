from bench.noise import Answers, score_answers
from bench.score import Turn, Written


def final(start_ms: int, end_ms: int, text: str) -> Written:
    return Written("utterance", "agent", start_ms, end_ms, text, end_ms + 500)


ANSWERS = [Turn("agent", 1000, 1300, "嗯。"), Turn("agent", 4000, 4500, "好的。"), Turn("agent", 8000, 8600, "138。")]


def test_each_answer_is_written_right_or_missing() -> None:
    finals = [
        final(800, 1250, "恩"),
        final(3950, 4600, "好的"),
        final(6000, 6500, "请订阅"),
        final(8000, 8600, "一三八"),
    ]
    assert score_answers(ANSWERS, finals) == Answers(asked=3, written=3, right=1, invented_chars=3)


def test_nothing_written() -> None:
    assert score_answers(ANSWERS, [final(4000, 4500, "……")]) == Answers(3, 0, 0, 0)


def test_an_answer_in_two_finals_is_right_when_they_join() -> None:
    assert score_answers([ANSWERS[1]], [final(3900, 4200, "好"), final(4200, 4600, "的")]).right == 1
