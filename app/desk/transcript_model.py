"""The transcript as a list model: rows are inserted, filled in and never reset; a final that is shown stays in place.

A partial is a row of its own leg near the end. Its final takes over the same row, so that nothing jumps when grey turns
black, and rows stand in the order in which people began to speak.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from core.types import CaptionItem, GapReason, Leg, MaskedHypothesis, MaskedUtterance

RowKind = Literal["final", "partial", "gap"]

ROW_ROLE = int(Qt.ItemDataRole.UserRole)
"""The `Row` itself."""
LEG_ROLE = ROW_ROLE + 1
"""The leg as text, for the filter."""

AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the transcript. `key` is unique within the model and outlives changes of the text."""

    key: int
    kind: RowKind
    leg: Leg
    start_ms: int
    end_ms: int
    text: str
    reason: GapReason | None = None


class TranscriptModel(QAbstractListModel):
    """Captions of one call, in the order they are read. Main thread only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._utterance_ids: set[str] = set()
        self._partial_keys: dict[Leg, int] = {}
        self._next_key = 0

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """Number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, the row itself, its leg, or what a screen reader says."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == LEG_ROLE:
            return row.leg
        if role == Qt.ItemDataRole.DisplayRole:
            # Accessibility takes the display text for the name of a cell, so it is the whole line.
            return line_text(row)
        return None

    def roleNames(self) -> dict[int, QByteArray]:
        """Names of the roles of our own."""
        return {**super().roleNames(), ROW_ROLE: QByteArray(b"row"), LEG_ROLE: QByteArray(b"leg")}

    def row_at(self, position: int) -> Row:
        """The row at a position."""
        return self._rows[position]

    def add(self, item: CaptionItem) -> None:
        """Take a caption: show or update a partial, set a final, note a gap. A repeated final changes nothing."""
        if isinstance(item, MaskedHypothesis):
            self._show_partial(item)
        elif isinstance(item, MaskedUtterance):
            self._set_final(item)
        else:
            self._insert(self._place(item.start_ms), self._row("gap", item, "", item.reason))

    def end_call(self) -> None:
        """Take away partials that never became final."""
        for leg in list(self._partial_keys):
            position = self._partial_of(leg)
            assert position is not None
            self._remove(position)

    def clear(self) -> None:
        """Take away everything, for the next call."""
        if self._rows:
            self.beginRemoveRows(_ROOT, 0, len(self._rows) - 1)
            self._rows.clear()
            self.endRemoveRows()
        self._utterance_ids.clear()
        self._partial_keys.clear()

    def retranslate(self) -> None:
        """The language changed: what is said of each row reads differently."""
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def _show_partial(self, item: MaskedHypothesis) -> None:
        position = self._partial_of(item.leg)
        if not item.text:
            if position is not None:
                self._remove(position)
            return
        if position is None:
            self._insert(self._place(item.start_ms), self._row("partial", item, item.text))
            return
        row = self._rows[position]
        if row.text != item.text:
            self._replace(position, replace(row, text=item.text, start_ms=item.start_ms, end_ms=item.end_ms))

    def _set_final(self, item: MaskedUtterance) -> None:
        position = self._partial_of(item.leg)
        # A partial of the leg's next utterance stays as it is.
        taken_over = position is not None and self._rows[position].start_ms < item.end_ms
        if item.id in self._utterance_ids or not item.text:
            if position is not None and taken_over:
                self._remove(position)
            return
        self._utterance_ids.add(item.id)
        if position is not None and taken_over:
            row = self._rows[position]
            final = replace(row, kind="final", text=item.text, start_ms=item.start_ms, end_ms=item.end_ms)
            self._replace(position, final)
        else:
            self._insert(self._place(item.start_ms), self._row("final", item, item.text))

    def _partial_of(self, leg: Leg) -> int | None:
        key = self._partial_keys.get(leg)
        if key is None:
            return None
        # It is near the end: only what the other side said since stands below it.
        return next(at for at in range(len(self._rows) - 1, -1, -1) if self._rows[at].key == key)

    def _place(self, start_ms: int) -> int:
        """The end, or before partials there that began later; never before a final that is shown."""
        position = len(self._rows)
        while position and self._rows[position - 1].kind == "partial" and self._rows[position - 1].start_ms > start_ms:
            position -= 1
        return position

    def _row(self, kind: RowKind, item: CaptionItem, text: str, reason: GapReason | None = None) -> Row:
        self._next_key += 1
        return Row(self._next_key, kind, item.leg, item.start_ms, item.end_ms, text, reason)

    def _insert(self, position: int, row: Row) -> None:
        self.beginInsertRows(_ROOT, position, position)
        self._rows.insert(position, row)
        if row.kind == "partial":
            self._partial_keys[row.leg] = row.key
        self.endInsertRows()

    def _replace(self, position: int, row: Row) -> None:
        self._rows[position] = row
        if row.kind != "partial":
            self._partial_keys.pop(row.leg, None)
        index = self.index(position)
        self.dataChanged.emit(index, index)

    def _remove(self, position: int) -> None:
        self.beginRemoveRows(_ROOT, position, position)
        row = self._rows.pop(position)
        if row.kind == "partial":
            del self._partial_keys[row.leg]
        self.endRemoveRows()


class LegFilter(QSortFilterProxyModel):
    """All rows, or the customer's alone. Filtering is Qt's own, on `LEG_ROLE`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setFilterRole(LEG_ROLE)

    def show_customer_only(self, customer_only: bool) -> None:
        """Hide or show the agent's rows."""
        self.setFilterFixedString("customer" if customer_only else "")


def speaker_name(leg: Leg) -> str:
    """Who speaks on a leg."""
    if leg == "customer":
        return QCoreApplication.translate("Transcript", "Customer")
    return QCoreApplication.translate("Transcript", "Agent")


def clock_text(time_ms: int) -> str:
    """A time of the call as `mm:ss`, from one hour on as `h:mm:ss`."""
    minutes, seconds = divmod(time_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"


def gap_text(row: Row) -> str:
    """What is missing, where, and why."""
    reasons: dict[GapReason, str] = {
        "overflow": QCoreApplication.translate("Transcript", "the computer was too busy"),
        "device": QCoreApplication.translate("Transcript", "the audio device was away"),
        "paused": QCoreApplication.translate("Transcript", "paused by you"),
        "recogniser": QCoreApplication.translate("Transcript", "this part could not be recognised"),
        "disk": QCoreApplication.translate("Transcript", "the disk is full"),
    }
    said = QCoreApplication.translate("Transcript", "{start}–{end} Nothing from {speaker}: {reason}")
    return said.format(
        start=clock_text(row.start_ms),
        end=clock_text(row.end_ms),
        speaker=speaker_name(row.leg),
        reason=reasons[row.reason or "overflow"],
    )


def line_text(row: Row) -> str:
    """A row as one line of text: for copying and for a screen reader."""
    if row.kind == "gap":
        return gap_text(row)
    if row.kind == "partial":
        said = QCoreApplication.translate("Transcript", "{speaker} {time} (speaking) {text}")
    else:
        said = QCoreApplication.translate("Transcript", "{speaker} {time} {text}")
    return said.format(speaker=speaker_name(row.leg), time=clock_text(row.start_ms), text=row.text)
