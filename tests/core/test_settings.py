from __future__ import annotations

import json
import re
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import paths
from core.errors import BadInput, EnvironmentFault
from core.settings import SCHEMA_VERSION, UPGRADES, Settings, Upgrades
from core.settings_schema import SETTINGS, SettingInfo

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return tmp_path / "policy.json"


def write(file: Path, **groups: Any) -> None:
    file.write_text(json.dumps({"schema_version": SCHEMA_VERSION, **groups}), "utf-8")


def test_without_files_the_defaults_hold(file: Path, policy: Path) -> None:
    settings = Settings.load(file, policy)
    assert all(settings.get(name) == info.default for name, info in SETTINGS.items())
    assert settings.locked == frozenset()
    assert settings.moved_aside is None
    assert settings.audio.agent_device == "default"
    assert settings.recognition.model == "base"
    assert settings.softphone.kind == "none"
    assert not file.exists()


def test_the_usual_places_are_read_unless_others_are_given(desk_folder: Path, tmp_path: Path) -> None:
    write(paths.settings_file(), window={"edge": "left"})
    write(tmp_path / "no-policy.json", window={"theme": "dark"})
    settings = Settings.load()
    assert (settings.window.edge, settings.window.theme) == ("left", "dark")


@pytest.mark.parametrize(
    ("name", "given_value", "kept"),
    [
        ("window.scale_percent", "125", 125),
        ("window.scale_percent", 200, 200),
        ("audio.start_on_voice", "true", True),
        ("recognition.device", "cuda", "cuda"),
        ("audio.customer_device", "loopback:alsa_output.usb.monitor", "loopback:alsa_output.usb.monitor"),
    ],
)
def test_what_is_set_and_saved_is_there_next_time(file: Path, policy: Path, name: str, given_value, kept) -> None:
    settings = Settings.load(file, policy)
    settings.set(name, given_value)
    assert settings.get(name) == kept
    settings.save()
    assert Settings.load(file, policy).get(name) == kept
    assert list(file.parent.iterdir()) == [file]


def test_only_what_was_chosen_is_written(file: Path, policy: Path) -> None:
    settings = Settings.load(file, policy)
    settings.set("window.edge", "left")
    settings.save()
    assert json.loads(file.read_text()) == {"schema_version": SCHEMA_VERSION, "window": {"edge": "left"}}


def test_reset_brings_the_default_back(file: Path, policy: Path) -> None:
    write(file, window={"edge": "left", "theme": "dark"})
    settings = Settings.load(file, policy)
    settings.reset("window.edge")
    assert settings.window.edge == "right"
    settings.save()
    assert json.loads(file.read_text())["window"] == {"theme": "dark"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("window.scale_percent", 99),
        ("window.scale_percent", "201"),
        ("window.scale_percent", "wide"),
        ("window.edge", "top"),
        ("window.collapsed", "perhaps"),
        ("audio.agent_device", "speaker"),
        ("recognition.model", "../secret"),
        ("softphone.port", 0),
        ("softphone.host", "a b"),
        ("window.colour", "red"),
        ("colour", "red"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_changes_nothing(file: Path, policy: Path, name: str, value) -> None:
    settings = Settings.load(file, policy)
    with pytest.raises(BadInput, match=re.escape(name)):
        settings.set(name, value)
    settings.save()
    assert json.loads(file.read_text()) == {"schema_version": SCHEMA_VERSION}


@pytest.mark.parametrize("name", ["window.colour", "colour", "", "window.edge.left"])
def test_unknown_names_are_refused_everywhere(file: Path, policy: Path, name: str) -> None:
    settings = Settings.load(file, policy)
    for ask in (settings.get, settings.reset):
        with pytest.raises(BadInput, match="no setting"):
            ask(name)


@pytest.mark.parametrize(
    ("groups", "place"),
    [
        ({"window": {"colour": "red"}}, "`colour` - at `window`"),
        ({"colours": {}}, "`colours`"),
        ({"window": {"scale_percent": "125"}}, "`window.scale_percent`"),
        ({"window": {"edge": "top"}}, "`window.edge`"),
        ({"window": 7}, "`window`"),
    ],
)
def test_a_file_with_something_unknown_is_refused_with_its_place(file: Path, policy: Path, groups, place: str) -> None:
    write(file, **groups)
    before = file.read_bytes()
    with pytest.raises(BadInput) as caught:
        Settings.load(file, policy)
    assert str(file) in str(caught.value)
    assert place in str(caught.value)
    assert file.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b'{"schema_version": 1, "window": {"edge"'])
