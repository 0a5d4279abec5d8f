"""The transcript on screen: an item view that follows the talk, and stays put while somebody reads further up.

Rows have their own heights; a sum of heights is kept from the top, and only what lies below a changed row is summed
anew, so that five thousand rows cost no more than fifty.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QPushButton, QStyle, QStyleOptionViewItem, QWidget

from app.desk.chips import Chip
from app.desk.row_actions import RowActions
from app.desk.row_heights import RowHeights
from app.desk.theme import Look, Theme
from app.desk.transcript_delegate import TranscriptDelegate
from app.desk.transcript_model import ROW_ROLE, LegFilter, Row, TranscriptModel

LEGS_PARTIAL = 3
"""A new row is among so many last ones: below it stand at most the partials of both legs."""


class TranscriptView(QListView):
    """Shows a `LegFilter` over a `TranscriptModel`.

    A list for the screen reader, which is why it is a `QListView`; layout and painting are its own, so it calls the
    methods of `QAbstractItemView` past those of `QListView`, whose layout asks every row for its size at every change.

    Signals: `unread_changed(int)`, rows that came while the reader was further up.
    """

    unread_changed = Signal(int)

    def __init__(self, model: TranscriptModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transcript")
        self._heights = RowHeights()
        self._follows = True
        self._moving_itself = False
        self._unread = 0
        self._anchor: tuple[QPersistentModelIndex, int, int] | None = None
        """While the reader is further up: the topmost row, pixels of it above the edge, and its start in ms."""
        self._look = theme.look
        self._delegate = TranscriptDelegate(theme.look, self)
        self._filter = LegFilter(self)
        self._filter.setSourceModel(model)
        self.row_actions = RowActions(self, model)
        self._to_end = QPushButton(self)
        self._to_end.setProperty("role", "pill")
        self._to_end.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._to_end.clicked.connect(self.scroll_to_end)
        self._to_end.hide()
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setTabKeyNavigation(False)
        self.setModel(self._filter)
        self._filter.rowsRemoved.connect(self._rows_removed)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        theme.changed.connect(self._take_look)
        self.retranslate()

    # --- what the panel asks ----------------------------------------------------------------------------------------
    def show_customer_only(self, customer_only: bool) -> None:
        """Hide or show the agent's rows, without losing the place."""
        unread = self._unread
        self._filter.show_customer_only(customer_only)
        # Rows that only came back are not new.
        self._unread = unread
        self._lay_out()

    def scroll_to_end(self) -> None:
        """Back to the newest row, and follow it from there."""
        self._follows = True
        self._lay_out()

    @property
    def unread(self) -> int:
        """Rows that came while the reader was further up."""
        return self._unread

    def chip_at(self, point: QPoint) -> tuple[Row, Chip] | None:
        """The chip under a point of the viewport, with its row."""
        index = self.indexAt(point)
        if not index.isValid():
            return None
        row, rect = self._row(index.row()), self.visualRect(index)
        chip = self._delegate.layout_row(row, rect.width()).chip_at(QPointF(point - rect.topLeft()))
        return None if chip is None else (row, chip)

    def retranslate(self) -> None:
        """The language changed."""
        self.setAccessibleName(self.tr("Transcript"))
        self._delegate.forget()
        self._heights.reset()
        self._say_unread()
        self._lay_out()

    # --- QAbstractItemView ------------------------------------------------------------------------------------------
    def visualRect(self, index: QModelIndex | QPersistentModelIndex) -> QRect:
        """Where a row is, in coordinates of the viewport."""
        if not index.isValid():
            return QRect()
        self._measure()
        position = index.row()
        top = self._heights.top(position) - self.verticalOffset()
        return QRect(0, top, self.viewport().width(), self._heights.height(position))

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The row under a point of the viewport."""
        self._measure()
        y = point.y() + self.verticalOffset()
        if not 0 <= y < self._heights.total:
            return QModelIndex()
        return self._filter.index(self._heights.row_at(y), 0)

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring a row into view."""
        rect = self.visualRect(index)
        bar, room_px = self.verticalScrollBar(), self.viewport().height()
        at_top = hint is QAbstractItemView.ScrollHint.PositionAtTop
        if at_top or rect.top() < 0:
            bar.setValue(bar.value() + rect.top())
        elif rect.bottom() >= room_px:
            bar.setValue(bar.value() + rect.bottom() + 1 - room_px)

    def horizontalOffset(self) -> int:
        """Rows are as wide as the view."""
        return 0

    def verticalOffset(self) -> int:
        """Pixels above the viewport."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: QModelIndex | QPersistentModelIndex) -> bool:  # noqa: ARG002 - Qt's name
        """No row of the filter is hidden."""
        return False

    def moveCursor(
        self,
        action: QAbstractItemView.CursorAction,
        modifiers: Qt.KeyboardModifier,  # noqa: ARG002 - Qt's signature
    ) -> QModelIndex:
        """The row that a key goes to."""
        count = self._filter.rowCount()
        if not count:
            return QModelIndex()
        here = self.currentIndex()
        position = here.row() if here.isValid() else count - 1
        actions = QAbstractItemView.CursorAction
        page_px = self.viewport().height()
        self._measure()
        if action in (actions.MoveUp, actions.MoveLeft, actions.MovePrevious):
            position -= 1
        elif action in (actions.MoveDown, actions.MoveRight, actions.MoveNext):
            position += 1
        elif action is actions.MoveHome:
            position = 0
        elif action is actions.MoveEnd:
            position = count - 1
        elif action is actions.MovePageUp:
            position = self._heights.row_at(self._heights.top(position) - page_px)
        elif action is actions.MovePageDown:
            position = self._heights.row_at(self._heights.top(position) + page_px)
        return self._filter.index(min(max(position, 0), count - 1), 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select the rows that a rectangle of the viewport touches."""
        self._measure()
        selection = QItemSelection()
        if len(self._heights):
            area = rect.normalized().translated(0, self.verticalOffset())
            first, last = self._heights.row_at(area.top()), self._heights.row_at(area.bottom())
            selection.select(self._filter.index(first, 0), self._filter.index(last, 0))
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """What to paint again when a selection changes."""
        region = QRegion()
        view = self.viewport().rect()
        for index in selection.indexes():
            region += self.visualRect(index) & view
        return region

    def rowsInserted(self, parent: QModelIndex | QPersistentModelIndex, start: int, end: int) -> None:
        """Rows came; the place in view stays unless it is the end."""
        QAbstractItemView.rowsInserted(self, parent, start, end)
        self._heights.insert(start, self._measured(start, end))
        if not self._follows and end >= self._filter.rowCount() - LEGS_PARTIAL:
            self._unread += sum(self._row(at).kind != "partial" for at in range(start, end + 1))
        if end < self._filter.rowCount() - LEGS_PARTIAL:
            # The filter gives rows back in many small runs: one layout for all of them.
            self.scheduleDelayedItemsLayout()
        else:
            self._lay_out()

    def dataChanged(
        self,
        top_left: QModelIndex | QPersistentModelIndex,
        bottom_right: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:
        """The text of rows changed, and perhaps their height. With roles it is no news: `REVISED_ROLES`."""
        QAbstractItemView.dataChanged(self, top_left, bottom_right, roles)
        first, last = top_left.row(), bottom_right.row()
        if not self._follows and not roles:
            self._unread += sum(self._row(at).kind == "final" for at in range(first, last + 1))
        self._heights.replace(first, self._measured(first, last))
        self._lay_out()

    def updateGeometries(self) -> None:
        """Qt asks for the scroll bar's range."""
        QAbstractItemView.updateGeometries(self)
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width sets every row anew; another height keeps the place."""
        if event.size().width() != event.oldSize().width():
            self._heights.reset()
        QAbstractItemView.resizeEvent(self, event)
        self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows in view."""
        self._measure()
        painter = QPainter(self.viewport())
        count = self._filter.rowCount()
        if not count:
            painter.setPen(self._look.colour("muted"))
            margin = self._look.px(32)
            painter.drawText(
                self.viewport().rect().adjusted(margin, 0, -margin, 0),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self.tr("During a call, what both sides say appears here."),
            )
            return
        offset = self.verticalOffset()
        first = self._heights.row_at(offset + event.rect().top())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        for position in range(first, count):
            index = self._filter.index(position, 0)
            rect = self.visualRect(index)
            if rect.top() > event.rect().bottom():
                break
            option.rect = rect
            option.state = (
                QStyle.StateFlag.State_Selected
                if self.selectionModel().isSelected(index)
                else QStyle.StateFlag.State_None
            )
            self._delegate.paint(painter, option, index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy takes all selected rows; everything else is Qt's."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.row_actions.copy()
            event.accept()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copy, select all and mark by mouse, since the panel takes no keys."""
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if by_mouse and index.isValid() and not self.selectionModel().isSelected(index):
            self.setCurrentIndex(index)
        row = self._row(index.row()) if index.isValid() else None
        under = self.chip_at(event.pos()) if by_mouse else None
        menu = self.row_actions.menu(row, None if under is None else under[1].span)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    # --- inside -----------------------------------------------------------------------------------------------------
    def _row(self, position: int) -> Row:
        row: Row = self._filter.index(position, 0).data(ROW_ROLE)
        return row

    def _rows_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._heights.remove(first, last)
        if not self._filter.rowCount():
            self._delegate.forget()
            self._follows = True
        self.scheduleDelayedItemsLayout()

    def doItemsLayout(self) -> None:
        """After many removals: one layout for all of them."""
        QAbstractItemView.doItemsLayout(self)
        self._lay_out()

    def _measured(self, first: int, last: int) -> list[int]:
        width_px = self.viewport().width()
        return [self._delegate.height(self._row(at), width_px) for at in range(first, last + 1)]

    def _measure(self) -> None:
        """After a change of width, scale or language: all rows anew."""
        count = self._filter.rowCount()
        if len(self._heights) != count:
            self._heights.reset(self._measured(0, count - 1))

    def _lay_out(self) -> None:
        """Scroll range and place: the end when following, else the row that the reader had at the top."""
        self._measure()
        room_px = self.viewport().height()
        bar = self.verticalScrollBar()
        self._moving_itself = True
        bar.setRange(0, max(0, self._heights.total - room_px))
        bar.setEnabled(bar.maximum() > 0)
        bar.setPageStep(room_px)
        bar.setSingleStep(self._look.px(24))
        if self._follows:
            bar.setValue(bar.maximum())
        elif self._anchor is not None:
            bar.setValue(self._anchored_value(*self._anchor))
        self._moving_itself = False
        if self._follows or bar.value() >= bar.maximum():
            self._follows = True
            self._unread = 0
        self._say_unread()
        self.viewport().update()

    def _anchored_value(self, index: QPersistentModelIndex, above_px: int, start_ms: int) -> int:
        if index.isValid():
            return self._heights.top(index.row()) + above_px
        # The row went with the filter: take the first one that began as late.
        count = self._filter.rowCount()
        position = next((at for at in range(count) if self._row(at).start_ms >= start_ms), count)
        return self._heights.top(position)

    def _scrolled(self, value: int) -> None:
        if self._moving_itself:
            return
        self._follows = value >= self.verticalScrollBar().maximum()
        index = self.indexAt(QPoint(0, 0))
        if self._follows or not index.isValid():
            self._anchor = None
            self._unread = 0
        else:
            above_px = value - self._heights.top(index.row())
            self._anchor = (QPersistentModelIndex(index), above_px, self._row(index.row()).start_ms)
        self._say_unread()

    def _say_unread(self) -> None:
        text = self.tr("%n new", "rows that came while reading further up", self._unread)
        shown = self._unread > 0
        if self._to_end.text() != text:
            self._to_end.setText(text)
            self._to_end.setAccessibleName(self.tr("Back to the newest: {new}").format(new=text))
            self.unread_changed.emit(self._unread)
        self._to_end.setVisible(shown)
        if shown:
            size = self._to_end.sizeHint()
            view = self.viewport().geometry()
            left = view.left() + (view.width() - size.width()) // 2
            top = view.bottom() - size.height() - self._look.px(10)
            self._to_end.setGeometry(left, top, size.width(), size.height())

    def _take_look(self, look: Look) -> None:
        self._look = look
        self._delegate.set_look(look)
        self._heights.reset()
        self._lay_out()
