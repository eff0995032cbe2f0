"""Folders and files that only their owner can read, and one process at a time makes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screening.errors import ScreeningError
from screening.records.installation.settings import Settings

_PRIVATE = 0o700
_OWNER_ONLY = 0o600


class FolderError(ScreeningError):
    """The data folder cannot be used."""

    def __init__(self, path: Path, reason: str) -> None:
        """Name the folder or file, and why it cannot be used."""
        super().__init__(f"cannot use {path}, where the records are kept: {reason}")


def make_folder(path: Path) -> None:
    """Make a folder that its owner alone can enter; one that is there stays as it is."""
    with folder_errors(path):
        path.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)


def make_private(file: Path) -> None:
    """Make an empty file for SQLite, which gives its journal the same permissions."""
    make_folder(file.parent)
    with folder_errors(file):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, _OWNER_ONLY))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@contextmanager
def one_at_a_time(settings: Settings) -> Iterator[None]:
    """Let one process at a time make what is missing. Two would make two keyrings."""
    if settings.keyring and settings.secret:
        yield
        return
    make_folder(settings.folder)
    with folder_errors(settings.folder):
        lock = os.open(settings.folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def folder_errors(path: Path) -> Iterator[None]:
    """Turn an error of the operating system into one that names the path.

    Raises:
        FolderError: for every OSError inside.
    """
    try:
        yield
    except OSError as error:
        raise FolderError(path, error.strerror or "it cannot be opened") from None
