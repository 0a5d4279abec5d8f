"""Remembers what must be remembered.

In: finished utterances and call events. Out: calls. Exports its `MIGRATIONS`; only the analyst opens the store. May touch
core and models.
"""
