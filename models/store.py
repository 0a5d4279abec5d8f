"""The folder of installed models: what is there, whether it is whole, and where.

Two depths of checking. At every load: passport, sizes and the structure of the weights, 2 ms for any model. On request
(`verify`): the hash of every byte; what fails it is withdrawn, so that no process loads it again.

Beside the weights lies what is made of them for the processor (`models/int8.py`). It is nobody's only copy: missing or
damaged, the original serves, and `prepare` makes it anew.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from core.errors import BadInput, EnvironmentFault, ModelFault
from core.locks import FileLock, LockHeld
from core.paths import models_folder
from models.int8 import INT8_FOLDER, VOCABULARY_TABLE, can_be_int8, int8_weights
from models.manifest import PASSPORT_FILE, ModelFile, Passport, check_name, is_name, shipped
from models.publication import Meter, Progress, Publication, chunks_of, counted, disk_faults, silent
from models.vocabulary import LEAN, kept_tokens
from models.whisper import MULTILINGUAL_VOCABULARY, WeightsLayout, inspect, read_layout, read_weights

Status = Literal["installed", "missing", "damaged"]

COPIED_FILES = (
    "config.json",
    "model.bin",
    "tokenizer.json",
    "vocabulary.txt",
    "vocabulary.json",
    "preprocessor_config.json",
    "LICENSE",
)
"""What `add` takes of a folder; anything else there is none of ours."""

_SPARE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model that may be loaded: `path` is its folder, whole at the time of asking.

    Attributes:
        sha256: of `model.bin`.
        int8_path: the folder of the same weights as int8, where they have been prepared.
    """

    name: str
    path: Path
    n_mels: int
    multilingual: bool
    bytes: int
    sha256: str
    int8_path: Path | None = None

    def path_for(self, compute_type: str) -> Path:
        """The folder to load for a CTranslate2 compute type."""
        return self.int8_path if compute_type == "int8" and self.int8_path is not None else self.path


@dataclass(frozen=True, slots=True)
class ModelState:
    """One line of the list: how the files fare and, if they are damaged, why. A damaged passport is None."""

    name: str
    status: Status
    passport: Passport | None
    fault: ModelFault | None = None


