"""The verdict of a verification."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError

from screening.records.ledger import merkle
from screening.records.ledger.events import NO_HASH
from screening.records.ledger.signed_head import Head

MOST_FAULTS = 100
"""The most faults of one kind that are listed; many of one kind hide none of another."""

UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError, DBAPIError)
"""The fault of a value that the application cannot have written."""

READ_FAULT = "it holds a value that the application never writes"

Found = tuple[str, str, str]
"""A fault that is not reported yet: its code, place and message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is not as the ledger says. ``place`` is an event, a row or a head."""

    code: str
    place: str
    message: str


@dataclass(slots=True)
class Verdict:
    """The outcome of a verification: how much was read, the state of the ledger, every fault.

    ``keyed`` counts the events that only the keyring's owner can have written; ``newest`` is the
    number of the last event; ``found`` counts the
    faults of each kind: by code, and by table or what else they are in. ``contradicted_by`` are the
    heads with a good signature that do not fit, however many faults are listed. ``watch`` is called
    with the number of events and rows that were read so far.
    """

    events: int = 0
    rows: int = 0
    heads: int = 0
    keyed: int = 0
    newest: int = 0
    root: str = merkle.EMPTY.hex()
    last: str = NO_HASH
    faults: list[Fault] = field(default_factory=list)
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    contradicted_by: set[Head] = field(default_factory=set)
    watch: Callable[[int], None] = field(default=lambda _: None, repr=False, compare=False)

    def show_progress(self) -> None:
        """Tell the one who watches how many events and rows were read."""
        self.watch(self.events + self.rows)

    def report(self, code: str, place: str, message: str) -> None:
        """Note a fault."""
        kind = code, place.partition("/")[0]
        self.found[kind] += 1
        if self.found[kind] <= MOST_FAULTS:
            self.faults.append(Fault(code=code, place=place, message=message))

    def unlisted(self) -> list[tuple[tuple[str, str], int]]:
        """The number of faults of a kind that the list leaves out, if any."""
        more = ((kind, found - MOST_FAULTS) for kind, found in self.found.items())
        return [(kind, count) for kind, count in more if count > 0]


@contextmanager
def report_unreadable(verdict: Verdict, place: str) -> Iterator[None]:
    """Let what cannot be read be a fault that keeps nothing else from being verified."""
    try:
        yield
    except UNREADABLE:
        verdict.report("unreadable", place, READ_FAULT)
