"""Opening the records for a command; what is slow to load is loaded only then."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screening.records.installation.settings import Settings
    from screening.records.ledger.records import Records


def read_settings() -> "Settings":
    """The settings of the environment."""
    from screening.records.installation.settings import Settings  # noqa: PLC0415 - the reason stands above

    return Settings.read()


@contextmanager
def open_records(
    settings: "Settings | None" = None, *, any_version: bool = False
) -> Iterator["Records"]:
    """The records of the environment, which must be there already, closed at the end.

    Args:
        settings: the environment's, if they were read already.
        any_version: see ``settings.open_records``.
    """
    from screening.records.installation.opening import open_existing  # noqa: PLC0415 - the same

    records = open_existing(settings or read_settings(), any_version=any_version)
    try:
        yield records
    finally:
        records.database.close()