def test_a_damaged_file_is_moved_aside_and_the_defaults_hold(file: Path, policy: Path, content: bytes) -> None:
    file.write_bytes(content)
    settings = Settings.load(file, policy)
    assert settings.window.edge == "right"
    assert settings.moved_aside is not None
    assert settings.moved_aside.read_bytes() == content
    assert not file.exists()
    settings.set("window.edge", "left")
    settings.save()
    assert Settings.load(file, policy).window.edge == "left"


def test_two_damaged_files_are_both_kept(file: Path, policy: Path) -> None:
    for content in (b"one", b"two"):
        file.write_bytes(content)
        Settings.load(file, policy)
    assert sorted(kept.read_bytes() for kept in file.parent.iterdir()) == [b"one", b"two"]


def test_a_file_damaged_before_saving_is_kept_and_nothing_chosen_is_lost(file: Path, policy: Path) -> None:
    write(file, window={"theme": "dark"})
    settings = Settings.load(file, policy)
    settings.set("window.edge", "left")
    file.write_bytes(b"{")
    settings.save()
    assert settings.moved_aside is not None
    assert settings.moved_aside.read_bytes() == b"{"
    assert json.loads(file.read_text())["window"] == {"theme": "dark", "edge": "left"}


def test_saving_keeps_what_another_process_saved_meanwhile(file: Path, policy: Path) -> None:
    window, command_line = Settings.load(file, policy), Settings.load(file, policy)
    command_line.set("recognition.model", "small")
    command_line.save()
    window.set("window.collapsed", True)
    window.save()
    kept = Settings.load(file, policy)
    assert (kept.recognition.model, kept.window.collapsed) == ("small", True)
    assert window.recognition.model == "small"


def test_a_policy_wins_and_locks(file: Path, policy: Path) -> None:
    write(file, recognition={"model": "mine", "threads": 3})
    write(policy, recognition={"model": "theirs"})
    settings = Settings.load(file, policy)
    assert settings.recognition.model == "theirs"
    assert settings.recognition.threads == 3
    assert settings.locked == {"recognition.model"}
    for change in (lambda: settings.set("recognition.model", "mine"), lambda: settings.reset("recognition.model")):
        with pytest.raises(BadInput, match="locked by your administrator"):
            change()


def test_a_policy_is_not_copied_into_the_persons_file(file: Path, policy: Path) -> None:
    write(file, recognition={"model": "mine"})
    write(policy, recognition={"model": "theirs"})
    settings = Settings.load(file, policy)
    settings.set("window.edge", "left")
    settings.save()
    policy.unlink()
    assert Settings.load(file, policy).recognition.model == "mine"


@pytest.mark.parametrize("content", ["{", '{"schema_version": 1, "window": {"colour": 1}}', "{}"])
def test_a_policy_that_cannot_be_understood_is_refused_and_left(file: Path, policy: Path, content: str) -> None:
    policy.write_text(content)
    with pytest.raises(BadInput, match="policy"):
        Settings.load(file, policy)
    assert policy.read_text() == content


@pytest.mark.parametrize("version", [None, 0, -1, "1", 1.0, True])
def test_a_file_without_a_version_is_refused(file: Path, policy: Path, version: Any) -> None:
    file.write_text(json.dumps({} if version is None else {"schema_version": version}))
    with pytest.raises(BadInput, match="schema_version"):
        Settings.load(file, policy)


