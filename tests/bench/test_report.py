from bench.report import table


def test_columns_are_aligned_with_wide_characters() -> None:
    made = table(("名", "value"), [("嗯", 1.0), ("ab", None), ("c", float("nan"))])
    assert made.splitlines() == [
        "| 名 | value |",
        "| -- | ----- |",
        "| 嗯 | 1.00  |",
        "| ab | –     |",
        "| c  | –     |",
    ]
