"""Several processes that serve on one socket, and the one that starts them and waits.

The first worker makes what a new installation lacks, and publishes heads of the ledger. The others
start once it serves. What workers share is in the database.
"""

import logging
import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Thread

import click

log = logging.getLogger("screening.workers")
SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True)
class Worker:
    """One process. ``announces`` makes it say where the service runs; ``ready`` is a pipe."""

    number: int = 0
    announces: bool = False
    ready: int | None = None

    def tell(self) -> None:
        """Let the others start."""
        if self.ready is not None:
            os.write(self.ready, b"+")
            os.close(self.ready)


@dataclass(slots=True)
class Workers:
    """The processes, with their numbers. ``lifeline`` closes when who waits for them has ended."""

    numbers: dict[int, int] = field(default_factory=dict[int, int])
    lifeline: tuple[int, int] = field(default_factory=os.pipe)
    stopping: bool = False
    status: int = 0

    def start(self, number: int) -> Worker | None:
        """Start a process; gives what it is there, and None in the process that waits."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # until who is meant by them is settled
        pid = os.fork()
        if pid:
            self.numbers[pid] = number
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            if self.stopping:
                self.stop()
            return None
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        os.close(self.lifeline[1])
        Thread(target=_end_with, args=[self.lifeline[0]], daemon=True).start()
        return Worker(number)

    def stop(self, *_: object) -> None:
        """Let every process finish what is under way, and start none again."""
        self.stopping = True
        for pid in list(self.numbers):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def wait(self) -> Worker | None:
        """Wait for all. A process that was killed is started again, and this returns there."""
        while self.numbers:
            pid, ended = os.wait()
            number, status = self.numbers.pop(pid), os.waitstatus_to_exitcode(ended)
            if self.stopping:
                continue
            if status >= 0:  # it ended by itself, as the others will for the same reason
                self.status = status
                self.stop()
                continue
            log.error("worker %d was ended by signal %d; starting it again", number, -status)
            if worker := self.start(number):
                return worker
        return None


def split(count: int) -> Worker:
    """Become so many processes. This returns in each, and exits where they were waited for.

    It comes before threads and connections, which processes cannot share.
    """
    if count == 1:
        return Worker(announces=True)
    workers = Workers()
    worker = _start_all(workers, count) or workers.wait()
    return worker or click.get_current_context().exit(workers.status)


def _start_all(workers: Workers, count: int) -> Worker | None:
    """Start the first process, and the others once it serves; none if it does not."""
    reading, writing = os.pipe()
    if worker := workers.start(0):
        os.close(reading)
        return replace(worker, announces=True, ready=writing)
    os.close(writing)
    for each in SIGNALS:
        signal.signal(each, workers.stop)
    serves = os.read(reading, 1)
    os.close(reading)
    for number in range(1, count if serves else 1):
        if worker := workers.start(number):
            return worker
    return None


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
