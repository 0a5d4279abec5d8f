"""The transcript as a list model: rows are inserted, filled in and never reset; a final that is shown stays in place.

A partial is a row of its own leg near the end. Its final takes over the same row, so that nothing jumps when grey turns
black, and rows stand in the order in which people began to speak. A final that is told anew with other words or chips,
because a later utterance has shown what the first one hid, is replaced where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
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

from app.desk.chips import chip_description, spoken_text
from core.types import CaptionItem, Gap, GapReason, Leg, MaskedHypothesis, MaskedUtterance, MaskSpan

RowKind = Literal["final", "partial", "gap"]

ROW_ROLE = int(Qt.ItemDataRole.UserRole)
"""The `Row` itself."""
LEG_ROLE = ROW_ROLE + 1
"""The leg as text, for the filter; of a row for both sides, both."""

REVISED_ROLES: Sequence[int] = (
    ROW_ROLE,
    LEG_ROLE,
    int(Qt.ItemDataRole.DisplayRole),
    int(Qt.ItemDataRole.AccessibleDescriptionRole),
)
"""Told with a change to a row that had settled before, which is no news to a reader further up."""

PAUSE_APART_MS = 1500
"""The pause key is one press, but each side's pause begins and ends with the sound that its device had in hand. It is
the same press where both ends lie no further apart than this.
"""

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
    spans: tuple[MaskSpan, ...] = ()
    utterance_id: str = ""
    marked: frozenset[MaskSpan] = frozenset()
    """Of `spans` those that the agent says are masked wrongly."""
    both: bool = False
    """A gap of both legs at once."""


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
            return "agent customer" if row.both else row.leg
        if role == Qt.ItemDataRole.DisplayRole:
            # Accessibility takes the display text for the name of a cell, so it is the whole line.
            return line_text(row)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and row.spans:
            return "; ".join(chips_told(row))
        return None

    def roleNames(self) -> dict[int, QByteArray]:
        """Names of the roles of our own."""
        return {**super().roleNames(), ROW_ROLE: QByteArray(b"row"), LEG_ROLE: QByteArray(b"leg")}

    def row_at(self, position: int) -> Row:
        """The row at a position."""
        return self._rows[position]

    def add(self, item: CaptionItem) -> None:
        """Take a caption: show or update a partial, set or revise a final, note a gap.

        A final that is repeated as it was changes nothing.
        """
        if isinstance(item, MaskedHypothesis):
            self._show_partial(item)
        elif isinstance(item, MaskedUtterance):
            self._set_final(item)
        elif not self._joins_pause(item):
            self._insert(self._place(item.start_ms), self._row("gap", item, "", item.reason))

    def mark_wrong(self, utterance_id: str, span: MaskSpan) -> bool:
        """Mark a chip of a final as masked wrongly; False where there is none, or it is marked already."""
        position = self._final_of(utterance_id)
        if position is None:
            return False
        row = self._rows[position]
        if span not in row.spans or span in row.marked:
            return False
        self._revise(position, replace(row, marked=row.marked | {span}))
        return True

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
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1), REVISED_ROLES)

    def _show_partial(self, item: MaskedHypothesis) -> None:
        position = self._partial_of(item.leg)
        if not item.text:
            if position is not None:
                self._remove(position)
            return
        if position is None:
            self._insert(self._place(item.start_ms), replace(self._row("partial", item, item.text), spans=item.spans))
            return
        row = self._rows[position]
        if (row.text, row.spans) != (item.text, item.spans):
            self._replace(
                position,
                replace(row, text=item.text, spans=item.spans, start_ms=item.start_ms, end_ms=item.end_ms),
            )

    def _set_final(self, item: MaskedUtterance) -> None:
        position = self._partial_of(item.leg)
        # A partial of the leg's next utterance stays as it is.
        taken_over = position is not None and self._rows[position].start_ms < item.end_ms
        if item.id in self._utterance_ids or not item.text:
            if position is not None and taken_over:
                self._remove(position)
            if item.id in self._utterance_ids:
                self._retell(item)
            return
        self._utterance_ids.add(item.id)
        if position is not None and taken_over:
            row = self._rows[position]
        else:
            position, row = None, self._row("final", item, item.text)
        final = replace(
            row,
            kind="final",
            text=item.text,
            spans=item.spans,
            utterance_id=item.id,
            start_ms=item.start_ms,
            end_ms=item.end_ms,
        )
        if position is None:
            self._insert(self._place(item.start_ms), final)
        else:
            self._replace(position, final)

    def _retell(self, item: MaskedUtterance) -> None:
        """A final is told again: other words or other chips take its place, marks of chips that stayed stay."""
        position = self._final_of(item.id)
        assert position is not None
        row = self._rows[position]
        if item.text and (row.text, row.spans) != (item.text, item.spans):
            self._revise(
                position, replace(row, text=item.text, spans=item.spans, marked=row.marked.intersection(item.spans))
            )

    def _joins_pause(self, gap: Gap) -> bool:
        """Whether a pause of one leg is that of the other, which is shown: one press, one row."""
        if gap.reason != "paused":
            return False
        for position in range(len(self._rows) - 1, -1, -1):
            row = self._rows[position]
            if row.reason != "paused" or row.leg == gap.leg or row.both:
                continue
            if max(abs(row.start_ms - gap.start_ms), abs(row.end_ms - gap.end_ms)) > PAUSE_APART_MS:
                continue
            start_ms, end_ms = min(row.start_ms, gap.start_ms), max(row.end_ms, gap.end_ms)
            self._revise(position, replace(row, start_ms=start_ms, end_ms=end_ms, both=True))
            return True
        return False

    def _final_of(self, utterance_id: str) -> int | None:
        # Finals that are told anew, or marked, are mostly new ones.
        positions = (at for at in range(len(self._rows) - 1, -1, -1) if self._rows[at].kind == "final")
        return next((at for at in positions if self._rows[at].utterance_id == utterance_id), None)

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

    def _revise(self, position: int, row: Row) -> None:
        self._rows[position] = row
        index = self.index(position)
        self.dataChanged.emit(index, index, REVISED_ROLES)

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
    start, end = clock_text(row.start_ms), clock_text(row.end_ms)
    if row.both:
        return QCoreApplication.translate("Transcript", "{start}–{end} Both sides paused").format(start=start, end=end)
    reasons: dict[GapReason, str] = {
        "overflow": QCoreApplication.translate("Transcript", "the computer was too busy"),
        "device": QCoreApplication.translate("Transcript", "the audio device was away"),
        "paused": QCoreApplication.translate("Transcript", "paused by you"),
        "recogniser": QCoreApplication.translate("Transcript", "this part could not be recognised"),
        "disk": QCoreApplication.translate("Transcript", "the disk is full"),
    }
    said = QCoreApplication.translate("Transcript", "{start}–{end} Nothing from {speaker}: {reason}")
    return said.format(
        start=start,
        end=end,
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
    text = spoken_text(row.text, row.spans, row.marked) if row.spans else row.text
    return said.format(speaker=speaker_name(row.leg), time=clock_text(row.start_ms), text=text)


def chips_told(row: Row) -> list[str]:
    """What is known of each chip of a row, one line a chip."""
    return [chip_description(span, marked=span in row.marked).replace("\n", ", ") for span in row.spans]
