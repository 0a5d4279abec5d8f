"""What a person or an administrator may choose, as typed data.

The settings themselves are in `core.settings_schema`. On disk they are JSON with a `schema_version`, holding what was
chosen and nothing else, so that better defaults reach everybody. A policy file of the same shape wins over the person's
file, and what it names is locked.
"""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from core import paths
from core.errors import BadInput, EnvironmentFault
from core.settings_schema import (
    SETTINGS,
    AudioSettings,
    CallSettings,
    Groups,
    KeySettings,
    RecognitionSettings,
    SettingValue,
    SoftphoneSettings,
    WindowSettings,
)

SCHEMA_VERSION = 1

Document = dict[str, Any]
"""A settings file as parsed: `schema_version` and groups."""

log = logging.getLogger(__name__)


class Upgrades:
    """Steps from one schema version to the next, each a function registered with `from_version`."""

    def __init__(self, current: int) -> None:
        self._current = current
        self._steps: dict[int, Callable[[Document], Document]] = {}

    def from_version(self, version: int) -> Callable[[Callable[[Document], Document]], Callable[[Document], Document]]:
        """Decorator: this function turns a document of `version` into one of `version + 1`."""

        def register(step: Callable[[Document], Document]) -> Callable[[Document], Document]:
            if version in self._steps:
                raise ValueError(f"two upgrades from version {version}")
            self._steps[version] = step
            return step

        return register

    def apply(self, document: Document, place: Path) -> Document:
        """`document` at the current version. Raises: BadInput without a version, EnvironmentFault for a newer one."""
        version = document.get("schema_version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise BadInput(
                f"{place}: schema_version is missing or not a whole number from 1.",
                remedy=f'Write "schema_version": {self._current}, or remove the file.',
            )
        if version > self._current:
            raise EnvironmentFault(
                f"{place} was written by a newer Tingban (schema {version}; this one knows {self._current}).",
                remedy="Update Tingban, or move the file aside to begin with the defaults.",
            )
        while version < self._current:
            document = self._steps[version](document)
            version += 1
            document["schema_version"] = version
        return document


UPGRADES = Upgrades(SCHEMA_VERSION)


