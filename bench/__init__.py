"""Measuring instruments: accuracy, delay, cost, and the same of other systems. Never installed.

In: audio with references (`Turn`), what a system wrote (`Written`). Out: tables, or JSON with `--json`. May touch the
standard library, numpy, av, msgspec, opencc, psutil, pypinyin, rapidfuzz, and the product's own public parts; what is
compared against (stock faster-whisper, the peers under `bench/peers`) is named where it is used.
"""
