"""The SQLite file: how it is opened, and how a write transaction is framed.

WAL mode with `synchronous=NORMAL` hands every commit to the operating system before it is
acknowledged: a killed process loses nothing that it acknowledged. Only a power cut could.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY: Final = ":memory:"
FILE_NAME: Final = "cosmos.sqlite"
MINIMUM_SQLITE: Final = (3, 38, 0)
CACHED_STATEMENTS: Final = 512
PAGE_CACHE_KIB: Final = 65_536
LOCK_NAME: Final = "lock.sqlite"

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS resources (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    owner INTEGER NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    hidden TEXT NOT NULL,
    UNIQUE (kind, owner, id)
);
CREATE TABLE IF NOT EXISTS progress (container INTEGER PRIMARY KEY, lsn INTEGER NOT NULL);
"""


class DataInUseError(Exception):
    """Another emulator has the data folder open; the message says what to do."""


def open_connection(data: str) -> sqlite3.Connection:
    """Open (and create if missing) the emulator's file in the folder `data`, or `:memory:`.

    Raises:
        RuntimeError: this Python's SQLite is too old for its JSON functions.
    """
    if sqlite3.sqlite_version_info < MINIMUM_SQLITE:
        raise RuntimeError(
            f"SQLite {sqlite3.sqlite_version} is too old: the emulator needs 3.38 or newer."
        )
    connection = sqlite3.connect(
        file_path(data),
        isolation_level=None,
        check_same_thread=False,
        cached_statements=CACHED_STATEMENTS,
    )
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(f"PRAGMA cache_size=-{PAGE_CACHE_KIB}")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.executescript(SCHEMA)
    return connection


def file_path(data: str) -> str:
    """Where SQLite keeps the data of a folder, or `:memory:`."""
    return MEMORY if data == MEMORY else str(Path(data) / FILE_NAME)


def lock_folder(data: str) -> sqlite3.Connection | None:
    """Make the folder and keep every other emulator out of it while the result is open.

    A SQLite lock is let go by the operating system when the process dies, however it dies.

    Raises:
        DataInUseError: another emulator has it.
    """
    if data == MEMORY:
        return None
    Path(data).mkdir(parents=True, exist_ok=True)
    lock = sqlite3.connect(Path(data) / LOCK_NAME, timeout=0, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        lock.close()
        raise DataInUseError(
            f"Another emulator uses the data folder {data}: stop it, or choose another folder "
            "with --data."
        ) from None
    return lock


def checkpoint(data: str) -> None:
    """Move what the write-ahead log holds into the file, beside a running writer."""
    if data == MEMORY:
        return
    connection = sqlite3.connect(file_path(data))
    try:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    finally:
        connection.close()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block did, or nothing of it when it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
