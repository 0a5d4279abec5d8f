# ruff: noqa: INP001 - a recipe run by hand, not a module of the package
"""Make `TingbanSans-Regular.otf` from Noto Sans CJK SC Regular. See README.md beside this file.

Needs fontTools, which the product itself does not.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped,import-not-found,unused-ignore]  # no types; optional
from fontTools.ttLib import TTCollection, TTFont  # type: ignore[import-untyped,import-not-found,unused-ignore]  # likewise

SOURCE_SHA256 = "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a"
SC_REGULAR = "Noto Sans CJK SC"
FAMILY = "Tingban Sans"
# Fixed so that the same source gives the same bytes: seconds since 1904-01-01, here 2026-01-01.
MODIFIED_S = 3_850_070_400
# `locl` would bring the Japanese, Korean and Traditional forms of every character along and double the file.
FEATURES = ["kern"]
WINDOWS, ENGLISH_US = 3, 0x409
NAME_FAMILY, NAME_UNIQUE, NAME_FULL, NAME_POSTSCRIPT = 1, 3, 4, 6
KEPT_NAMES = (0, 1, 2, 3, 4, 5, 6, 7, 13, 14)


def wanted_code_points() -> set[int]:
    """GBK (which holds GB 2312 and Big5's common characters), Latin-1, and the punctuation and signs a window needs."""
    points = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180))
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                points.update(map(ord, bytes((lead, trail)).decode("gbk")))
            except UnicodeDecodeError:
                continue
    for first, last in (
        (0x2010, 0x205E),  # general punctuation
        (0x20A0, 0x20BF),  # currency
        (0x2100, 0x214F),  # letter-like signs
        (0x2150, 0x218B),  # number forms
        (0x2190, 0x2199),  # arrows
        (0x2460, 0x2473),  # circled numbers
        (0x25A0, 0x25FF),  # geometric shapes
        (0x3000, 0x303F),  # CJK punctuation
        (0x30FB, 0x30FB),  # the middle dot of GB 2312
        (0xFF01, 0xFFE6),  # full-width forms
    ):
        points.update(range(first, last + 1))
    return points


def source_font(path: Path) -> TTFont:
    """The SC face of the collection. Raises: SystemExit when the file is another one than the recipe names."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SOURCE_SHA256:
        raise SystemExit(f"{path} has sha256 {digest}, not {SOURCE_SHA256}. Take the file named in README.md.")
    for font in TTCollection(str(path)).fonts:
        if font["name"].getDebugName(NAME_FAMILY) == SC_REGULAR:
            return font
    raise SystemExit(f"{path} holds no face named {SC_REGULAR}.")


def rename(font: TTFont) -> None:
    """Give the subset its own family name, so that it never mixes with an installed Noto."""
    table = font["name"]
    table.names = [
        record
        for record in table.names
        if record.nameID in KEPT_NAMES and record.platformID == WINDOWS and record.langID == ENGLISH_US
    ]
    for name_id, text in (
        (NAME_FAMILY, FAMILY),
        (NAME_UNIQUE, f"{FAMILY} Regular, subset of {SC_REGULAR} 2.004"),
        (NAME_FULL, f"{FAMILY} Regular"),
        (NAME_POSTSCRIPT, "TingbanSans-Regular"),
    ):
        table.setName(text, name_id, WINDOWS, 1, ENGLISH_US)
    cff = font["CFF "].cff
    cff.fontNames = ["TingbanSans-Regular"]
    cff.topDictIndex[0].FamilyName = FAMILY
    cff.topDictIndex[0].FullName = f"{FAMILY} Regular"


def main() -> int:
    """Write the subset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="NotoSansCJK-Regular.ttc")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("TingbanSans-Regular.otf"))
    arguments = parser.parse_args()
    font = source_font(arguments.source)
    options = subset.Options(
        layout_features=FEATURES,
        hinting=False,
        name_IDs=["*"],
        notdef_outline=True,
        drop_tables=["vhea", "vmtx", "VORG", "DSIG"],
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted_code_points())
    subsetter.subset(font)
    rename(font)
    font.recalcTimestamp = False
    font["head"].modified = MODIFIED_S
    font.save(arguments.out)
    sys.stderr.write(f"{arguments.out}: {arguments.out.stat().st_size} bytes, {len(font.getBestCmap())} characters\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
