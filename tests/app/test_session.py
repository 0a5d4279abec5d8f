"""What the session makes of what window, processes and command line say. The processes are stand-ins here; the real
ones are in `tests/integration/test_desk.py`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from app import session as under_test
from app.link import DeskEvent
from app.session import DeskSession
from core.errors import EnvironmentFault
from core.messages import (
    Acknowledged,
    AudioChunk,
    BeginCall,
    CallClosed,
    CallFinished,
    CallOpened,
    Caption,
    CaptureGap,
    CloseLegs,
    DeviceList,
    EndCall,
    EngineState,
    EnvelopeOpened,
    Fault,
    LegEnded,
    LegsOpened,
    Levels,
    ListDevices,
    Message,
    MeterDevices,
    NoticeSet,
    NumberReadBack,
    NumberShown,
    OpenLegs,
    PauseCapture,
    ProcessState,
    ReadNumber,
    Ready,
    Role,
    SealedOriginal,
    SealTo,
    VoiceHeard,
    WatchVoice,
)
from core.requests import CallState, CallStatus, RequestClient, RequestServer, StartCall, StopCall
from core.settings import Settings
from core.types import Gap, Leg, MaskedHypothesis, MaskedUtterance

DEADLINE_S = 20.0
SECOND = bytes(32_000)


class Processes:
    """Stands in for the warden: notes what is sent and says what a test wants said."""

    def __init__(self, on_message: Callable[[Role, Message], None], environment: Mapping[str, str] | None) -> None:
        self._say = on_message
        self.environment = environment
        self.started: list[Role] = []
        self.sent: list[tuple[Role, Message]] = []
        self.restarted: list[Role] = []
        self.stopped = False
        self._alive: set[Role] = set()

    # what the session asks
    def start(self, role: Role) -> None:
        self.started.append(role)

    def send(self, role: Role, message: Message) -> bool:
        if role in self._alive:
            self.sent.append((role, message))
        return role in self._alive

    def restart(self, role: Role) -> None:
        self.restarted.append(role)

    def stop(self) -> None:
        self.stopped = True

    # what a test asks
    def say(self, role: Role, *messages: Message) -> None:
        for message in messages:
            self._say(role, message)

    def live(self, *roles: Role) -> None:
        for role in roles:
            self._alive.add(role)
            self.say(role, ProcessState(role, "up"), Ready(role))

    def die(self, role: Role) -> None:
        self._alive.discard(role)
        self.say(role, ProcessState(role, "restarting", 1))

    def take(self, role: Role) -> list[Message]:
        """What was sent to a role since the last time."""
        taken = [message for whose, message in self.sent if whose == role]
        self.sent = [(whose, message) for whose, message in self.sent if whose != role]
        return taken


class Events:
    """The session's events, and a way to be sure that all are here."""

    def __init__(self, session: DeskSession, processes: Processes) -> None:
        self._processes = processes
        self.heard: list[DeskEvent] = []
        self.threads: set[int] = set()
        self._changed = threading.Condition()
        session.subscribe(self._hear)

    def _hear(self, event: DeskEvent) -> None:
        with self._changed:
            self.heard.append(event)
            self.threads.add(threading.get_ident())
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[list[DeskEvent]], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self.heard), DEADLINE_S), self.heard

    def take(self) -> list[DeskEvent]:
        """Events so far, but for the states of processes: a mark is sent through and waited for."""
        mark = DeviceList(())
        self._processes.say("recorder", mark)
        self.wait_for(lambda heard: any(event is mark for event in heard))
        with self._changed:
            heard, self.heard = self.heard, []
        return [event for event in heard if event is not mark and not isinstance(event, ProcessState)]


@pytest.fixture
def softphones() -> list[str]:
    return []


@pytest.fixture
def session(desk_folder: Path, monkeypatch: pytest.MonkeyPatch, softphones: list[str]) -> Iterator[DeskSession]:
    class Softphone:
        def stop(self) -> None:
            softphones.append("stopped")

    def follow(_settings: Settings, _session: object) -> Softphone:
        softphones.append("followed")
        return Softphone()

    monkeypatch.setattr(under_test, "Warden", Processes)
    one = DeskSession(softphone=follow)
    yield one
    one.shutdown()


