"""Prints what an assistive technology finds in the transcript of a window: a JSON list of item names.

    /usr/bin/python3 read_captions.py APPLICATION

Needs python3-pyatspi, which Debian builds for the system's own interpreter only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pyatspi

_DEEPEST = 24


def items(node: Any, depth: int = 0) -> Iterator[str]:
    """Names of the list items below a node."""
    if node is None or depth > _DEEPEST:
        return
    if node.getRole() == pyatspi.ROLE_LIST_ITEM:
        yield node.name
    for place in range(node.childCount):
        yield from items(node.getChildAtIndex(place), depth + 1)


def main() -> None:
    """Find the application on the accessibility bus and print."""
    desktop = pyatspi.Registry.getDesktop(0)
    found = [
        name
        for application in desktop
        if application is not None and application.name == sys.argv[1]
        for name in items(application)
    ]
    sys.stdout.write(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