class ModelStore:
    """The models under `root` (the user's models folder where none is given)."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root if root is not None else models_folder()

    def folder(self, name: str) -> Path:
        """Where the model of that name lies or will lie. Raises: BadInput when no folder can be called so."""
        return self.root / check_name(name)

    def states(self) -> list[ModelState]:
        """The models the product knows by name, then the ones brought by the user."""
        known = {model.passport.name: model.passport for model in shipped().models}
        own = sorted(
            folder.name
            for folder in (self.root.iterdir() if self.root.is_dir() else ())
            if folder.is_dir() and is_name(folder.name) and folder.name not in known
        )
        return [self._state(name, passport) for name, passport in known.items()] + [
            self._state(name, None) for name in own
        ]

    def resolve(self, name: str) -> InstalledModel:
        """The model, after the quick check.

        Raises: ModelFault when it is missing or damaged, with the remedy.
        """
        folder = self.folder(name)
        passport = self._passport(name)
        for file in passport.files:
            _check_size(folder, file, _remedy(name))
        try:
            facts = read_weights(folder / "model.bin")
        except ModelFault as fault:
            raise ModelFault(fault.sentence, remedy=_remedy(name)) from fault
        return InstalledModel(
            name=name,
            path=folder,
            n_mels=facts.n_mels,
            multilingual=facts.n_vocabulary >= MULTILINGUAL_VOCABULARY,
            bytes=passport.bytes,
            sha256=passport.weights_sha256,
            int8_path=self._int8_path(name, passport),
        )

    def verify(self, name: str, progress: Progress = silent) -> InstalledModel:
        """Check the hash of every file. A damaged model is withdrawn: it stays refused until it is brought anew.

        Raises: ModelFault.
        """
        installed = self.resolve(name)
        passport = self._passport(name)
        meter = Meter(progress, "verify", passport.bytes)
        wrong = _first_wrong(installed.path, passport, meter)
        if wrong is not None:
            self._withdraw(self.folder(name), name)
            raise ModelFault(f"{installed.path / wrong} is damaged: its hash differs.", remedy=_remedy(name))
        if installed.int8_path is None:
            return installed
        prepared = _read_passport(installed.int8_path)
        assert prepared is not None
        if _first_wrong(installed.int8_path, prepared, Meter(progress, "verify", prepared.bytes)) is not None:
            self._withdraw(installed.int8_path, name)
            if self.resolve(name).int8_path is not None:
                raise ModelFault(
                    f"{installed.int8_path} is damaged, and this account cannot replace it.",
                    remedy="Run 'tingbanctl models verify' with the account that owns the folder.",
                )
            return self.prepare(name, progress)
        return installed

    def prepare(self, name: str, progress: Progress = silent) -> InstalledModel:
        """Make the int8 weights of an installed model, where they are of use and not there yet.

        Raises: ModelFault when the model is missing or damaged; EnvironmentFault when there is no room.
        """
        installed = self.resolve(name)
        if installed.int8_path is not None:
            return installed
        weights = installed.path / "model.bin"
        layout = read_layout(weights)
        if not can_be_int8(layout):
            return installed
        passport = self._passport(name)
        self.require_room(passport.bytes)  # of 16-bit weights half is written; 32-bit ones are four times as large
        folder = installed.path / INT8_FOLDER
        with self.locked(name), Publication(folder) as publication:
            meter = Meter(progress, "prepare", passport.bytes)
            kept = self._kept_tokens(installed, passport, layout)
            written = []
            for file in passport.files:
                if file.path == "model.bin":
                    content = int8_weights(weights, layout, kept)
                elif kept is not None and file.path in LEAN:
                    content = iter([LEAN[file.path]((installed.path / file.path).read_bytes(), kept)])
                else:
                    content = chunks_of(installed.path / file.path)
                written.append(publication.write(file.path, content))
                meter.tick(file.bytes)
            publication.publish(
                msgspec.structs.replace(passport, upstream=_int8_of(passport.weights_sha256), files=tuple(written))
            )
        return self.resolve(name)

    @staticmethod
    def _kept_tokens(installed: InstalledModel, passport: Passport, layout: WeightsLayout) -> list[int] | None:
        """The tokens that calls need; None where the vocabulary is left as it is, being no multilingual Whisper's."""
        files = {file.path for file in passport.files}
        if not installed.multilingual or not set(LEAN) <= files:
            return None
        n_tokens = next(variable.shape[0] for variable in layout.variables if variable.name == VOCABULARY_TABLE)
        return kept_tokens((installed.path / "tokenizer.json").read_bytes(), n_tokens)

    def add(self, name: str, source: Path, *, licence: str = "unknown", progress: Progress = silent) -> InstalledModel:
        """Copy the folder of a CTranslate2 Whisper model in, under a name of the user's choice.

        Raises: BadInput when the folder holds no whole Whisper model (with the file and the reason) or the name is one
        of the product's; EnvironmentFault when there is no room.
        """
        target = self.folder(name)
        if shipped().find(name) is not None:
            raise BadInput(f"{name!r} is the name of a model of the product.", remedy="Choose another name.")
        if not source.is_dir():
            raise BadInput(f"{source} is not a folder.", remedy="Name the folder that holds model.bin.")
        files = {file: source / file for file in COPIED_FILES if (source / file).is_file()}
        facts = inspect(source, files)
        total_bytes = sum(path.stat().st_size for path in files.values())
        self.require_room(total_bytes)
        with self.locked(name), Publication(target) as publication:
            meter = Meter(progress, "copy", total_bytes)
            written = tuple(
                publication.write(file, counted(chunks_of(path), meter.tick)) for file, path in files.items()
            )
            # The copy is what will be loaded, so the copy is what is checked: a stick may be pulled in mid-read.
            inspect(target, publication.written)
            passport = Passport(
                name=name,
                kind="whisper",
                licence=licence,
                upstream="added from a folder",
                sample_rate_hz=16_000,
                n_mels=facts.n_mels,
                n_vocabulary=facts.n_vocabulary,
                languages=facts.languages,
                files=written,
            )
            publication.publish(passport)
        return self.prepare(name, progress)

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Keeps other processes from writing the same model.

        Raises: EnvironmentFault when another one does so now.
        """
        with disk_faults(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            try:
                lock = FileLock(self.root / f".{check_name(name)}.lock")
            except LockHeld as error:
                raise EnvironmentFault(
                    f"Another process is writing the model {name!r} now.", remedy="Wait until it has finished."
                ) from error
        try:
            yield
        finally:
            lock.release()

    def require_room(self, n_bytes: int) -> None:
        """Raises: EnvironmentFault when the disk of the models has less than that free, and a little to spare."""
        with disk_faults(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
        free_bytes = shutil.disk_usage(self.root).free
        if free_bytes < n_bytes + _SPARE_BYTES:
            raise EnvironmentFault(
                f"{self.root} has {free_bytes >> 20} MB free; {(n_bytes + _SPARE_BYTES) >> 20} MB are needed.",
                remedy="Make room, or choose another folder with --data.",
            )

    def _withdraw(self, folder: Path, name: str) -> None:
        # Weights shared between accounts may be read-only here; then only their owner's `verify` can withdraw them.
        with suppress(EnvironmentFault), self.locked(name), disk_faults(self.root):
            (folder / PASSPORT_FILE).unlink(missing_ok=True)

    def _int8_path(self, name: str, original: Passport) -> Path | None:
        """The folder of the int8 weights, if they are those of the original and whole as far as a quick look tells."""
        folder = self.folder(name) / INT8_FOLDER
        passport = _read_passport(folder)
        if passport is None or passport.upstream != _int8_of(original.weights_sha256):
            return None
        try:
            for file in passport.files:
                _check_size(folder, file, "")
            read_weights(folder / "model.bin")
        except ModelFault:
            return None
        return folder

    def passport(self, name: str) -> Passport:
        """The passport of an installed model. Raises: ModelFault as `resolve`."""
        self.resolve(name)
        return self._passport(name)

    def _passport(self, name: str) -> Passport:
        path = self.folder(name) / PASSPORT_FILE
        try:
            passport = msgspec.json.decode(path.read_bytes(), type=Passport)
        except FileNotFoundError as error:
            raise ModelFault(f"The model {name!r} is not installed in {self.root}.", remedy=_remedy(name)) from error
        except (OSError, msgspec.MsgspecError) as error:
            raise ModelFault(f"{path} is not readable.", remedy=_remedy(name)) from error
        if passport.name != name:
            raise ModelFault(f"{path} belongs to a model called {passport.name!r}.", remedy=_remedy(name))
        known = shipped().find(name)
        if known is not None and passport.files != known.passport.files:
            raise ModelFault(f"{path} is not the passport of this program's model {name!r}.", remedy=_remedy(name))
        return passport

    def _state(self, name: str, known: Passport | None) -> ModelState:
        folder = self.folder(name)
        if not folder.is_dir():
            return ModelState(name, "missing", known)
        try:
            passport = self.passport(name)
        except ModelFault as fault:
            return ModelState(name, "damaged", known, fault)
        return ModelState(name, "installed", passport)


def resolve(name: str) -> InstalledModel:
    """The model of that name in the user's models folder, ready to load. Raises: ModelFault."""
    return ModelStore().resolve(name)


