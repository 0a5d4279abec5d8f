"""What can be done with rows of the transcript: copy them, and say that a chip masks what it should not."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QListView, QMenu

from app.desk.chips import chip_words
from app.desk.transcript_model import ROW_ROLE, Row, TranscriptModel, line_text
from core.types import MaskSpan


class RowActions(QObject):
    """Actions on the rows that `view` shows of `model`, by mouse or key.

    Signals: `marked_wrong(str, object)` with the id of a final and a `MaskSpan` of it, once a chip.
    """

    marked_wrong = Signal(str, object)

    def __init__(self, view: QListView, model: TranscriptModel) -> None:
        super().__init__(view)
        self._view, self._model = view, model

    def copy(self) -> None:
        """Put the selected rows on the clipboard, in their order, one a line; chips as words."""
        lines = [line_text(row) for row in self._selected()]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))

    def mark(self, row: Row, span: MaskSpan) -> None:
        """Say of a chip that it masks what it should not. Only a final's, and only once."""
        if row.kind == "final" and self._model.mark_wrong(row.utterance_id, span):
            self.marked_wrong.emit(row.utterance_id, span)

    def mark_by_key(self) -> None:
        """Mark the next chip of the selected row, or without such a row the last one that was said.

        Never an older one than that: a key held down, or pressed to make sure, must not mark what nobody looked at.
        """
        selected = [row for row in self._selected() if _can_be_marked(row)]
        if selected:
            row = selected[-1]
            left = [span for span in row.spans if span not in row.marked]
            if left:
                self.mark(row, left[0])
            return
        newest = next(filter(_can_be_marked, self._newest_first()), None)
        if newest is not None:
            self.mark(newest, newest.spans[-1])

    def menu(self, row: Row | None, span: MaskSpan | None = None) -> QMenu:
        """The context menu for a row, and the chip of it that the mouse is on. It is deleted when it closes."""
        menu = QMenu(self._view)
        copy = menu.addAction(self.tr("Copy"), self.copy)
        copy.setEnabled(bool(self._selected()))
        menu.addAction(self.tr("Select all"), self._view.selectAll)
        if row is not None and _can_be_marked(row):
            menu.addSeparator()
            for one in row.spans if span is None else (span,):
                self._add_mark(menu, row, one)
        return menu

    def _add_mark(self, menu: QMenu, row: Row, span: MaskSpan) -> None:
        marked = span in row.marked
        words = self.tr("Marked as wrong: {chip}") if marked else self.tr("Masked wrongly: {chip}")
        action = menu.addAction(words.format(chip=chip_words(span)), lambda: self.mark(row, span))
        action.setEnabled(not marked)

    def _selected(self) -> list[Row]:
        indexes = sorted(self._view.selectionModel().selectedIndexes(), key=lambda index: index.row())
        return [index.data(ROW_ROLE) for index in indexes]

    def _newest_first(self) -> Iterator[Row]:
        model = self._view.model()
        for position in range(model.rowCount() - 1, -1, -1):
            yield model.index(position, 0).data(ROW_ROLE)


def _can_be_marked(row: Row) -> bool:
    return row.kind == "final" and bool(row.spans)
