"""What must be remembered of calls.

In: calls that began and ended, what was said in them as masked, originals as sealed, the notice, numbers, and what
people did. Out: `Archive`, which keeps all of it and gives it back, and `MIGRATIONS`, this room's tables in the
encrypted store. May touch core and models; never another room, never Qt. It opens nothing that is sealed.
"""

from records.archive import Archive, Kept, kept
from records.calls import CallLog
from records.schema import MIGRATIONS

__all__ = ["MIGRATIONS", "Archive", "CallLog", "Kept", "kept"]