def _int8_of(sha256: str) -> str:
    """Where prepared weights come from. Those of an older way of preparing are not ours, and made anew."""
    return f"int8, vocabulary of calls, of the model.bin {sha256}"


def _read_passport(folder: Path) -> Passport | None:
    """The passport in a folder, or None where there is none to be read."""
    try:
        return msgspec.json.decode((folder / PASSPORT_FILE).read_bytes(), type=Passport)
    except (OSError, msgspec.MsgspecError):
        return None


def _first_wrong(folder: Path, passport: Passport, meter: Meter) -> str | None:
    """The first file whose hash is not that of the passport."""
    for file in passport.files:
        digest = hashlib.sha256()
        for chunk in counted(chunks_of(folder / file.path), meter.tick):
            digest.update(chunk)
        if digest.hexdigest() != file.sha256:
            return file.path
    return None


def _check_size(folder: Path, file: ModelFile, remedy: str) -> None:
    path = folder / file.path
    try:
        n_bytes = path.stat().st_size
    except OSError as error:
        raise ModelFault(f"{path} is missing.", remedy=remedy) from error
    if n_bytes != file.bytes:
        raise ModelFault(f"{path} is damaged: {n_bytes} bytes, where {file.bytes} are right.", remedy=remedy)


def _remedy(name: str) -> str:
    if shipped().find(name) is not None:
        return (
            f"Fetch it with 'tingbanctl models fetch {name}', "
            "or bring a bundle and run 'tingbanctl models import FILE'."
        )
    return f"Bring it with 'tingbanctl models add {name} DIR' or 'tingbanctl models import FILE'."