@pytest.fixture
def processes(session: DeskSession) -> Processes:
    return session._warden


@pytest.fixture
def events(session: DeskSession, processes: Processes) -> Events:
    return Events(session, processes)


@pytest.fixture
def call(session: DeskSession, processes: Processes, events: Events) -> str:
    """A call that runs, from its first sample on; its id. Nothing of its beginning is left to take."""
    processes.live("recorder", "recogniser", "analyst")
    session.start_call("button")
    call_id = session.call_state().call_id
    processes.say("recorder", opened(call_id))
    for role in under_test.ROLES:
        processes.take(role)
    events.take()
    return call_id


def opened(call_id: str, from_sample: int = 0) -> LegsOpened:
    return LegsOpened(call_id, "mic", "speaker", round(time.time() * 1000), from_sample)


def second(call_id: str, leg: Leg, number: int) -> AudioChunk:
    return AudioChunk(call_id, leg, number * 16_000, SECOND)


def utterance(leg: Leg, start_ms: int, end_ms: int) -> MaskedUtterance:
    return MaskedUtterance(f"{leg}-{start_ms}", leg, start_ms, end_ms, "好的。")


# --- beginning and end ----------------------------------------------------------------------------------------------
def test_a_call_from_beginning_to_end(session: DeskSession, processes: Processes, events: Events) -> None:
    processes.live("recorder", "recogniser", "analyst")
    processes.take("recorder")
    session.start_call("softphone", "13800138000", "k7")
    (begun,) = events.take()
    assert isinstance(begun, CallOpened)
    assert (begun.trigger, begun.number, begun.customer_id) == ("softphone", "13800138000", "k7")
    call_id = begun.call_id
    assert processes.take("recogniser") == [BeginCall(call_id)]
    assert processes.take("recorder") == [OpenLegs(call_id, "default", "default")]
    assert processes.take("analyst") == [begun]

    told = opened(call_id)
    chunk = second(call_id, "agent", 0)
    gap = CaptureGap(call_id, Gap("customer", 0, 500, "device"))
    processes.say("recorder", told, chunk, gap)
    assert processes.take("recogniser") == [told, chunk, gap]
    partial = Caption(call_id, MaskedHypothesis("agent", 0, 900, "好"), 950)
    final = Caption(call_id, utterance("agent", 0, 900), 1400)
    processes.say("recogniser", partial, final, Acknowledged(call_id, "agent", 16_000))
    assert events.take() == [told, partial, final]

    session.end_call()
    session.end_call()
    assert processes.take("recorder") == [CloseLegs(call_id)]
    ends = [LegEnded(call_id, leg, 16_000) for leg in ("agent", "customer")]
    processes.say("recorder", ends[0])
    assert processes.take("recogniser") == []
    processes.say("recorder", ends[1])
    assert processes.take("recogniser") == [EndCall(call_id)]
    late = Caption(call_id, utterance("agent", 900, 1000), 1500)
    processes.say("recogniser", late, CallFinished(call_id))
    *rest, closed = events.take()
    assert rest == [*ends, late]
    assert isinstance(closed, CallClosed)
    assert closed.call_id == call_id
    assert processes.take("analyst") == [final, late, closed]
    assert session.call_state() == CallState(running=False)
    assert len(events.threads) == 1


KEYS = SealTo(("age1key",), "ab")
ENVELOPE = EnvelopeOpened("", "e", ("f",), b"wrap", b"wrap")


