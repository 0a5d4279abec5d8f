"""Colours of the window, light and dark, and the contrast they owe each other.

Plain data without Qt, so that the contrast of every pair in use is checked by arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass

AA_TEXT = 4.5
"""Least contrast of text. Source: WCAG 2.2, success criterion 1.4.3 (AA)."""

AA_GRAPHICS = 3.0
"""Least contrast of the parts that tell a control or a state. Source: WCAG 2.2, success criterion 1.4.11 (AA)."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Named colours as `#rrggbb`."""

    dark: bool
    window: str
    """The panel itself."""
    surface: str
    """Cards, fields and the customer's bubbles."""
    line: str
    """Hairlines that separate; they carry no meaning."""
    outline: str
    """Edges of controls and of partial captions."""
    text: str
    muted: str
    """Second-rank text: speaker, time, state in words, partial captions."""
    accent: str
    """Main button, links, focus ring, the agent's level."""
    on_accent: str
    accent_hover: str
    agent_bubble: str
    selection: str
    hover: str
    recording: str
    notice: str
    """Ground of the notice that no mask is on, and of mild faults."""
    on_notice: str
    fault: str
    """Ground of a fault that stops the work."""
    on_fault: str
    fault_edge: str
    fault_hover: str
    track: str
    """Ground of a level bar."""
    level_customer: str
    chip_personal: str
    """Ground of a chip that stands for personal data; opaque, so that its text is as legible on every bubble."""
    on_chip_personal: str
    chip_personal_edge: str
    chip_abuse: str
    """Ground of a chip that stands for abuse: calm too, nobody needs to be alarmed by what is hidden."""
    on_chip_abuse: str
    chip_abuse_edge: str


LIGHT = Palette(
    dark=False,
    window="#f5f7f8",
    surface="#ffffff",
    line="#e1e6e9",
    outline="#7f8b93",
    text="#18222a",
    muted="#56636d",
    accent="#0b6e66",
    on_accent="#ffffff",
    accent_hover="#095a54",
    agent_bubble="#dceeeb",
    selection="#bfe0db",
    hover="#e9eef0",
    recording="#c4282d",
    notice="#fdf1d8",
    on_notice="#6a4700",
    fault="#fbe4e2",
    on_fault="#8a1c16",
    fault_edge="#c96a63",
    fault_hover="#f6d3d0",
    track="#e1e6e9",
    level_customer="#2f62b5",
    chip_personal="#e0e7f7",
    on_chip_personal="#25468a",
    chip_personal_edge="#5477bd",
    chip_abuse="#f3e1ee",
    on_chip_abuse="#712a62",
    chip_abuse_edge="#a8609a",
)

DARK = Palette(
    dark=True,
    window="#14191d",
    surface="#1f262c",
    line="#2b343b",
    outline="#77858f",
    text="#e8edf0",
    muted="#a3b0b9",
    accent="#5cc4b7",
    on_accent="#06201d",
    accent_hover="#7ad3c8",
    agent_bubble="#1c3c39",
    selection="#2b5a55",
    hover="#28323a",
    recording="#ff7a73",
    notice="#3a2f16",
    on_notice="#f3d18a",
    fault="#43211f",
    on_fault="#ffc4bf",
    fault_edge="#a8625d",
    fault_hover="#532a27",
    track="#2b343b",
    level_customer="#8db4f5",
    chip_personal="#26375a",
    on_chip_personal="#c3d6fb",
    chip_personal_edge="#8aa5dc",
    chip_abuse="#452a40",
    on_chip_abuse="#f0c4e6",
    chip_abuse_edge="#d0a0c5",
)

TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    ("text", "window"),
    ("text", "surface"),
    ("text", "agent_bubble"),
    ("text", "selection"),
    ("text", "hover"),
    ("muted", "window"),
    ("muted", "surface"),
    ("muted", "hover"),
    ("accent", "window"),
    ("accent", "surface"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_fault", "fault_hover"),
    ("on_notice", "notice"),
    ("on_fault", "fault"),
    ("recording", "window"),
    ("on_notice", "window"),
    ("text", "notice"),
    ("on_chip_personal", "chip_personal"),
    ("on_chip_abuse", "chip_abuse"),
)
"""Text colour and ground, as they occur in the window."""

_CHIP_GROUNDS = ("surface", "agent_bubble", "selection")

GRAPHIC_PAIRS: tuple[tuple[str, str], ...] = (
    ("accent", "track"),
    ("level_customer", "track"),
    ("recording", "window"),
    ("outline", "window"),
    ("outline", "surface"),
    ("accent", "hover"),
    ("fault_edge", "surface"),
    ("outline", "notice"),
    ("accent", "surface"),
    ("muted", "window"),
    ("muted", "selection"),
    *((f"chip_{family}_edge", ground) for family in ("personal", "abuse") for ground in _CHIP_GROUNDS),
)
"""Marks and their ground."""


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1. Source: WCAG 2.2, definition of relative luminance."""

    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21. Source: WCAG 2.2, definition of contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
