import subprocess
import sys

from bench.meter import ProcessMeter

HOLDS_MEMORY = """
import subprocess, sys
child = "held = bytearray(60_000_000); held[::4096] = b'x' * len(held[::4096]); print('ready', flush=True); input()"
process = subprocess.Popen([sys.executable, "-c", child])
process.wait()
"""


def test_a_child_of_the_process_counts() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_MEMORY], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdin is not None
        with ProcessMeter([parent.pid]) as meter:
            assert parent.stdout.readline().strip() == b"ready"
            cost = meter.cost()
        parent.stdin.close()
        parent.wait(30)
    assert cost.peak_mb > 60
    assert cost.cpu_s > 0


def test_a_mark_forgets_time_and_keeps_memory() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_MEMORY], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdin is not None
        with ProcessMeter([parent.pid]) as meter:
            parent.stdout.readline()
            before = meter.cost()
            meter.mark()
            after = meter.cost()
        parent.stdin.close()
        parent.wait(30)
    assert after.cpu_s < before.cpu_s
    assert after.peak_mb >= before.peak_mb
