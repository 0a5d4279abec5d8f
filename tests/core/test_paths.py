from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from core import paths
from core.errors import BadInput, EnvironmentFault

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file modes and owners")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_follows_the_data_folder(desk_folder: Path) -> None:
    assert paths.data_folder() == desk_folder
    for place in (paths.models_folder(), paths.cache_folder(), paths.logs_folder()):
        assert place.is_dir()
        assert place.is_relative_to(desk_folder)
    assert paths.settings_file().parent == paths.database_file().parent == desk_folder


@posix
def test_folders_are_private(desk_folder: Path) -> None:
    assert mode(paths.data_folder()) == mode(paths.logs_folder()) == mode(paths.runtime_folder()) == 0o700


def test_a_chosen_folder_is_seen_by_children(desk_folder: Path, tmp_path: Path) -> None:
    paths.choose_data_folder(tmp_path / "other")
    assert os.environ["TINGBAN_DATA"] == str(tmp_path / "other")
    assert paths.data_folder() == tmp_path / "other"


def test_models_may_lie_elsewhere(desk_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGBAN_MODELS", str(tmp_path / "weights"))
    assert paths.models_folder() == tmp_path / "weights"


@pytest.mark.skipif(sys.platform != "linux", reason="XDG folders")
def test_without_a_choice_the_platform_says_where(desk_folder: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("TINGBAN_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert paths.data_folder() == tmp_path / "share" / "Tingban"
    assert paths.cache_folder() == tmp_path / "cache" / "Tingban"


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault, match="cannot be made"):
        paths.private_folder(tmp_path / "file" / "folder")


def test_two_data_folders_have_two_runtime_folders(desk_folder: Path, tmp_path: Path) -> None:
    first = paths.runtime_folder()
    paths.choose_data_folder(tmp_path / "other")
    assert paths.runtime_folder() != first


@posix
def test_a_socket_address_fits(desk_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    assert not paths.runtime_folder().is_relative_to(deep)
    assert len(str(paths.runtime_folder() / "analyst.sock")) < 104


@posix
def test_a_runtime_folder_open_to_others_is_closed_to_them(desk_folder: Path) -> None:
    folder = paths.runtime_folder()
    folder.chmod(0o777)
    assert mode(paths.runtime_folder()) == 0o700


@posix
def test_a_runtime_folder_that_is_a_link_is_refused(desk_folder: Path, tmp_path: Path) -> None:
    folder = paths.runtime_folder()
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EnvironmentFault, match="somebody else"):
        paths.runtime_folder()


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root gives folders away")
def test_a_runtime_folder_of_somebody_else_is_refused(desk_folder: Path) -> None:
    os.chown(paths.runtime_folder(), 65534, 65534)
    with pytest.raises(EnvironmentFault, match="somebody else"):
        paths.runtime_folder()


def test_a_file_is_replaced_in_one_step_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "new" / "file"
    paths.write_private(file, b"one")
    paths.write_private(file, b"two")
    assert file.read_bytes() == b"two"
    assert list(file.parent.iterdir()) == [file]


@posix
def test_a_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    paths.write_private(tmp_path / "file", b"")
    assert mode(tmp_path / "file") == 0o600


def test_a_file_that_cannot_be_replaced_stays_and_is_a_sentence(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (place / "inside").write_bytes(b"old")
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        paths.write_private(place, b"new")
    assert (place / "inside").read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize(
    ("platform", "end"),
    [
        ("linux", "/etc/tingban/policy.json"),
        ("darwin", "/Library/Application Support/Tingban/policy.json"),
    ],
)
def test_the_policy_has_a_place_on_every_platform(platform: str, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TINGBAN_POLICY", raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    assert paths.policy_file() == Path(end)


def test_the_policy_on_windows_is_in_program_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TINGBAN_POLICY", raising=False)
    monkeypatch.setenv("PROGRAMDATA", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "win32")
    assert paths.policy_file() == tmp_path / "Tingban" / "policy.json"


def test_a_policy_of_ones_own_counts_only_where_the_system_has_none(monkeypatch, tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    monkeypatch.setenv("TINGBAN_POLICY", str(own))
    monkeypatch.setenv("PROGRAMDATA", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "win32")
    assert paths.policy_file() == own
    system = tmp_path / "Tingban" / "policy.json"
    system.parent.mkdir()
    system.write_text("{}")
    assert paths.policy_file() == system


def test_a_call_has_a_folder_of_its_own(desk_folder: Path) -> None:
    assert paths.call_folder("0a1b-c_d") == desk_folder / "calls" / "0a1b-c_d"
    assert not (desk_folder / "calls").exists()


@pytest.mark.parametrize("call_id", ["", ".", "..", "a/b", "a\\b", "../x", "a b", "通话", "a" * 65, "a\n"])
def test_a_call_s_id_leads_nowhere_else(desk_folder: Path, call_id: str) -> None:
    with pytest.raises(BadInput, match="id"):
        paths.call_folder(call_id)


def test_the_administrator_s_keys_lie_beside_the_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system, chosen = tmp_path / "etc" / "policy.json", tmp_path / "own" / "policy.json"
    monkeypatch.setattr(paths, "_system_policy", lambda: system)
    monkeypatch.setenv("TINGBAN_POLICY", str(chosen))
    system.parent.mkdir()
    assert paths.policy_keys_file() == chosen.with_name("supervisors.pub")
    # Nobody steps out of a policy by setting a variable, whichever of the two files it consists of.
    for file in (system, system.with_name("supervisors.pub")):
        file.write_text("")
        assert paths.policy_keys_file() == system.with_name("supervisors.pub")
        file.unlink()


def test_the_supervisors_keys_lie_in_the_data_folder(desk_folder: Path) -> None:
    assert paths.supervisor_keys_file() == desk_folder / "supervisors.pub"
