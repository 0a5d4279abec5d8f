"""Capture through libpulse, the client library of PulseAudio and of PipeWire's PulseAudio server.

The library's own thread receives the audio and calls back; each leg has a connection of its own. Streams are never
moved by the server: a softphone's leg that silently became the microphone would be worse than a gap. Why not PortAudio,
`parec` or the simple API: docs/adr/0005-audio-back-ends.md.

Structures and constants: PulseAudio's public headers (def.h, introspect.h, sample.h), unchanged since 0.9.15.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint8, c_uint32, c_void_p
from types import TracebackType
from typing import Any, Self

import numpy as np

from asr.sources.ring import Ring
from core.errors import DeviceFault
from core.types import SAMPLE_RATE_HZ, DeviceInfo

DEADLINE_S = 5.0
"""A server that has not answered by then is hung."""

FRAGMENT_SAMPLES = 320
"""20 ms a callback: 36-55 ms from sound to sample in all, measured; smaller fragments gain less than they cost."""

BUFFER_SAMPLES = 10 * SAMPLE_RATE_HZ
"""What library and server hold for us while this process is stopped."""

_MONITOR_SUFFIX = ".monitor"
_SERVER_REMEDY = "Start PipeWire (with pipewire-pulse) or PulseAudio for this user, then try again."

_CONTEXT_NO_AUTOSPAWN = 0x0001
_CONTEXT_READY, _CONTEXT_FAILED, _CONTEXT_TERMINATED = 4, 5, 6
_STREAM_READY, _STREAM_FAILED, _STREAM_TERMINATED = 2, 3, 4
_STREAM_DONT_MOVE = 0x0200
_STREAM_ADJUST_LATENCY = 0x2000
_SAMPLE_FLOAT32LE = 5
_INVALID_INDEX = 0xFFFFFFFF
_CHANNELS_MAX = 32


class _SampleSpec(ctypes.Structure):
    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", c_uint8))


class _ChannelMap(ctypes.Structure):
    _fields_ = (("channels", c_uint8), ("map", c_int * _CHANNELS_MAX))


class _Volume(ctypes.Structure):
    _fields_ = (("channels", c_uint8), ("values", c_uint32 * _CHANNELS_MAX))


class _BufferAttributes(ctypes.Structure):
    _fields_ = (
        ("maxlength", c_uint32),
        ("tlength", c_uint32),
        ("prebuf", c_uint32),
        ("minreq", c_uint32),
        ("fragsize", c_uint32),
    )


class _SourceInfo(ctypes.Structure):
    """The head of pa_source_info; what follows is not read."""

    _fields_ = (
        ("name", c_char_p),
        ("index", c_uint32),
        ("description", c_char_p),
        ("sample_spec", _SampleSpec),
        ("channel_map", _ChannelMap),
        ("owner_module", c_uint32),
        ("volume", _Volume),
        ("mute", c_int),
        ("monitor_of_sink", c_uint32),
        ("monitor_of_sink_name", c_char_p),
    )


class _ServerInfo(ctypes.Structure):
    """The head of pa_server_info."""

    _fields_ = (
        ("user_name", c_char_p),
        ("host_name", c_char_p),
        ("server_version", c_char_p),
        ("server_name", c_char_p),
        ("sample_spec", _SampleSpec),
        ("default_sink_name", c_char_p),
        ("default_source_name", c_char_p),
    )


_StateCallback = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)
_ReadCallback = ctypes.CFUNCTYPE(None, c_void_p, c_size_t, c_void_p)
_SourceCallback = ctypes.CFUNCTYPE(None, c_void_p, POINTER(_SourceInfo), c_int, c_void_p)
_ServerCallback = ctypes.CFUNCTYPE(None, c_void_p, POINTER(_ServerInfo), c_void_p)

_POINTER_RESULTS = (
    "pa_threaded_mainloop_new",
    "pa_threaded_mainloop_get_api",
    "pa_context_new",
    "pa_context_get_server_info",
    "pa_context_get_source_info_list",
    "pa_stream_new",
)


def load_library() -> ctypes.CDLL | None:
    """libpulse, or None where it is not installed. Cheap after the first call."""
    try:
        library = ctypes.CDLL("libpulse.so.0")
    except OSError:
        return None
    for name in _POINTER_RESULTS:
        getattr(library, name).restype = c_void_p
    library.pa_strerror.restype = c_char_p
    return library


def is_running() -> bool:
    """Whether a server answers. May take up to `DEADLINE_S` where one hangs."""
    try:
        with _Connection():
            return True
    except DeviceFault:
        return False


def list_devices() -> list[DeviceInfo]:
    """The server's microphones and monitors, default ones first. Raises DeviceFault where no server answers."""
    with _Connection() as connection:
        default_sink, default_source = connection.defaults()
        devices = []
        for name, description, monitored in connection.sources():
            default = monitored == default_sink if monitored else name == default_source
            devices.append(DeviceInfo(name, description, "loopback" if monitored else "microphone", default))
    # A server without a real microphone names a monitor as its default source; the first real one then serves.
    for kind in ("microphone", "loopback"):
        found = [index for index, device in enumerate(devices) if device.kind == kind]
        if found and not any(devices[index].default for index in found):
            first = devices[found[0]]
            devices[found[0]] = DeviceInfo(first.id, first.name, first.kind, default=True)
    return sorted(devices, key=lambda device: not device.default)


