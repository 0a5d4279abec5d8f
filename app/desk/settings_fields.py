"""Fields of the settings window: a labelled editor for one setting, locked with a reason where the policy says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QIntValidator, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from app.desk.icons import draw_icon
from app.desk.theme import Look, Theme
from core.settings_schema import SettingValue

Words = Callable[[], str]
"""Gives a text in the language of the moment."""
Choices = Callable[[], Sequence[tuple[SettingValue, str]]]
"""Gives values with their names, in the language of the moment."""


class SettingsStore(Protocol):
    """What the window needs of `core.settings.Settings`."""

    @property
    def locked(self) -> frozenset[str]:
        """Dotted names that the administrator holds."""
        ...

    def get(self, name: str) -> SettingValue:
        """The value that holds."""
        ...

    def set(self, name: str, value: SettingValue) -> None:
        """Choose a value. Raises: BadInput."""
        ...

    def save(self) -> None:
        """Keep what was chosen. Raises: EnvironmentFault."""
        ...


class ChoiceBox(QComboBox):
    """A combo box with an arrow in the colours of the theme; the wheel does not change it by accident."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._look = theme.look
        theme.changed.connect(self._take_look)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.wheelEvent = lambda event: event.ignore()  # type: ignore[method-assign]

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box, then the arrow that a style sheet takes away."""
        super().paintEvent(event)
        side = self._look.px(16)
        painter = QPainter(self)
        painter.translate(self.width() - side * 0.9, self.height() / 2)
        painter.rotate(90)
        colour = self._look.colour("text" if self.isEnabled() else "muted")
        draw_icon(painter, "fold_right", QRectF(-side / 2, -side / 2, side, side), colour)

    def _take_look(self, look: Look) -> None:
        self._look = look
        self.update()


class CheckBox(QCheckBox):
    """A check box with a tick in the colours of the theme."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._look = theme.look
        theme.changed.connect(self._take_look)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box, then the tick that a style sheet takes away."""
        super().paintEvent(event)
        if self.isChecked():
            option = QStyleOptionButton()
            self.initStyleOption(option)
            box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
            colour = self._look.colour("on_accent" if self.isEnabled() else "muted")
            draw_icon(QPainter(self), "tick", QRectF(box), colour)

    def _take_look(self, look: Look) -> None:
        self._look = look
        self.update()


class Field(QWidget):
    """A label, an editor and a line of help."""

    def __init__(self, name: str, label: Words, editor: QWidget, *, help_text: Words | None = None) -> None:
        super().__init__()
        self.name = name
        self._label_words, self._help_words = label, help_text
        self._editor = editor
        self._locked = False
        self._label = QLabel()
        self._help = QLabel()
        self._help.setProperty("rank", "muted")
        self._help.setWordWrap(True)
        self._label.setBuddy(editor)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if not isinstance(editor, QCheckBox):
            column.addWidget(self._label)
        column.addWidget(editor)
        column.addWidget(self._help)

    @property
    def editor(self) -> QWidget:
        """The widget that takes the focus."""
        return self._editor

    def value(self) -> SettingValue:
        """What is chosen now."""
        raise NotImplementedError

    def show_value(self, value: SettingValue) -> None:
        """Show a value."""
        raise NotImplementedError

    def lock(self, locked: bool) -> None:
        """Disable the editor, with the reason beside it."""
        self._locked = locked
        self._editor.setEnabled(not locked)
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        label = self._label_words()
        self._label.setText(label)
        self._editor.setAccessibleName(label)
        if isinstance(self._editor, QCheckBox):
            self._editor.setText(label)
        help_text = self._help_words() if self._help_words else ""
        if self._locked:
            help_text = self.tr("Set by your administrator; ask them if it needs to change.")
        self._help.setText(help_text)
        self._help.setVisible(bool(help_text))
        self._editor.setAccessibleDescription(help_text)


class ChoiceField(Field):
    """One of several values."""

    def __init__(
        self, name: str, label: Words, choices: Choices, theme: Theme, *, help_text: Words | None = None
    ) -> None:
        self.box = ChoiceBox(theme)
        self._choices = choices
        super().__init__(name, label, self.box, help_text=help_text)
        self.retranslate()

    def value(self) -> SettingValue:
        """The value of the chosen entry."""
        value: SettingValue = self.box.currentData()
        return value

    def show_value(self, value: SettingValue) -> None:
        """Choose the entry of a value; one that is not on the list is kept and shown by its own name."""
        index = self.box.findData(value)
        if index < 0:
            self.box.addItem(str(value), value)
            index = self.box.count() - 1
        self.box.setCurrentIndex(index)

    def retranslate(self) -> None:
        """The entries too, without losing the choice."""
        super().retranslate()
        chosen = self.box.currentData()
        blocked = self.box.blockSignals(True)
        self.box.clear()
        for value, words in self._choices():
            self.box.addItem(words, value)
        if chosen is not None:
            self.show_value(chosen)
        self.box.blockSignals(blocked)


class SwitchField(Field):
    """Yes or no."""

    def __init__(self, name: str, label: Words, theme: Theme, *, help_text: Words | None = None) -> None:
        self.box = CheckBox(theme)
        super().__init__(name, label, self.box, help_text=help_text)
        self.retranslate()

    def value(self) -> SettingValue:
        """Whether it is checked."""
        return self.box.isChecked()

    def show_value(self, value: SettingValue) -> None:
        """Check or clear the box."""
        self.box.setChecked(bool(value))


class TextField(Field):
    """A line of text, or a whole number within limits."""

    def __init__(self, name: str, label: Words, *, limits: tuple[int, int] | None = None) -> None:
        self.line = QLineEdit()
        self._number = limits is not None
        if limits is not None:
            self.line.setValidator(QIntValidator(*limits, self.line))
        super().__init__(name, label, self.line)
        self.retranslate()

    def value(self) -> SettingValue:
        """The text, or the number."""
        text = self.line.text().strip()
        return int(text) if self._number and text else text

    def show_value(self, value: SettingValue) -> None:
        """Show text or number."""
        self.line.setText(str(value))


class KeyField(Field):
    """A key combination, typed as it is meant."""

    def __init__(self, name: str, label: Words, *, help_text: Words | None = None) -> None:
        self.keys = QKeySequenceEdit()
        self.keys.setMaximumSequenceLength(1)
        self.keys.setClearButtonEnabled(True)
        super().__init__(name, label, self.keys, help_text=help_text)
        self.retranslate()

    def value(self) -> SettingValue:
        """The combination in the form the settings keep."""
        return self.keys.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    def show_value(self, value: SettingValue) -> None:
        """Show a combination."""
        self.keys.setKeySequence(QKeySequence(str(value)))
