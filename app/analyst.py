"""The analyst: the process that owns the store, and answers what window and command line ask of it.

What it is told to remember waits in memory while the store cannot be written, and is written when it can, in order;
`records.Archive` decides what each message leaves. Without a key it goes on without store and says so. Captions are
kept once they have passed a mask; originals come sealed and are kept so. It tells whom to seal to (`SealTo`) as soon as
there is a store for what is sealed, and again when keys change.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from app.answers import answered
from app.worker_io import WorkerPipe, run_worker
from core import paths
from core.database import Store, open_store
from core.errors import KeyFault, StoreFault
from core.keys import desk_key, ephemeral_key
from core.messages import Caption, EnvelopeOpened, Fault, NoticeSet, Ready, SealedOriginal, SealTo
from core.recipients import SupervisorKeys
from core.requests import (
    AnalystStatus,
    Handlers,
    InstallKeys,
    ListCalls,
    ListKeys,
    RemoveKeys,
    Reply,
    RequestFault,
    RequestServer,
    Status,
    StoreRequest,
    VerifyAudit,
)
from core.sealing import DeskPair
from records import MIGRATIONS, Archive, Kept, kept

ENV_EPHEMERAL = "TINGBAN_EPHEMERAL"
"""`1`: keep the store in a temporary folder under a key that ends with this process (demonstrations)."""

RETRY_S = 5.0
MAX_WAITING = 20_000
"""Messages that wait for the store, the oldest dropped first: a day of 80 calls of a hundred utterances each."""

log = logging.getLogger(__name__)


class Analyst:
    """The work of the process on an open pipe. One thread keeps what it is told; request threads answer."""

    def __init__(self, pipe: WorkerPipe, database: Path, *, ephemeral: bool = False) -> None:
        self._pipe = pipe
        self._database = database
        self._ephemeral = ephemeral
        self._key = (lambda _: ephemeral_key()) if ephemeral else desk_key
        self._keys = SupervisorKeys()
        self._store: Store | None = None
        self._archive: Archive | None = None
        self._fault: KeyFault | StoreFault | None = None
        self._sealing_announced = False
        self._announcing = threading.Lock()
        self._waiting: deque[Kept] = deque(maxlen=MAX_WAITING)

    def run(self) -> None:
        """Work until the pipe closes. Raises: EnvironmentFault when another analyst answers already."""
        asked_of_store = (ListCalls, VerifyAudit, ListKeys, InstallKeys, RemoveKeys)
        handlers: Handlers = {Status: self._status, **dict.fromkeys(asked_of_store, self._answer)}
        with contextlib.closing(self), RequestServer("analyst", handlers):
            self._write_waiting()
            self._pipe.send(Ready("analyst"))
            while not self._pipe.closed:
                self._announce_sealing_once()
                message = kept(self._pipe.receive(None if self._fault is None else RETRY_S))
                if message is not None:
                    self._take(message)
                self._write_waiting()

    def close(self) -> None:
        """Close the store. Idempotent."""
        if self._store is not None:
            self._store.close()

    def _take(self, message: Kept) -> None:
        if isinstance(message, NoticeSet) and message.state == "refused":
            # What could not be written yet need not be, and does not lie in memory any longer.
            content = (Caption, EnvelopeOpened, SealedOriginal)
            remaining = [
                other
                for other in self._waiting
                if not (isinstance(other, content) and other.call_id == message.call_id)
            ]
            self._waiting = deque(remaining, MAX_WAITING)
        if len(self._waiting) == MAX_WAITING:
            log.warning("Too much waits for the store; the oldest is dropped")
        self._waiting.append(message)

    def _write_waiting(self) -> None:
        if isinstance(self._fault, KeyFault):
            # Asking again would ask the person again; a restart asks once.
            return
        try:
            if self._store is None:
                self._store = open_store(self._database, [MIGRATIONS], key=self._key)
            if self._archive is None:
                self._archive = Archive(self._store)
            while self._waiting:
                self._archive.keep(self._waiting[0])
                self._waiting.popleft()
        except (KeyFault, StoreFault) as fault:
            self._report(fault)
        else:
            if self._fault is not None:
                log.info("The store works again")
            self._fault = None

    def _report(self, fault: KeyFault | StoreFault) -> None:
        if self._fault is None or self._fault.code != fault.code:
            log.warning("Without store: %s", fault)
            self._pipe.send(Fault("analyst", fault.code, fault.sentence, fault.remedy))
        self._fault = fault

    # --- whom to seal to ------------------------------------------------------------------------------------------
    def _announce_sealing_once(self) -> None:
        if self._archive is not None and not self._sealing_announced:
            self._sealing_announced = True
            self._announce_sealing()

    def _announce_sealing(self) -> None:
        """From any thread; one at a time, so that the last one said is the one that holds."""
        assert self._store is not None
        desk = DeskPair(self._store.derived_key("desk recovery")).public_key
        with self._announcing:
            try:
                # What a demonstration seals would outlive its store.
                installed = () if self._ephemeral else self._keys.installed()
            except KeyFault as fault:
                log.warning("Originals are dropped: %s", fault)
                # Not the store's key, which the fault's own code is about.
                self._pipe.send(Fault("analyst", "supervisors-key", fault.sentence, fault.remedy))
                installed = ()
            self._pipe.send(SealTo(tuple(key.public_key for key in installed), desk))

    # --- requests -------------------------------------------------------------------------------------------------
    def _answer(self, request: StoreRequest) -> Reply:
        if self._archive is None:
            raise self._fault or StoreFault("The store is not open yet.", remedy="Try again in a moment.")
        reply = answered(request, self._archive, self._keys)
        if isinstance(request, InstallKeys | RemoveKeys):
            self._announce_sealing()
        return reply

    def _status(self, _request: Status) -> AnalystStatus:
        fault = self._fault
        try:
            supervisor_keys = 0 if self._ephemeral else len(self._keys.installed())
        except KeyFault:
            # Told when it was found; nothing is sealed to a file that is in doubt.
            supervisor_keys = 0
        return AnalystStatus(RequestFault(fault.code, fault.sentence, fault.remedy) if fault else None, supervisor_keys)


def _work(pipe: WorkerPipe) -> None:
    with _database() as (database, ephemeral):
        Analyst(pipe, database, ephemeral=ephemeral).run()


@contextlib.contextmanager
def _database() -> Iterator[tuple[Path, bool]]:
    if os.environ.get(ENV_EPHEMERAL) == "1":
        with tempfile.TemporaryDirectory(prefix="tingban-") as folder:
            yield Path(folder) / "tingban.db", True
    else:
        yield paths.database_file(), False


def main() -> int:
    """Entry of the analyst process; returns its exit code."""
    return run_worker("analyst", _work)


if __name__ == "__main__":
    sys.exit(main())