_running: set[PulseCapture] = set()
"""The library's threads call into these: one that is forgotten without `stop` must not be collected under them."""


class PulseCapture:
    """Records one source into a ring, 16 kHz mono, from construction until `stop`."""

    def __init__(self, source: str, ring: Ring) -> None:
        """`source`: the server's name of it. Raises DeviceFault."""
        self._ring = ring
        self._source = source
        self._stopping = False
        self._connection = _Connection()
        library = self._connection.library
        self._library = library
        self._changed = threading.Event()
        self._on_state = _StateCallback(self._state_changed)
        self._on_read = _ReadCallback(self._readable)
        self._stream = c_void_p()
        _running.add(self)
        try:
            self._open()
        except DeviceFault:
            self.stop()
            raise

    def stop(self) -> None:
        """End the stream and its connection. Idempotent; not from the library's thread."""
        if self._stopping:
            return
        self._stopping = True
        if self._stream.value:
            with self._connection.locked():
                self._library.pa_stream_disconnect(self._stream)
        self._connection.close(release=self._release_stream)
        _running.discard(self)

    def _release_stream(self) -> None:
        if self._stream.value:
            self._library.pa_stream_unref(self._stream)
            self._stream = c_void_p()

    def _open(self) -> None:
        library = self._library
        spec = _SampleSpec(_SAMPLE_FLOAT32LE, SAMPLE_RATE_HZ, 1)
        attributes = _BufferAttributes(BUFFER_SAMPLES * 4, *[_INVALID_INDEX] * 3, FRAGMENT_SAMPLES * 4)
        with self._connection.locked():
            self._stream = c_void_p(library.pa_stream_new(self._connection.context, b"call", byref(spec), None))
            if not self._stream.value:
                raise self._fault()
            library.pa_stream_set_state_callback(self._stream, self._on_state, None)
            library.pa_stream_set_read_callback(self._stream, self._on_read, None)
            flags = _STREAM_DONT_MOVE | _STREAM_ADJUST_LATENCY
            if library.pa_stream_connect_record(self._stream, self._source.encode(), byref(attributes), flags) < 0:
                raise self._fault()
        deadline_s = time.monotonic() + DEADLINE_S
        while True:
            with self._connection.locked():
                state = library.pa_stream_get_state(self._stream)
                if state in {_STREAM_FAILED, _STREAM_TERMINATED}:
                    raise self._fault()
            if state == _STREAM_READY:
                return
            if not self._changed.wait(deadline_s - time.monotonic()):
                raise DeviceFault(f"The audio server did not open {self._source}.", remedy=_SERVER_REMEDY)
            self._changed.clear()

    def _fault(self) -> DeviceFault:
        return DeviceFault(
            f"The audio device {self._source} cannot be opened: {self._connection.last_error()}.",
            remedy="Plug it in, or choose another one from `tingbanctl devices`.",
        )

    def _state_changed(self, stream: int, _user: int) -> None:
        """Library's thread."""
        self._changed.set()
        if not self._stopping and self._library.pa_stream_get_state(c_void_p(stream)) >= _STREAM_FAILED:
            self._ring.fail(f"The audio device {self._source} has gone.")

    def _readable(self, stream: int, _count: int, _user: int) -> None:
        """Library's thread: copies into the ring and nothing else."""
        arrival_s = time.monotonic()
        library, handle = self._library, c_void_p(stream)
        data, size = c_void_p(), c_size_t()
        while library.pa_stream_peek(handle, byref(data), byref(size)) == 0 and size.value:
            if data.value is None:
                self._ring.lose(size.value // 4)
            else:
                floats = (ctypes.c_float * (size.value // 4)).from_address(data.value)
                self._ring.write(np.ctypeslib.as_array(floats), arrival_s)
            library.pa_stream_drop(handle)


class _Connection:
    """A connection to the server with its own thread. Every call into the library is made with `locked()`."""

    def __init__(self) -> None:
        library = load_library()
        if library is None:
            raise DeviceFault("libpulse is not installed.", remedy="Install it (Debian: apt install libpulse0).")
        self.library = library
        self._changed = threading.Event()
        self._on_state = _StateCallback(lambda _context, _user: self._changed.set())
        self._mainloop = c_void_p(library.pa_threaded_mainloop_new())
        api = c_void_p(library.pa_threaded_mainloop_get_api(self._mainloop))
        self.context = c_void_p(library.pa_context_new(api, b"Tingban"))
        self._open = True
        library.pa_context_set_state_callback(self.context, self._on_state, None)
        try:
            if library.pa_context_connect(self.context, None, _CONTEXT_NO_AUTOSPAWN, None) < 0:
                raise self._unreachable()
            library.pa_threaded_mainloop_start(self._mainloop)
            self._wait_ready()
        except DeviceFault:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self, release: Callable[[], None] = lambda: None) -> None:
        """Disconnect, end the library's thread, then free; `release` frees what hangs on the context."""
        if not self._open:
            return
        self._open = False
        with self.locked():
            self.library.pa_context_disconnect(self.context)
        self.library.pa_threaded_mainloop_stop(self._mainloop)
        release()
        self.library.pa_context_unref(self.context)
        self.library.pa_threaded_mainloop_free(self._mainloop)

    def locked(self) -> _Lock:
        """Hold the library's thread still."""
        return _Lock(self.library, self._mainloop)

    def last_error(self) -> str:
        """The server's reason for the last failure, in its own words."""
        text: bytes = self.library.pa_strerror(self.library.pa_context_errno(self.context))
        return text.decode(errors="replace")

    def defaults(self) -> tuple[str, str]:
        """Names of the default sink and the default source; empty where there is none."""
        found: list[tuple[str, str]] = []
        done = threading.Event()

        def receive(_context: int, info: Any, _user: int) -> None:  # noqa: ANN401 - ctypes has no type for it
            if info:
                found.append((_text(info[0].default_sink_name), _text(info[0].default_source_name)))
            done.set()

        self._ask("pa_context_get_server_info", _ServerCallback(receive), done)
        return found[0] if found else ("", "")

    def sources(self) -> list[tuple[str, str, str]]:
        """Name, description and monitored sink (empty for a microphone) of every source."""
        found: list[tuple[str, str, str]] = []
        done = threading.Event()

        def receive(_context: int, info: Any, end: int, _user: int) -> None:  # noqa: ANN401 - as above
            if end:
                done.set()
                return
            source = info[0]
            monitored = _text(source.monitor_of_sink_name) if source.monitor_of_sink != _INVALID_INDEX else ""
            found.append((_text(source.name), _text(source.description), monitored))

        self._ask("pa_context_get_source_info_list", _SourceCallback(receive), done)
        return found

    def _ask(self, function: str, callback: Any, done: threading.Event) -> None:  # noqa: ANN401 - as above
        with self.locked():
            operation = c_void_p(getattr(self.library, function)(self.context, callback, None))
        if not operation.value:
            raise self._unreachable()
        answered = done.wait(DEADLINE_S)
        with self.locked():
            self.library.pa_operation_cancel(operation)
            self.library.pa_operation_unref(operation)
        if not answered:
            raise DeviceFault("The audio server does not answer.", remedy=_SERVER_REMEDY)

    def _wait_ready(self) -> None:
        deadline_s = time.monotonic() + DEADLINE_S
        while True:
            with self.locked():
                state = self.library.pa_context_get_state(self.context)
                if state in {_CONTEXT_FAILED, _CONTEXT_TERMINATED}:
                    raise self._unreachable()
            if state == _CONTEXT_READY:
                return
            if not self._changed.wait(deadline_s - time.monotonic()):
                raise DeviceFault("The audio server does not answer.", remedy=_SERVER_REMEDY)
            self._changed.clear()

    def _unreachable(self) -> DeviceFault:
        return DeviceFault(f"No audio server can be reached: {self.last_error()}.", remedy=_SERVER_REMEDY)


class _Lock:
    """The lock of a threaded main loop as a context."""

    def __init__(self, library: ctypes.CDLL, mainloop: c_void_p) -> None:
        self._library = library
        self._mainloop = mainloop

    def __enter__(self) -> None:
        self._library.pa_threaded_mainloop_lock(self._mainloop)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._library.pa_threaded_mainloop_unlock(self._mainloop)


def _text(value: bytes | None) -> str:
    return value.decode(errors="replace") if value else ""
