"""The words all rooms speak.

In: nothing. Out: message types, Protocols, errors, settings, framing between processes, logging without content, the
opening of the encrypted database, and the sealing of originals. May touch numpy, msgspec, sqlite-utils, sqlcipher3,
keyring, cryptography, argon2 and pyrage; never Qt, a model runtime or another room.
"""

__version__ = "0.1.0"
