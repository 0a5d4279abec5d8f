"""What must be remembered of calls.

In: calls that began and ended. Out: the list of calls, and `MIGRATIONS`, this room's tables in the encrypted store.
May touch core and models; never another room, never Qt.
"""

from records.calls import MIGRATIONS, CallLog

__all__ = ["MIGRATIONS", "CallLog"]
