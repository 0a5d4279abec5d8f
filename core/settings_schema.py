"""Every setting with its type, default, constraint and description in both languages, as data.

`docs/settings.md` documents them for people; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

SettingValue = str | int | bool


def _said(en: str, zh: str, **constraint: Any) -> Meta:  # noqa: ANN401 - what msgspec.Meta takes
    return Meta(**constraint, extra={"en": en, "zh": zh})


_DEVICE = r"^(default|(microphone|loopback|file):.{1,500})$"
_CHORD = r"^$|^((Ctrl|Alt|Shift)\+)*(Ctrl|Alt)\+(Shift\+)?([A-Z0-9]|F([1-9]|1[0-2]))$"
_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


class _Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class AudioSettings(_Group, frozen=True, kw_only=True):
    """Where the two legs are heard."""

    agent_device: Annotated[
        str,
        _said(
            "The agent's microphone, as named by `tingbanctl devices`: `default` or `microphone:<id>`.",
            "坐席的麦克风,名称见 `tingbanctl devices`:`default` 或 `microphone:<id>`。",
            pattern=_DEVICE,
        ),
    ] = "default"
    customer_device: Annotated[
        str,
        _said(
            "The output that the softphone plays the customer on: `default` or `loopback:<id>`.",
            "软电话播放客户声音的输出设备:`default` 或 `loopback:<id>`。",
            pattern=_DEVICE,
        ),
    ] = "default"
    start_on_voice: Annotated[
        bool,
        _said(
            "Begin a call by itself when a voice is heard on the customer's device.",
            "客户一侧出现说话声时,自动开始通话。",
        ),
    ] = False


class RecognitionSettings(_Group, frozen=True, kw_only=True):
    """How speech is written down."""

    model: Annotated[
        str,
        _said(
            "The recogniser's weights, as named by `tingbanctl models list`.",
            "识别模型,名称见 `tingbanctl models list`。",
            pattern=_NAME,
        ),
    ] = "base"
    device: Annotated[
        Literal["auto", "cpu", "cuda"],
        _said(
            "Where the recogniser computes; `auto` takes a CUDA graphics card where there is a working one.",
            "识别在哪里运算;`auto` 有可用的 CUDA 显卡时用显卡。",
        ),
    ] = "auto"
    threads: Annotated[
        int,
        _said(
            "Threads of the recogniser on the CPU; 0 lets the self-test choose.",
            "识别使用的 CPU 线程数;0 由自检决定。",
            ge=0,
            le=64,
        ),
    ] = 0
    final_beam: Annotated[
        int,
        _said(
            "Beam of final captions: more is slower and a little more accurate. Partial captions always use 1.",
            "最终字幕的束宽:越大越慢、略准。中间字幕固定为 1。",
            ge=1,
            le=10,
        ),
    ] = 2


class WindowSettings(_Group, frozen=True, kw_only=True):
    """How the docked panel looks."""

    language: Annotated[
        Literal["system", "zh_CN", "en"],
        _said("Language of the window; `system` follows the desktop.", "界面语言;`system` 跟随系统。"),
    ] = "system"
    theme: Annotated[
        Literal["system", "light", "dark"],
        _said("Light or dark; `system` follows the desktop.", "浅色或深色;`system` 跟随系统。"),
    ] = "system"
    edge: Annotated[
        Literal["left", "right"],
        _said("The edge of the screen that the panel reserves.", "面板停靠的屏幕边缘。"),
    ] = "right"
    screen: Annotated[
        str,
        _said(
            "Name of the screen that the panel stands on, or `primary`.",
            "面板所在屏幕的名称,或 `primary`(主屏幕)。",
            min_length=1,
            max_length=200,
        ),
    ] = "primary"
    scale_percent: Annotated[
        int,
        _said("Size of text and controls, in percent.", "文字和控件的大小(百分比)。", ge=100, le=200),
    ] = 100
    collapsed: Annotated[
        bool,
        _said("Show the panel as a narrow strip.", "面板收起为窄条。"),
    ] = False
    customer_only: Annotated[
        bool,
        _said("Show the customer's captions only.", "字幕只看客户。"),
    ] = False


class KeySettings(_Group, frozen=True, kw_only=True):
    """Keys that work while another window has the focus."""

    call: Annotated[
        str,
        _said(
            "Key that starts and ends a call, such as `Ctrl+Alt+C`; empty: none.",
            "开始和结束通话的快捷键,例如 `Ctrl+Alt+C`;留空则不设。",
            pattern=_CHORD,
        ),
    ] = "Ctrl+Alt+C"
    pause: Annotated[
        str,
        _said(
            "Key that pauses and resumes the recording; empty: none.",
            "暂停和继续录音的快捷键;留空则不设。",
            pattern=_CHORD,
        ),
    ] = "Ctrl+Alt+S"
    read_number: Annotated[
        str,
        _said(
            "Key that shows the latest number of the call for reading back; empty: none.",
            "显示本次通话中最近一个号码以便复述的快捷键;留空则不设。",
            pattern=_CHORD,
        ),
    ] = "Ctrl+Alt+R"
    wrong_mask: Annotated[
        str,
        _said(
            "Key that marks the newest masked words as masked wrongly; empty: none.",
            "把最近一处遮罩标记为「遮错了」的快捷键;留空则不设。",
            pattern=_CHORD,
        ),
    ] = "Ctrl+Alt+M"


class CallSettings(_Group, frozen=True, kw_only=True):
    """What holds for every call."""

    notice_played: Annotated[
        bool,
        _said(
            "The line plays the recording notice before the agent answers.",
            "线路在坐席接听前会播放录音告知。",
        ),
    ] = False


class SoftphoneSettings(_Group, frozen=True, kw_only=True):
    """The softphone that says when a call begins and ends."""

    kind: Annotated[
        Literal["none", "baresip"],
        _said(
            "The softphone to follow; `none`: calls begin by button, key, voice or `tingbanctl call`.",
            "要跟随的软电话;`none`:用按钮、快捷键、说话声或 `tingbanctl call` 开始通话。",
        ),
    ] = "none"
    host: Annotated[
        str,
        _said("Host of the softphone's control port.", "软电话控制端口的主机。", pattern=r"^[A-Za-z0-9.:_-]{1,253}$"),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        # baresip's ctrl_tcp listens on 4444 as it comes.
        _said("Number of the softphone's control port.", "软电话控制端口号。", ge=1, le=65535),
    ] = 4444


class Groups(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings with their values."""

    audio: AudioSettings = AudioSettings()
    recognition: RecognitionSettings = RecognitionSettings()
    window: WindowSettings = WindowSettings()
    keys: KeySettings = KeySettings()
    call: CallSettings = CallSettings()
    softphone: SoftphoneSettings = SoftphoneSettings()


