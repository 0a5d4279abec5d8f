"""Windows, command line, start and supervision of processes, injection of Protocols.

May touch everything; the only room with Qt, and that only under `app/desk`.
"""