def test_seals_go_from_the_recogniser_to_the_store(session: DeskSession, processes: Processes, call: str) -> None:
    processes.take("analyst")
    envelope = msgspec.structs.replace(ENVELOPE, call_id=call)
    sealed = SealedOriginal(call, "e", "u", b"sealed")
    processes.say("recogniser", envelope, sealed, SealedOriginal("another", "e", "u", b"sealed"))
    assert processes.take("analyst") == [envelope, sealed]
    # A new analyst is told again, in the same order.
    processes.die("analyst")
    processes.live("analyst")
    assert processes.take("analyst")[-2:] == [envelope, sealed]


def test_a_recogniser_is_told_to_whom_to_seal_before_the_call(
    session: DeskSession, processes: Processes, call: str
) -> None:
    processes.say("analyst", KEYS)
    assert processes.take("recogniser")[-1] == KEYS
    processes.die("recogniser")
    processes.live("recogniser")
    assert processes.take("recogniser")[:2] == [KEYS, BeginCall(call)]


def test_without_a_supervisors_key_every_call_says_so(
    session: DeskSession, processes: Processes, events: Events
) -> None:
    processes.live("recorder", "recogniser", "analyst")
    session.start_call("button")
    assert [one for one in events.take() if isinstance(one, Fault)] == []
    processes.say("analyst", SealTo((), "ab"))
    assert [one.code for one in events.take() if isinstance(one, Fault)] == ["no-supervisors"]
    processes.say("analyst", KEYS)
    assert [one for one in events.take() if isinstance(one, Fault)] == []


def test_a_refusal_reaches_the_recogniser_even_a_new_one(
    session: DeskSession, processes: Processes, call: str, events: Events
) -> None:
    session.set_notice("refused")
    session.set_notice("said")
    assert [one.state for one in events.take() if isinstance(one, NoticeSet)] == ["refused"]
    assert [one.state for one in processes.take("recogniser") if isinstance(one, NoticeSet)] == ["refused"]
    processes.die("recogniser")
    processes.live("recogniser")
    assert [one.state for one in processes.take("recogniser") if isinstance(one, NoticeSet)] == ["refused"]
    processes.take("analyst")
    processes.say("recogniser", Caption(call, utterance("agent", 0, 900), 1400))
    assert processes.take("analyst") == []


def test_the_latest_number_is_asked_of_the_recogniser_and_noted(
    session: DeskSession, processes: Processes, call: str, events: Events
) -> None:
    processes.take("recogniser")
    processes.take("analyst")
    session.read_number()
    assert processes.take("recogniser") == [ReadNumber(call)]
    answer = NumberReadBack(call, "pii.mobile", "138 0013 8000", "right")
    events.take()
    processes.say("recogniser", answer)
    assert events.take() == [answer]
    assert processes.take("analyst") == [NumberShown(call, "pii.mobile")]


def test_between_calls_there_is_no_number_and_no_notice(session: DeskSession, processes: Processes) -> None:
    processes.live("recorder", "recogniser", "analyst")
    processes.take("recogniser")
    session.read_number()
    session.set_notice("refused")
    assert processes.take("recogniser") == []
    assert processes.take("analyst") == []


def test_the_notice_that_the_line_plays(session: DeskSession, processes: Processes, events: Events) -> None:
    settings = Settings.load()
    settings.set("call.notice_played", True)
    settings.save()
    session.reload_settings()
    processes.live("recorder", "recogniser", "analyst")
    session.start_call("button")
    assert [one.state for one in events.take() if isinstance(one, NoticeSet)] == ["played"]


def test_a_second_call_is_ignored_while_one_runs(session: DeskSession, call: str, events: Events) -> None:
    session.start_call("cli")
    assert events.take() == []
    assert session.call_state().call_id == call


def test_what_belongs_to_another_call_is_passed_over(call: str, processes: Processes, events: Events) -> None:
    processes.say("recorder", second("old", "agent", 0), opened("old"), LegEnded("old", "agent", 0))
    processes.say("recogniser", Caption("old", utterance("agent", 0, 1), 1), CallFinished("old"))
    assert events.take() == []
    assert processes.take("recogniser") == []


