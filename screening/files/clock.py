"""The clock of this machine."""

import datetime as dt


def today() -> dt.date:
    """The day by this machine's clock; the only reading of it."""
    return dt.datetime.now().astimezone().date()
