# ruff: noqa: INP001 - a recipe run by hand, not a module of the package
"""Make the PNG sizes and the Windows icon from `tingban.svg`: `python assets/icons/make_icons.py`.

Needs PySide6 and Pillow. The pixels depend on Qt's SVG renderer, so the results are committed.
"""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

HERE = Path(__file__).parent
SIZES_PX = (16, 24, 32, 48, 64, 128, 256)


def main() -> int:
    """Write `tingban-<size>.png` and `tingban.ico`."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QGuiApplication([])
    renderer = QSvgRenderer(str(HERE / "tingban.svg"))
    for size_px in SIZES_PX:
        image = QImage(size_px, size_px, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        image.save(str(HERE / f"tingban-{size_px}.png"))
    with Image.open(HERE / "tingban-256.png") as largest:
        largest.save(HERE / "tingban.ico", sizes=[(size_px, size_px) for size_px in SIZES_PX])
    application.quit()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