class Settings:
    """The settings that hold now: defaults, then the person's file, then the administrator's policy.

    Not safe to share between threads; the groups it hands out are frozen and are.
    """

    def __init__(self, file: Path, *, chosen: Document, policy: Document, moved_aside: Path | None = None) -> None:
        self._file = file
        self._chosen = chosen
        self._policy = policy
        self._changes: dict[str, SettingValue | None] = {}
        self._groups = _values(_merged(chosen, policy), file)
        self.moved_aside = moved_aside
        """Where a damaged settings file was kept, when there was one: say so to the person."""

    @classmethod
    def load(cls, file: Path | None = None, policy: Path | None = None) -> Settings:
        """Read both files; by default from the places of `core.paths`. Neither needs to exist.

        A damaged settings file is moved aside and the defaults hold (`moved_aside`). A policy that cannot be
        understood is refused, because what it locks would else be open.

        Raises: BadInput for an unknown name or a wrong value, EnvironmentFault for a newer schema or an unreadable
        file.
        """
        file = file or paths.settings_file()
        policy = policy or paths.policy_file()
        try:
            locked = _read(policy)
        except _Damaged:
            raise BadInput(f"The policy {policy} is not JSON.", remedy="Ask your administrator to mend it.") from None
        moved_aside = None
        try:
            chosen = _read(file)
        except _Damaged:
            chosen = {}
            moved_aside = _move_aside(file)
        return cls(file, chosen=chosen, policy=locked, moved_aside=moved_aside)

    @property
    def audio(self) -> AudioSettings:
        """Where the two legs are heard."""
        return self._groups.audio

    @property
    def recognition(self) -> RecognitionSettings:
        """How speech is written down."""
        return self._groups.recognition

    @property
    def window(self) -> WindowSettings:
        """How the docked panel looks."""
        return self._groups.window

    @property
    def keys(self) -> KeySettings:
        """Keys that work while another window has the focus."""
        return self._groups.keys

    @property
    def call(self) -> CallSettings:
        """What holds for every call."""
        return self._groups.call

    @property
    def softphone(self) -> SoftphoneSettings:
        """The softphone to follow."""
        return self._groups.softphone

    @property
    def locked(self) -> frozenset[str]:
        """Dotted names that the administrator's policy holds."""
        return frozenset(f"{group}.{name}" for group, fields in self._policy.items() for name in fields)

    def get(self, name: str) -> SettingValue:
        """The value that holds. Raises: BadInput for an unknown name."""
        _known(name)
        group, field = name.split(".")
        value: SettingValue = getattr(getattr(self._groups, group), field)
        return value

    def set(self, name: str, value: SettingValue) -> None:
        """Choose `value`, also as text from a command line; `save` keeps it.

        Raises: BadInput for an unknown or locked name or a value that does not fit; nothing is then changed.
        """
        _known(name)
        if name in self.locked:
            raise BadInput(f"{name} is locked by your administrator.", remedy="Ask them if it needs to change.")
        group, field = name.split(".")
        kind = type(getattr(self._groups, group))
        try:
            typed = getattr(msgspec.convert({field: value}, kind, strict=False), field)
        except msgspec.ValidationError as error:
            raise BadInput(f"{name} cannot be set: {_reason(error)}.") from None
        self._change(name, typed)

    def reset(self, name: str) -> None:
        """Choose the default again. Raises: BadInput for an unknown or locked name."""
        _known(name)
        if name in self.locked:
            raise BadInput(f"{name} is locked by your administrator.", remedy="Ask them if it needs to change.")
        self._change(name, None)

    def save(self) -> None:
        """Keep what was changed, in one step. What another process saved meanwhile stays.

        Raises: EnvironmentFault when it cannot be written.
        """
        try:
            document = _read(self._file)
        except _Damaged:
            self.moved_aside = _move_aside(self._file)
            document = self._chosen
        for name, value in self._changes.items():
            _place(document, name, value)
        text = json.dumps({"schema_version": SCHEMA_VERSION, **document}, ensure_ascii=False, indent=2)
        paths.write_private(self._file, text.encode() + b"\n")
        self._chosen = document
        self._changes.clear()
        self._groups = _values(_merged(document, self._policy), self._file)

    def _change(self, name: str, value: SettingValue | None) -> None:
        self._changes[name] = value
        _place(self._chosen, name, value)
        self._groups = _values(_merged(self._chosen, self._policy), self._file)


class _Damaged(Exception):
    """The file is not a JSON object."""


def _read(file: Path) -> Document:
    """The groups of a file, at the current version and checked; none for a file that is not there."""
    try:
        document = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise EnvironmentFault(
            f"The file {file} cannot be read: {error.strerror}.", remedy="Give this account the right to read it."
        ) from error
    except ValueError as error:
        raise _Damaged(str(file)) from error
    if not isinstance(document, dict):
        raise _Damaged(str(file))
    document = UPGRADES.apply(document, file)
    del document["schema_version"]
    _values(document, file)
    return document


def _move_aside(file: Path) -> Path:
    numbers = itertools.count(1)
    aside = next(place for n in numbers if not (place := file.with_name(f"{file.name}.damaged-{n}")).exists())
    file.replace(aside)
    log.warning("The settings file was damaged; it is kept as %s", aside)
    return aside


def _values(document: Document, place: Path) -> Groups:
    try:
        return msgspec.convert(document, Groups)
    except msgspec.ValidationError as error:
        raise BadInput(f"{place}: {_reason(error)}.", remedy="docs/settings.md names every setting.") from None


def _reason(error: msgspec.ValidationError) -> str:
    """The sentence of msgspec with its place in our dotted form; it quotes at most the value of a choice."""
    return str(error).replace("`$.", "`").replace("Object contains unknown field", "there is no setting")


def _merged(chosen: Document, policy: Document) -> Document:
    merged = {group: dict(fields) for group, fields in chosen.items()}
    for group, fields in policy.items():
        merged.setdefault(group, {}).update(fields)
    return merged


def _place(document: Document, name: str, value: SettingValue | None) -> None:
    group, field = name.split(".")
    if value is None:
        document.get(group, {}).pop(field, None)
    else:
        document.setdefault(group, {})[field] = value


def _known(name: str) -> None:
    if name not in SETTINGS:
        raise BadInput(f"There is no setting {name!r}.", remedy="docs/settings.md names every setting.")