class SettingInfo(msgspec.Struct, frozen=True):
    """One setting as data. `choices` is empty unless `kind` is `choice`; limits are inclusive."""

    name: str
    kind: Literal["text", "number", "switch", "choice"]
    default: SettingValue
    description_en: str
    description_zh: str
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None


def _described() -> dict[str, SettingInfo]:
    settings: dict[str, SettingInfo] = {}
    groups = msgspec.inspect.type_info(Groups)
    assert isinstance(groups, msgspec.inspect.StructType)
    for group in groups.fields:
        assert isinstance(group.type, msgspec.inspect.StructType)
        for field in group.type.fields:
            assert isinstance(field.type, msgspec.inspect.Metadata)
            assert field.type.extra is not None
            name = f"{group.name}.{field.name}"
            kind: Literal["text", "number", "switch", "choice"] = "text"
            choices: tuple[str, ...] = ()
            minimum = maximum = None
            plain = field.type.type
            if isinstance(plain, msgspec.inspect.LiteralType):
                kind, choices = "choice", tuple(str(value) for value in plain.values)
            elif isinstance(plain, msgspec.inspect.BoolType):
                kind = "switch"
            elif isinstance(plain, msgspec.inspect.IntType):
                kind, minimum, maximum = "number", plain.ge, plain.le
            said = field.type.extra
            settings[name] = SettingInfo(name, kind, field.default, said["en"], said["zh"], choices, minimum, maximum)
    return settings


SETTINGS: Mapping[str, SettingInfo] = _described()
"""Every setting by dotted name, in order."""
