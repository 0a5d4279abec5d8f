"""Progress on a terminal and elsewhere."""

from __future__ import annotations

import io

from app.cli.progress import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def advance(stream: io.StringIO) -> str:
    with ProgressBar({"copy": "Copying"}, stream) as progress:
        for done_bytes in range(0, 2_000_001, 100_000):
            progress("copy", done_bytes, 2_000_000)
        progress("rest", 0, 0)
    return stream.getvalue()


def test_a_terminal_gets_one_line_a_stage() -> None:
    shown = advance(Terminal())
    assert shown.count("\n") == 2
    first, second, after = shown.split("\n")
    assert first.split("\r")[-1] == "Copying [##############################] 100%  2 of 2 MB "
    assert second.split("\r")[-1].startswith("rest [")
    assert after == ""


def test_a_log_gets_a_line_a_quarter() -> None:
    assert advance(io.StringIO()).splitlines() == [
        "Copying: 0 of 2 MB",
        "Copying: 0 of 2 MB",
        "Copying: 1 of 2 MB",
        "Copying: 2 of 2 MB",
        "Copying: 2 of 2 MB",
        "rest: 0 of 0 MB",
    ]
