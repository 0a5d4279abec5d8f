"""Who owns the store: a running analyst is asked; else the command opens the store itself, under its lock."""

from __future__ import annotations

from pathlib import Path
from typing import overload

from core import paths
from core.requests import (
    AuditReport,
    InstallKeys,
    KeyList,
    ListKeys,
    NobodyThere,
    RemoveKeys,
    Reply,
    RequestClient,
    VerifyAudit,
)

PATIENCE_S = 120.0
"""For the analyst's answer: it may walk a long log, or be held up by a slow disk."""


@overload
def asked(request: VerifyAudit, *, key_file: Path | None) -> AuditReport: ...
@overload
def asked(request: ListKeys | InstallKeys | RemoveKeys, *, key_file: Path | None) -> KeyList: ...


def asked(request: VerifyAudit | ListKeys | InstallKeys | RemoveKeys, *, key_file: Path | None) -> Reply:
    """The owner's reply. `key_file`: the passphrase where this command opens the store.

    Raises: what the owner raises; StoreBusy when the store is owned by somebody who does not answer; KeyFault.
    """
    try:
        return RequestClient("analyst").ask(request, timeout_s=PATIENCE_S)
    except NobodyThere:
        pass
    from app.answers import answered
    from core.database import open_store
    from core.keys import desk_key
    from core.recipients import SupervisorKeys
    from records import MIGRATIONS, Archive

    with open_store(
        paths.database_file(), [MIGRATIONS], key=lambda database: desk_key(database, key_file=key_file)
    ) as store:
        return answered(request, Archive(store), SupervisorKeys())
