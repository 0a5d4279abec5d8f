"""What the owner of the store answers: the analyst to window and command line, and a command that opened it itself."""

from __future__ import annotations

from core.recipients import SupervisorKeys
from core.requests import (
    AuditReport,
    CallList,
    InstallKeys,
    KeyList,
    ListCalls,
    ListKeys,
    RemoveKeys,
    StoreRequest,
    VerifyAudit,
)
from records import Archive


def answered(request: StoreRequest, archive: Archive, keys: SupervisorKeys) -> CallList | AuditReport | KeyList:
    """The reply to `request`. Safe to call from several threads.

    Raises: StoreFault; for requests about keys also KeyFault and BadInput.
    """
    match request:
        case ListCalls():
            return CallList(tuple(archive.calls.list(request.limit)))
        case VerifyAudit():
            found = archive.audit.verify()
            return AuditReport(found.entries, found.ok, found.first_bad)
        case ListKeys():
            return KeyList(keys.installed())
        case InstallKeys():
            new = keys.new_among(request.public_keys)
            if new:
                with archive.audit.recording("keys.imported", " ".join(key.fingerprint for key in new)):
                    keys.install(request.public_keys)
            return KeyList(new)
        case RemoveKeys():
            gone = keys.named(request.fingerprint)
            with archive.audit.recording("keys.removed", gone.fingerprint):
                keys.remove(gone.fingerprint)
            return KeyList((gone,))