def test_a_newer_file_is_left_alone_with_a_sentence(file: Path, policy: Path) -> None:
    file.write_text(json.dumps({"schema_version": SCHEMA_VERSION + 1, "window": {"hologram": True}}))
    before = file.read_bytes()
    with pytest.raises(EnvironmentFault, match="newer Tingban"):
        Settings.load(file, policy)
    assert file.read_bytes() == before


def test_upgrades_run_in_order_from_the_files_version(file: Path) -> None:
    upgrades = Upgrades(3)

    @upgrades.from_version(2)
    def rename(document: dict[str, Any]) -> dict[str, Any]:
        document["window"]["edge"] = document["window"].pop("side")
        return document

    @upgrades.from_version(1)
    def regroup(document: dict[str, Any]) -> dict[str, Any]:
        document["window"] = {"side": document.pop("side")}
        return document

    expected = {"schema_version": 3, "window": {"edge": "left"}}
    assert upgrades.apply({"schema_version": 1, "side": "left"}, file) == expected
    assert upgrades.apply({"schema_version": 2, "window": {"side": "left"}}, file) == expected
    assert upgrades.apply(dict(expected), file) == expected


def test_two_upgrades_from_one_version_are_a_bug() -> None:
    upgrades = Upgrades(2)
    upgrades.from_version(1)(lambda document: document)
    with pytest.raises(ValueError, match="version 1"):
        upgrades.from_version(1)(lambda document: document)


def test_there_is_an_upgrade_from_every_older_version(file: Path) -> None:
    for version in range(1, SCHEMA_VERSION):
        assert UPGRADES.apply({"schema_version": version}, file)["schema_version"] == SCHEMA_VERSION


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, policy: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        Settings.load(tmp_path / "folder", policy)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX file modes")
def test_the_file_is_its_owners_alone(file: Path, policy: Path) -> None:
    Settings.load(file, policy).save()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def fitting(info: SettingInfo) -> st.SearchStrategy[Any]:
    if info.kind == "choice":
        return st.sampled_from(info.choices)
    if info.kind == "switch":
        return st.booleans()
    if info.kind == "number":
        return st.integers(info.minimum, info.maximum)
    return st.just(info.default)


@given(st.data())
def test_whatever_fits_by_its_description_is_accepted(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    nowhere = tmp_path_factory.getbasetemp() / "nowhere"
    settings = Settings.load(nowhere / "settings.json", nowhere / "policy.json")
    name = data.draw(st.sampled_from(sorted(SETTINGS)))
    value = data.draw(fitting(SETTINGS[name]))
    settings.set(name, value)
    assert settings.get(name) == value
    settings.set(name, str(value).lower() if isinstance(value, bool) else str(value))
    assert settings.get(name) == value


@pytest.mark.parametrize("info", SETTINGS.values(), ids=SETTINGS)
def test_every_setting_is_described_in_both_languages_and_documented(info: SettingInfo) -> None:
    assert info.description_en.isascii()
    assert re.search("[\u4e00-\u9fff]", info.description_zh)
    rows = [line for line in DOCUMENTATION.read_text("utf-8").splitlines() if line.startswith(f"| `{info.name}` |")]
    assert len(rows) == 1
    default = str(info.default).lower() if isinstance(info.default, bool) else str(info.default)
    limits = f"{info.minimum} to {info.maximum}" if info.kind == "number" else ""
    shown = [
        f"| `{default}` |",
        info.description_en,
        info.description_zh,
        limits,
        *(f"`{one}`" for one in info.choices),
    ]
    assert all(part in rows[0] for part in shown)


def test_nothing_is_documented_that_is_no_setting() -> None:
    documented = re.findall(r"^\| `(\w+\.\w+)` \| `", DOCUMENTATION.read_text("utf-8"), re.MULTILINE)
    assert documented == list(SETTINGS)
