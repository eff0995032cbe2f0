"""Small writes that need not wait for each other: all that are waiting become one transaction.

Every view of a case is an event of the ledger, and the ledger takes one writer at a time. Written
one by one, views would wait for each other and for every save, and each for the disk. Here a thread
writes everything that has queued up, in order, while the pages are made. The caller waits at the
end until its write is on the disk.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from sqlalchemy.orm import Session

from screening.records.storage.database import Database

Work = Callable[[Session], object]


@dataclass(slots=True, eq=False)
class Pending:
    """A write that was asked for."""

    work: Work
    ended: Event = field(default_factory=Event)
    error: BaseException | None = None

    def wait(self) -> None:
        """Wait until the write is kept.

        Raises:
            DatabaseError: if it could not be.
        """
        self.ended.wait()
        if self.error is not None:
            raise self.error


_deferred: ContextVar[list[Pending] | None] = ContextVar("deferred", default=None)


@contextmanager
def waiting_at_the_end() -> Iterator[None]:
    """Let writes of this thread go on beside it, and wait for all of them at the end.

    Raises:
        DatabaseError: if one could not be kept.
    """
    pending: list[Pending] = []
    token = _deferred.set(pending)
    try:
        yield
    finally:
        _deferred.reset(token)
    for each in pending:
        each.wait()


class GroupCommit:
    """The writes of one process to one database. A thread runs while there are some."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = Lock()
        self._queue: list[Pending] = []
        self._running = False

    def write(self, database: Database, work: Work) -> None:
        """Write, together with what others write now.

        It returns once the write is kept; within ``waiting_at_the_end`` at once.

        Args:
            database: the same at every call.
            work: writes into the session that it is given; what others write is in it too.

        Raises:
            DatabaseError: if it could not be kept.
        """
        pending, deferred = Pending(work), _deferred.get()
        with self._lock:
            self._queue.append(pending)
            start, self._running = not self._running, True
        if start:
            self._start(database)
        if deferred is None:
            pending.wait()
        else:
            deferred.append(pending)

    def _start(self, database: Database) -> None:
        try:
            Thread(target=self._run, args=(database,), name="group commit", daemon=True).start()
        except RuntimeError:  # this machine has no thread left
            self._run(database)

    def _run(self, database: Database) -> None:
        while batch := self._take():
            _write(database, batch)

    def _take(self) -> list[Pending]:
        """All that has queued up; without any, the thread is over."""
        with self._lock:
            batch, self._queue = self._queue, []
            self._running = bool(batch)
            return batch


def _write(database: Database, batch: list[Pending]) -> None:
    """Write a batch, and give the outcome to everybody who waits for it."""
    error: BaseException | None = None
    try:
        with database.writing() as session:
            for each in batch:
                each.work(session)
    except BaseException as raised:  # noqa: BLE001 - whatever it is, those who wait get to know it
        error = raised
    for each in batch:
        each.error = error
        each.ended.set()
