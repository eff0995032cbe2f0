"""The process beside the server that signs heads. No other process has the key of the ledger.

The web process asks it for a head over a pair of sockets. The signing process reads the ledger
itself and answers with a head. When the web process ends, the sockets close and this process ends.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from screening.errors import ScreeningError
from screening.records.ledger.signed_head import Head, Verifier, read_head

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

log = logging.getLogger("screening.heads")
ANSWERS_WITHIN = 60.0
ENDS_WITHIN = 10.0
WAITS = (1.0, 60.0)
"""Seconds before it is started again: at first, and at most."""


class NoSignerError(ScreeningError):
    """The process that signs does not answer."""

    def __init__(self, says: str = "it does not answer") -> None:
        """Repeat what it said."""
        super().__init__(f"the process that signs heads of the ledger does not work: {says}")


class SigningProcess:
    """Starts the process, starts it again if it dies, and asks it for heads."""

    def __init__(
        self, environment: Mapping[str, str], *, log_heads: bool, publishes: bool = True
    ) -> None:
        """Name the environment that leads it to the records.

        Args:
            environment: of the process.
            log_heads: whether it writes heads to standard error too.
            publishes: whether it signs heads at regular times; else it answers only.
        """
        self._environment = dict(environment)
        chosen = {"--log": log_heads, "--answers-only": not publishes}
        self._options = [option for option, is_on in chosen.items() if is_on]
        self._asking = threading.Lock()
        self._ending = threading.Event()
        self._verifier: Verifier | None = None
        self._start()
        self._watch = threading.Thread(target=self._keep_alive, daemon=True)
        self._watch.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def verifier(self) -> Verifier:
        """The public key that checks its heads.

        Raises:
            NoSignerError: if it does not answer.
        """
        if self._verifier is None:
            self._verifier = Verifier.read(self._ask("key"))
        return self._verifier

    def head(self) -> Head:
        """A head of the ledger as it is now.

        Raises:
            NoSignerError: if it does not answer, or the ledger is not whole.
        """
        return read_head(self._ask("head"))

    def stop(self) -> None:
        """End it. It signs what was added since its last head first."""
        self._ending.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._socket.close()

    def _start(self) -> None:
        self._socket, other = socket.socketpair()
        self._socket.settimeout(ANSWERS_WITHIN)
        with other:
            number = str(other.fileno())
            words = ["witness", "run", *self._options, "--control", number]
            self._process = subprocess.Popen(  # noqa: S603 - a fixed command
                [sys.executable, "-m", "screening", *words],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
                start_new_session=True,  # Ctrl-C is for the server, which then ends it
            )

    def _keep_alive(self) -> None:
        wait = WAITS[0]
        while True:
            self._process.wait()
            if self._ending.is_set():
                return
            log.error("the process that signs heads of the ledger ended; starting it again")
            if self._ending.wait(wait):
                return
            wait = min(2 * wait, WAITS[1])
            with self._asking:
                if self._ending.is_set():
                    return
                self._socket.close()
                self._start()

    def _ask(self, what: str) -> str:
        with self._asking:
            try:
                self._socket.sendall(f"{what}\n".encode())
                data = json.loads(_line(self._socket))
            except (OSError, ValueError):
                raise NoSignerError from None
        if "error" in data:
            raise NoSignerError(data["error"])
        return str(data["said"])


@contextmanager
def signing(
    environment: Mapping[str, str], *, log_heads: bool, publishes: bool = True
) -> Iterator[SigningProcess]:
    """The process, for as long as a server runs."""
    process = SigningProcess(environment, log_heads=log_heads, publishes=publishes)
    try:
        yield process
    finally:
        process.stop()


def own_environment(**others: str) -> dict[str, str]:
    """The environment of this process, with some settings replaced; an empty one is taken out."""
    merged = {**os.environ, **others}
    return {name: value for name, value in merged.items() if value}


def _line(source: socket.socket) -> bytes:
    read = b""
    while not read.endswith(b"\n"):
        more = source.recv(65536)
        if not more:
            raise OSError
        read += more
    return read
