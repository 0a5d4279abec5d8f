"""The words all rooms speak.

In: nothing. Out: message types, Protocols, errors, settings, framing between processes, logging without content, and
the opening of the encrypted database. May touch numpy, msgspec, sqlite-utils, sqlcipher3, keyring, cryptography and
argon2; never Qt, a model runtime or another room.
"""

__version__ = "0.1.0"
