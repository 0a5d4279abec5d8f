"""Settings, page of devices: which microphone and output, how loud they are, whether they are what they claim."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.desk.desk_state import DeskState
from app.desk.indicators import LevelBar
from app.desk.settings_fields import ChoiceField
from app.desk.theme import Look, Theme
from app.desk.two_leg_test import TwoLegTest, Verdict
from core.settings_schema import SettingValue
from core.types import DeviceInfo

NO_LEVELS_MS = 5000
"""A device that gives no level for so long cannot be opened."""


class DevicePage(QWidget):
    """Fields and test of the two devices.

    Signals: `meter_asked(str, str)` with the devices of agent and customer, two empty names to stop.
    """

    meter_asked = Signal(str, str)

    def __init__(self, state: DeskState, theme: Theme) -> None:
        super().__init__()
        self._state = state
        self._devices: tuple[DeviceInfo, ...] = ()
        self._test: TwoLegTest | None = None
        self._found: Verdict | None = None
        self._no_levels = False
        self._metering = False
        self.agent = ChoiceField(
            "audio.agent_device",
            lambda: self.tr("Your microphone"),
            lambda: self._choices("microphone"),
            theme,
        )
        self.customer = ChoiceField(
            "audio.customer_device",
            lambda: self.tr("Output that plays the customer"),
            lambda: self._choices("loopback"),
            theme,
            help_text=lambda: self.tr("The headset or loudspeaker that your softphone plays on."),
        )
        self.agent_bar, self.customer_bar = LevelBar("agent", theme), LevelBar("customer", theme)
        self._title, self._said = QLabel(), QLabel()
        self._said.setWordWrap(True)
        self.test_button = QPushButton()
        self.test_button.clicked.connect(self._start_or_stop)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.agent)
        self._column.addWidget(self.agent_bar)
        self._column.addWidget(self.customer)
        self._column.addWidget(self.customer_bar)
        self._column.addWidget(self._title)
        self._column.addWidget(self._said)
        row = QHBoxLayout()
        row.addWidget(self.test_button)
        row.addStretch(1)
        self._column.addLayout(row)
        self._column.addStretch(1)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(NO_LEVELS_MS)
        self._patience.timeout.connect(self._give_up)
        self.agent.box.currentIndexChanged.connect(self._meter_anew)
        self.customer.box.currentIndexChanged.connect(self._meter_anew)
        state.levels_changed.connect(self._take_levels)
        state.changed.connect(self.retranslate)
        theme.changed.connect(self._take_look)
        self._take_look(theme.look)
        self.retranslate()

    @property
    def verdict(self) -> Verdict | None:
        """What the last test found, None while it runs or before."""
        return self._found

    @property
    def said(self) -> str:
        """What the page says of the test."""
        return self._said.text()

    def show_devices(self, devices: tuple[DeviceInfo, ...]) -> None:
        """The devices there are now; what is chosen stays chosen."""
        if devices != self._devices:
            self._devices = devices
            self.agent.retranslate()
            self.customer.retranslate()

    def meter(self, wanted: bool) -> None:
        """Show live levels, or stop; between calls only."""
        wanted = wanted and not self._state.in_call
        if wanted or self._metering:
            self._metering = wanted
            names = (str(self.agent.value()), str(self.customer.value())) if wanted else ("", "")
            self.meter_asked.emit(*names)
        if not wanted:
            self._test = None
            self._patience.stop()
            self.agent_bar.show_level()
            self.customer_bar.show_level()
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self.agent.retranslate()
        self.customer.retranslate()
        self.agent_bar.setAccessibleName(self.tr("Level of your microphone"))
        self.customer_bar.setAccessibleName(self.tr("Level of the customer's output"))
        self._title.setText(self.tr("Test both sides"))
        self.test_button.setText(self.tr("Stop the test") if self._test else self.tr("Start the test"))
        self.test_button.setEnabled(not self._state.in_call)
        self._said.setText(self._words())

    def _words(self) -> str:
        if self._state.in_call:
            return self.tr("The test waits until the call has ended.")
        if self._test is not None:
            if self._test.step == "near":
                words = self.tr("1 of 2: Speak into your microphone as in a call. {percent} %")
            else:
                words = self.tr("2 of 2: Let the softphone play: a test number or a ringing tone. {percent} %")
            return words.format(percent=self._test.percent)
        if self._no_levels:
            return self.tr("Nothing comes from these devices. Choose others, or check that they are plugged in.")
        if self._found is None:
            return self.tr("Finds out whether the two sides are swapped, the same, or silent. Takes about ten seconds.")
        return {
            "good": self.tr("Both sides are right."),
            "swapped": self.tr("The two sides are swapped. Exchange the two devices above."),
            "same": self.tr("Both sides hear the same. Choose two different devices."),
            "near_silent": self.tr("Your microphone was not heard. Check its mute switch, or choose another."),
            "far_silent": self.tr("The far end was not heard. Choose the output that your softphone plays on."),
            "leak": self.tr("Both sides are right, but your microphone hears the loudspeaker. A headset avoids that."),
            "unclear": self.tr("The test was not clear. Repeat it in a quiet moment."),
        }[self._found]

    def _choices(self, kind: str) -> list[tuple[SettingValue, str]]:
        choices: list[tuple[SettingValue, str]] = [("default", self.tr("System default"))]
        choices += [(f"{one.kind}:{one.id}", one.name) for one in self._devices if one.kind == kind]
        return choices

    def _start_or_stop(self) -> None:
        self._found, self._no_levels = None, False
        if self._test is None:
            self._test = TwoLegTest()
            self.meter(True)
            self._patience.start()
        else:
            self._test = None
            self._patience.stop()
        self.retranslate()

    def _take_levels(self) -> None:
        if not self._metering:
            return
        levels = self._state.levels
        self.agent_bar.show_level(levels.agent_db)
        self.customer_bar.show_level(levels.customer_db)
        if self._test is None:
            return
        self._patience.start()
        self._test.take(levels)
        if self._test.step == "done":
            self._found, self._test = self._test.verdict, None
            self._patience.stop()
            self.retranslate()
        else:
            self._said.setText(self._words())

    def _give_up(self) -> None:
        self._test, self._no_levels = None, True
        self.retranslate()

    def _meter_anew(self) -> None:
        if self._metering:
            self._test, self._found, self._no_levels = None, None, False
            self.meter(True)
            self.retranslate()

    def _take_look(self, look: Look) -> None:
        self._column.setSpacing(look.px(8))
        self._title.setContentsMargins(0, look.px(14), 0, 0)
