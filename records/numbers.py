"""Customers' numbers: found again by an HMAC, given back from a value that is encrypted once more.

Both keys are derived from the desk key, so that neither a dump of the open database nor a copy of its file shows a
number, and nobody without the desk key can try out all numbers there are.
"""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.database import Store
from core.errors import StoreFault
from core.keys import NONCE_BYTES

_COUNTRY = re.compile(r"(\+|00)86")


class Numbers:
    """The number of each call. Safe to share between threads; every method may raise StoreFault."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lookup_key = store.derived_key("number look-up")
        self._cipher = AESGCM(store.derived_key("number value"))

    def keep(self, call_id: str, number: str) -> None:
        """Remember the number of a call. The first one holds."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, number.encode(), call_id.encode())
        with self._store.writing() as db:
            db.execute(
                "INSERT INTO numbers (call_id, lookup, sealed) VALUES (?, ?, ?) ON CONFLICT (call_id) DO NOTHING",
                (call_id, self._lookup(number), sealed),
            )

    def of_call(self, call_id: str) -> str | None:
        """The number of a call, None where it is not known."""
        with self._store.reading() as db:
            row = db.execute("SELECT sealed FROM numbers WHERE call_id = ?", (call_id,)).fetchone()
        if row is None:
            return None
        (sealed,) = row
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], call_id.encode()).decode()
        except InvalidTag:
            raise StoreFault(
                "A number in the store does not open.", remedy="Bring the store and its keys back from a backup."
            ) from None

    def calls_of(self, number: str) -> list[str]:
        """Ids of the calls with this number, however it is written."""
        with self._store.reading() as db:
            rows = db.query("SELECT call_id FROM numbers WHERE lookup = ? ORDER BY call_id", (self._lookup(number),))
            return [row["call_id"] for row in rows]

    def _lookup(self, number: str) -> bytes:
        return hmac.digest(self._lookup_key, _plain(number).encode(), "sha256")


def _plain(number: str) -> str:
    """One form of a number: signs and the country's prefix go; what has no digits stays as it is."""
    compact = "".join(char for char in unicodedata.normalize("NFKC", number) if char.isalnum() or char == "+")
    country = _COUNTRY.match(compact)
    return compact[country.end() :] if country else compact