def test_files_that_end_end_the_call_and_the_recorder_is_told(call: str, processes: Processes) -> None:
    processes.say("recorder", LegEnded(call, "agent", 5), LegEnded(call, "customer", 5))
    # Else it would keep its level bars for this call, and neither meters nor voice would be heard any more.
    assert processes.take("recorder") == [CloseLegs(call)]
    assert processes.take("recogniser") == [EndCall(call)]


def test_a_call_closes_even_where_nobody_says_so(
    session: DeskSession, call: str, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(under_test, "END_DEADLINE_S", 0.05)
    session.end_call()
    events.wait_for(lambda heard: any(isinstance(event, CallClosed) for event in heard))


def test_the_same_where_files_ended(
    call: str, processes: Processes, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(under_test, "END_DEADLINE_S", 0.05)
    processes.say("recorder", LegEnded(call, "agent", 5), LegEnded(call, "customer", 5))
    events.wait_for(lambda heard: any(isinstance(event, CallClosed) for event in heard))


def test_nothing_is_asked_of_processes_without_a_call(session: DeskSession, processes: Processes) -> None:
    processes.live("recorder", "recogniser", "analyst")
    processes.take("recorder")
    session.end_call()
    session.pause(paused=True)
    assert processes.sent == []


# --- processes that come late or come again -------------------------------------------------------------------------
def test_a_call_begun_before_the_processes_are_ready(
    session: DeskSession, processes: Processes, events: Events
) -> None:
    session.start_call("button")
    (begun,) = events.take()
    processes.live("recorder")
    assert OpenLegs(begun.call_id, "default", "default") in processes.take("recorder")
    told = opened(begun.call_id)
    chunks = [second(begun.call_id, "agent", number) for number in range(3)]
    processes.say("recorder", told, *chunks)
    processes.live("recogniser", "analyst")
    assert processes.take("recogniser") == [BeginCall(begun.call_id), told, *chunks]
    assert processes.take("analyst") == [begun]


def test_a_new_recogniser_is_fed_what_the_old_one_had_in_hand(call: str, processes: Processes) -> None:
    for number in range(5):
        processes.say("recorder", second(call, "agent", number), second(call, "customer", number))
    processes.say("recogniser", Acknowledged(call, "agent", 40_000), Acknowledged(call, "customer", 16_000))
    processes.take("recogniser")
    processes.die("recogniser")
    processes.say("recorder", second(call, "agent", 5))
    assert processes.take("recogniser") == []
    processes.live("recogniser")
    begin, told, *chunks = processes.take("recogniser")
    assert (type(begin), type(told)) == (BeginCall, LegsOpened)
    assert [(one.leg, one.start_sample, len(one.pcm)) for one in chunks] == [
        ("agent", 40_000, 16_000),
        ("agent", 48_000, 32_000),
        ("agent", 64_000, 32_000),
        ("agent", 80_000, 32_000),
        ("customer", 16_000, 32_000),
        ("customer", 32_000, 32_000),
        ("customer", 48_000, 32_000),
        ("customer", 64_000, 32_000),
    ]


def test_what_was_written_is_not_fed_again_though_nobody_acknowledged_it(call: str, processes: Processes) -> None:
    for number in range(3):
        processes.say("recorder", second(call, "agent", number))
    processes.say("recogniser", Caption(call, MaskedHypothesis("agent", 0, 2_900, "好的"), 2_950))
    processes.say("recogniser", Caption(call, utterance("agent", 0, 1_024), 1_500))
    processes.say("recogniser", Acknowledged(call, "agent", 512))  # older than the caption
    processes.die("recogniser")
    processes.take("recogniser")
    processes.live("recogniser")
    fed = [one for one in processes.take("recogniser") if isinstance(one, AudioChunk)]
    assert [one.start_sample for one in fed] == [1_024 * 16, 32_000]


def test_a_recogniser_that_dies_at_the_end_is_told_of_the_end_again(call: str, processes: Processes) -> None:
    processes.say("recorder", second(call, "agent", 0), LegEnded(call, "agent", 5), LegEnded(call, "customer", 5))
    processes.die("recogniser")
    processes.take("recogniser")
    processes.live("recogniser")
    kinds = [type(one) for one in processes.take("recogniser")]
    assert kinds == [BeginCall, LegsOpened, AudioChunk, EndCall]


def test_a_new_recorder_goes_on_at_the_call_s_clock_and_the_loss_is_told(call: str, processes: Processes) -> None:
    processes.say("recorder", LegsOpened(call, "mic", "speaker", round(time.time() * 1000) - 5_000))
    processes.say("recorder", second(call, "agent", 0), second(call, "agent", 1), second(call, "customer", 0))
    processes.take("recogniser")
    processes.die("recorder")
    processes.take("recorder")
    processes.live("recorder")
    _, again = processes.take("recorder")
    assert (again.agent, again.customer) == ("default", "default")
    assert 4.99 * 16_000 <= again.from_sample < (5 + DEADLINE_S) * 16_000
    gaps = {one.gap.leg: one.gap for one in processes.take("recogniser")}
    now_ms = again.from_sample * 1000 // 16_000
    assert gaps == {
        "agent": Gap("agent", 2_000, now_ms, "device"),
        "customer": Gap("customer", 1_000, now_ms, "device"),
    }


def test_a_new_recorder_stays_paused(session: DeskSession, call: str, processes: Processes, events: Events) -> None:
    session.pause(paused=True)
    pause = PauseCapture(call, paused=True)
    assert processes.take("recorder") == [pause]
    # It dies before it has answered, and the key was meant all the same.
    processes.die("recorder")
    processes.live("recorder")
    assert processes.take("recorder")[-1] == pause
    processes.say("recorder", pause)
    assert events.take() == [pause]
    assert session.call_state().paused
    processes.die("recorder")
    session.pause(paused=False)
    processes.live("recorder")
    assert isinstance(processes.take("recorder")[-1], OpenLegs)


def test_a_recorder_that_dies_while_it_closes_does_not_hold_up_the_end(
    session: DeskSession, call: str, processes: Processes
) -> None:
    session.end_call()
    processes.die("recorder")
    assert processes.take("recogniser") == []
    processes.live("recorder")
    assert processes.take("recogniser") == [EndCall(call)]
    assert not any(isinstance(one, OpenLegs) for one in processes.take("recorder"))


def test_a_call_ends_while_there_is_no_recorder(session: DeskSession, call: str, processes: Processes) -> None:
    processes.die("recorder")
    session.end_call()
    assert processes.take("recogniser") == [EndCall(call)]


def test_a_new_analyst_hears_of_the_call(call: str, processes: Processes) -> None:
    processes.die("analyst")
    processes.live("analyst")
    (begun,) = processes.take("analyst")
    assert (type(begun), begun.call_id) == (CallOpened, call)


# --- what is passed on ----------------------------------------------------------------------------------------------
def test_states_and_faults_reach_the_window(session: DeskSession, processes: Processes, events: Events) -> None:
    said = [
        Levels(-20.0, -90.0),
        DeviceList(()),
        EngineState("ready", "base", "cpu", "int8"),
        Fault("recorder", "device", "There is no microphone."),
    ]
    for one in said:
        processes.say("recorder", one)
    assert events.take() == said


def test_questions_of_the_settings_window(session: DeskSession, processes: Processes) -> None:
    processes.live("recorder")
    processes.take("recorder")
    session.list_devices()
    session.meter_devices("default", "loopback:x")
    session.meter_devices("", "")
    assert processes.take("recorder") == [ListDevices(), MeterDevices("default", "loopback:x"), MeterDevices("", "")]


@pytest.mark.parametrize("wanted", [True, False])
def test_a_voice_begins_a_call_where_that_is_wanted(
    session: DeskSession, processes: Processes, events: Events, wanted: bool
) -> None:
    chosen = Settings.load()
    chosen.set("audio.start_on_voice", wanted)
    chosen.save()
    session.reload_settings()
    processes.live("recorder")
    assert WatchVoice("default", wanted) in processes.take("recorder")
    processes.say("recorder", VoiceHeard())
    kinds = [type(event) for event in events.take()]
    assert kinds == [VoiceHeard, CallOpened] if wanted else [VoiceHeard]


def test_new_recognition_settings_wait_for_the_end_of_the_call(
    session: DeskSession, call: str, processes: Processes, softphones: list[str]
) -> None:
    chosen = Settings.load()
    chosen.set("recognition.final_beam", 4)
    chosen.save()
    session.reload_settings()
    session.reload_settings()
    assert processes.restarted == []
    processes.say("recogniser", CallFinished(call))
    assert processes.restarted == ["recogniser"]
    assert softphones == []


def test_new_recognition_settings_hold_at_once_between_calls(session: DeskSession, processes: Processes) -> None:
    chosen = Settings.load()
    chosen.set("recognition.final_beam", 4)
    chosen.save()
    session.reload_settings()
    assert processes.restarted == ["recogniser"]


# --- start, command line, shutdown ----------------------------------------------------------------------------------
def test_start_starts_every_process_and_follows_the_softphone(
    session: DeskSession, processes: Processes, softphones: list[str]
) -> None:
    session.start()
    assert processes.started == ["recorder", "recogniser", "analyst"]
    assert softphones == ["followed"]


def test_the_command_line_begins_and_ends_calls(session: DeskSession, processes: Processes, events: Events) -> None:
    session.start()
    processes.live("recorder", "recogniser", "analyst")
    desk = RequestClient("desk")
    assert desk.ask(CallStatus()) == CallState(running=False)
    begun = desk.ask(StartCall("13800138000", "k7"))
    assert (begun.running, begun.trigger, begun.paused) == (True, "cli", False)
    again = desk.ask(StartCall("10086", ""))
    assert again.call_id == begun.call_id
    stopped = desk.ask(StopCall())
    assert stopped.call_id == begun.call_id
    processes.say("recogniser", CallFinished(begun.call_id))
    assert desk.ask(CallStatus()) == CallState(running=False)
    opened_event, closed = events.take()
    assert (opened_event.number, opened_event.customer_id) == ("13800138000", "k7")
    assert isinstance(closed, CallClosed)


def test_a_second_window_says_that_the_command_line_will_not_reach_it(
    session: DeskSession, processes: Processes, events: Events
) -> None:
    with RequestServer("desk", {}):
        session.start()
        (fault,) = events.take()
    assert (type(fault), fault.code) == (Fault, "endpoint")
    assert fault.remedy


def test_shutdown_ends_everything_once(
    session: DeskSession, call: str, processes: Processes, softphones: list[str]
) -> None:
    session.start()
    session.shutdown()
    assert processes.stopped
    assert softphones == ["followed", "stopped"]
    (closed,) = processes.take("analyst")
    assert (type(closed), closed.call_id) == (CallClosed, call)
    with pytest.raises(EnvironmentFault):
        RequestClient("desk").ask(CallStatus())
    assert not any(thread.name == "desk-events" and thread.is_alive() for thread in threading.enumerate())
    session.shutdown()
    session.start_call("button")
    assert session.call_state().call_id == call


def test_the_demo_begins_once_both_are_ready_and_replays_its_file(
    desk_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(under_test, "Warden", Processes)
    session = DeskSession(demo_file="/demo.flac", environment={"A": "b"}, softphone=lambda *_: None)
    processes = session._warden
    events = Events(session, processes)
    assert processes.environment == {"A": "b"}
    processes.live("recorder")
    assert events.take() == []
    processes.live("recogniser")
    (begun,) = events.take()
    assert begun.trigger == "demo"
    assert processes.take("recorder")[-1] == OpenLegs(begun.call_id, "file:/demo.flac", "file:/demo.flac")
    processes.say("recogniser", CallFinished(begun.call_id))
    events.take()
    processes.die("recogniser")
    processes.live("recogniser")
    assert events.take() == []  # one demo is enough
    session.shutdown()
