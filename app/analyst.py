"""The analyst: the process that owns the store, and answers what window and command line ask of it.

What it is told to remember waits in memory while the store cannot be written, and is written when it can; both are
idempotent. Without a key it goes on without store and says so. Captions reach the store only once they have passed a
mask; until there is one they are passed over here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from app.worker_io import WorkerPipe, run_worker
from core import paths
from core.database import Store, open_store
from core.errors import KeyFault, StoreFault
from core.keys import desk_key, ephemeral_key
from core.messages import CallClosed, CallOpened, Fault, Ready
from core.requests import AnalystStatus, CallList, Handlers, ListCalls, RequestFault, RequestServer, Status
from records import MIGRATIONS, CallLog

ENV_EPHEMERAL = "TINGBAN_EPHEMERAL"
"""`1`: keep the store in a temporary folder under a key that ends with this process (demonstrations)."""

RETRY_S = 5.0
MAX_WAITING = 10_000
"""Events that wait for the store; a day of 80 calls makes 160."""

log = logging.getLogger(__name__)


class Analyst:
    """The work of the process on an open pipe. One thread writes; request threads read."""

    def __init__(self, pipe: WorkerPipe, database: Path, *, ephemeral: bool = False) -> None:
        self._pipe = pipe
        self._database = database
        self._key = (lambda _: ephemeral_key()) if ephemeral else desk_key
        self._store: Store | None = None
        self._fault: KeyFault | StoreFault | None = None
        self._waiting: deque[CallOpened | CallClosed] = deque(maxlen=MAX_WAITING)

    def run(self) -> None:
        """Work until the pipe closes. Raises: EnvironmentFault when another analyst answers already."""
        handlers: Handlers = {ListCalls: self._list_calls, Status: self._status}
        with contextlib.closing(self), RequestServer("analyst", handlers):
            self._write_waiting()
            self._pipe.send(Ready("analyst"))
            while not self._pipe.closed:
                message = self._pipe.receive(None if self._fault is None else RETRY_S)
                if isinstance(message, (CallOpened, CallClosed)):
                    self._waiting.append(message)
                self._write_waiting()

    def close(self) -> None:
        """Close the store. Idempotent."""
        if self._store is not None:
            self._store.close()

    def _write_waiting(self) -> None:
        if isinstance(self._fault, KeyFault):
            # Asking again would ask the person again; a restart asks once.
            return
        try:
            if self._store is None:
                self._store = open_store(self._database, [MIGRATIONS], key=self._key)
            calls = CallLog(self._store)
            while self._waiting:
                event = self._waiting[0]
                if isinstance(event, CallOpened):
                    calls.open_call(event)
                else:
                    calls.close_call(event)
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

    def _list_calls(self, request: ListCalls) -> CallList:
        if self._store is None:
            raise self._fault or StoreFault("The store is not open yet.", remedy="Try again in a moment.")
        return CallList(tuple(CallLog(self._store).list(request.limit)))

    def _status(self, _request: Status) -> AnalystStatus:
        fault = self._fault
        return AnalystStatus(RequestFault(fault.code, fault.sentence, fault.remedy) if fault else None)


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
