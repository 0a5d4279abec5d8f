"""The application's style sheet, made from a palette and a scale."""

from __future__ import annotations

from collections.abc import Callable

from app.desk.palette import Palette


def style_sheet(colours: Palette, px: Callable[[float], int]) -> str:
    """Qt style sheet of panel and settings window. `px` turns a length at 100 % into pixels."""
    c = colours
    radius, small = px(6), px(12)
    return f"""
QWidget {{ color: {c.text}; }}
QDialog, QWidget#panel {{ background: {c.window}; }}
QWidget#panel[edge="right"] {{ border-left: 1px solid {c.line}; }}
QWidget#panel[edge="left"] {{ border-right: 1px solid {c.line}; }}
QLabel {{ background: transparent; }}
QLabel[rank="muted"] {{ color: {c.muted}; font-size: {small}px; }}
QLabel[rank="heading"] {{ font-size: {px(17)}px; }}
QLabel[rank="timer"] {{ font-size: {px(15)}px; }}
QLabel[state="recording"] {{ color: {c.recording}; }}
QLabel[state="paused"] {{ color: {c.on_notice}; }}
QFrame#rule {{ background: {c.line}; border: none; max-height: 1px; min-height: 1px; }}
QWidget#header, QWidget#foot {{ background: {c.surface}; }}

QFrame#noticeRow {{ background: {c.surface}; border: none; border-bottom: 1px solid {c.line}; }}
QFrame#noticeRow QLabel {{ color: {c.muted}; font-size: {small}px; }}
QFrame#noticeRow[mode="unknown"], QFrame#noticeRow[mode="asked"], QFrame#noticeRow[mode="confirm"] {{
  background: {c.notice};
}}
QFrame#noticeRow[mode="unknown"] QLabel, QFrame#noticeRow[mode="asked"] QLabel,
QFrame#noticeRow[mode="confirm"] QLabel {{ color: {c.on_notice}; font-size: {px(13)}px; }}
QFrame#noticeRow[mode="refused"] {{ background: {c.hover}; }}
QFrame#noticeRow[mode="refused"] QLabel {{ color: {c.text}; font-size: {px(13)}px; }}
QPushButton[role="answer"] {{ padding: {px(2)}px {px(10)}px; font-size: {px(13)}px; }}
QPushButton[role="answer"]:focus {{ padding: {px(2) - 1}px {px(10) - 1}px; }}
QFrame#readBack {{ background: {c.surface}; border: none; border-top: 1px solid {c.line}; }}
QLabel[rank="number"] {{ font-size: {px(20)}px; }}

QFrame#banner {{ border-radius: {radius}px; background: {c.notice}; }}
QFrame#banner QLabel {{ color: {c.on_notice}; font-size: {px(13)}px; }}
QFrame#banner[grave="true"] {{ background: {c.fault}; }}
QFrame#banner[grave="true"] QLabel {{ color: {c.on_fault}; }}

QPushButton {{
  background: {c.surface}; border: 1px solid {c.outline}; border-radius: {radius}px;
  padding: {px(6)}px {px(14)}px; min-height: {px(20)}px;
}}
QPushButton:hover {{ background: {c.hover}; }}
QPushButton:focus {{ border: 2px solid {c.accent}; padding: {px(6) - 1}px {px(14) - 1}px; }}
QPushButton:disabled {{ color: {c.muted}; border-color: {c.line}; background: {c.window}; }}
QPushButton[role="primary"] {{ background: {c.accent}; color: {c.on_accent}; border: 1px solid {c.accent}; }}
QPushButton[role="primary"]:hover {{ background: {c.accent_hover}; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {c.text}; }}
QPushButton[role="danger"] {{ background: {c.fault}; color: {c.on_fault}; border: 1px solid {c.fault_edge}; }}
QPushButton[role="danger"]:hover {{ background: {c.fault_hover}; }}
QPushButton[role="danger"]:focus {{ border: 2px solid {c.on_fault}; }}
QPushButton[role="pill"] {{
  border-radius: {px(13)}px; padding: {px(3)}px {px(14)}px; background: {c.accent}; color: {c.on_accent};
  border: 1px solid {c.accent}; font-size: {px(13)}px;
}}
QPushButton[role="pill"]:hover {{ background: {c.accent_hover}; }}
QPushButton[role="toggle"] {{
  border-radius: {px(11)}px; padding: {px(1)}px {px(10)}px; font-size: {small}px; background: transparent;
}}
QPushButton[role="toggle"]:hover {{ background: {c.hover}; }}
QPushButton[role="toggle"]:checked {{ background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; }}

QToolButton {{ background: transparent; border: none; border-radius: {radius}px; padding: {px(4)}px; }}
QToolButton:hover, QToolButton:checked {{ background: {c.hover}; }}
QToolButton:focus {{ border: 2px solid {c.accent}; padding: {px(4) - 2}px; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}

QMenu {{ background: {c.surface}; border: 1px solid {c.outline}; padding: {px(4)}px; }}
QMenu::item {{ padding: {px(6)}px {px(24)}px {px(6)}px {px(14)}px; border-radius: {px(4)}px; }}
QMenu::item:selected {{ background: {c.hover}; }}
QMenu::item:disabled {{ color: {c.muted}; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: {px(4)}px {px(8)}px; }}
QToolTip {{ background: {c.surface}; color: {c.text}; border: 1px solid {c.outline}; padding: {px(4)}px; }}

QAbstractItemView#transcript {{ background: {c.window}; border: none; }}
QScrollBar:vertical {{ background: transparent; width: {px(9)}px; margin: 0; }}
QScrollBar::handle:vertical {{
  background: {c.outline}; border-radius: {px(2)}px; min-height: {px(28)}px; margin: {px(2)}px;
}}
QScrollBar::handle:vertical:disabled {{ background: transparent; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

QListWidget#pages {{ background: {c.surface}; border: none; border-right: 1px solid {c.line}; outline: none;
  padding: {px(8)}px; }}
QListWidget#pages::item {{ padding: {px(9)}px {px(12)}px; border-radius: {radius}px; color: {c.text}; }}
QListWidget#pages::item:hover {{ background: {c.hover}; }}
QListWidget#pages::item:selected {{ background: {c.agent_bubble}; color: {c.text}; }}
QListWidget#pages::item:selected:focus {{ border: 2px solid {c.accent}; padding: {px(9) - 2}px {px(12) - 2}px; }}
QScrollArea#page, QScrollArea#page > QWidget > QWidget {{ background: {c.window}; border: none; }}

QComboBox, QLineEdit {{
  background: {c.surface}; border: 1px solid {c.outline}; border-radius: {radius}px;
  padding: {px(5)}px {px(9)}px; min-height: {px(20)}px; selection-background-color: {c.accent};
  selection-color: {c.on_accent};
}}
QComboBox:focus, QLineEdit:focus {{
  border: 2px solid {c.accent}; padding: {px(5) - 1}px {px(9) - 1}px;
}}
QComboBox:disabled, QLineEdit:disabled {{
  color: {c.muted}; border-color: {c.line}; background: {c.window};
}}
QComboBox::drop-down {{ border: none; width: {px(24)}px; }}
QComboBox QAbstractItemView {{
  background: {c.surface}; border: 1px solid {c.outline}; selection-background-color: {c.hover};
  selection-color: {c.text}; outline: none; padding: {px(4)}px;
}}
QCheckBox {{ spacing: {px(8)}px; padding: {px(3)}px; border: 2px solid transparent; border-radius: {radius}px; }}
QCheckBox:focus {{ border-color: {c.accent}; }}
QCheckBox:disabled {{ color: {c.muted}; }}
QCheckBox::indicator {{
  width: {px(16)}px; height: {px(16)}px; border: 1px solid {c.outline}; border-radius: {px(4)}px;
  background: {c.surface};
}}
QCheckBox::indicator:checked {{ background: {c.accent}; border-color: {c.accent}; }}
QCheckBox::indicator:disabled {{ border-color: {c.line}; background: {c.window}; }}
"""
