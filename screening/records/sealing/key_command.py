"""Keys from an operator's own key store, by a command that prints the keyring.

The command runs without a shell, and its output is kept in memory for ``KEPT`` seconds. Then one
thread asks again. While it waits, the others use what was read last, for ``LENT`` seconds more, so
that a store that hangs holds one thread and not all of them. A change of the keyring waits for both
times before it counts. If the store cannot be reached, nothing is opened: an older keyring could
seal with a key that was destroyed. Nothing repeats the output of the commands, because it may be a
key.
"""

import os
import selectors
import shlex
import signal
import subprocess
import time
from contextlib import suppress
from threading import Lock
from typing import IO

from screening.records.sealing.vault import Keyring, KeyringError

KEPT = 30.0
LENT = 10.0
PATIENCE = 10.0
MOST_BYTES = 1024 * 1024
PAGE = 64 * 1024
READ, STORE = "SCREENING_KEY_COMMAND", "SCREENING_KEY_STORE_COMMAND"


class KeyCommandError(KeyringError):
    """A command of the operator's key store did not do what it is for."""

    def __init__(self, setting: str, says: str) -> None:
        """Name the setting, and never what the command is or prints."""
        super().__init__(f"the command of {setting} {says}")


class KeyringCommand:
    """A keyring that a command prints, read again when it is older than ``KEPT`` seconds."""

    def __init__(self, command: str, store: str | None = None) -> None:
        """Take the command, which is run at the first call, and the one that stores."""
        self._command, self._store = command, store
        self._read: tuple[float, Keyring] | None = None
        self._asking = Lock()

    def __call__(self) -> Keyring:
        """The keyring as the command printed it lately.

        Raises:
            KeyringError: if the command fails, takes too long, or prints no keyring; or if another
                thread is waiting for it, and what was read last is too old.
        """
        if ring := self._younger_than(KEPT):
            return ring
        if not self._asking.acquire(blocking=False):
            if ring := self._younger_than(KEPT + LENT):
                return ring
            raise KeyCommandError(READ, "has not answered yet")
        try:
            return self._younger_than(KEPT) or self._ask()
        finally:
            self._asking.release()

    @property
    def stores(self) -> bool:
        """True if there is a command that stores."""
        return self._store is not None

    def settle(self) -> None:
        """Wait until no process works with what the command printed before now."""
        time.sleep(KEPT + LENT)
        with self._asking:
            self._read = None

    def keep(self, ring: Keyring) -> None:
        """Store a keyring, read it again to be sure, and work with it.

        Raises:
            KeyringError: if it was not stored. Nothing must rest on it then.
        """
        if self._store is None:
            raise KeyCommandError(
                READ, f"only reads; set {STORE} to a command that stores the keyring"
            )
        _run(STORE, self._store, ring.write().encode())
        with self._asking:
            self._read = None
            if self._ask() != ring:
                self._read = None
                raise KeyCommandError(STORE, f"succeeded, but {READ} prints a different keyring")

    def _younger_than(self, seconds: float) -> Keyring | None:
        read = self._read
        return read[1] if read and time.monotonic() - read[0] < seconds else None

    def _ask(self) -> Keyring:
        """Run the command; its output is as old as the moment at which it was started."""
        began = time.monotonic()
        try:
            ring = Keyring.read(_run(READ, self._command).decode("utf-8"))
        except KeyCommandError:
            self._read = None
            raise
        except (KeyringError, UnicodeDecodeError):
            self._read = None
            says = "did not print a keyring in the format of `screening keys make`"
            raise KeyCommandError(READ, says) from None
        self._read = (began, ring)
        return ring


def _run(setting: str, command: str, given: bytes = b"") -> bytes:
    """The output of a command that gets some bytes on standard input."""
    process = _start(setting, command)
    try:
        return _finished(setting, process, given)
    finally:
        _end(process)


def _start(setting: str, command: str) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 - the operator's own command, without a shell
            shlex.split(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a command"
        raise KeyCommandError(setting, f"cannot be run: {reason}") from None


def _finished(setting: str, process: "subprocess.Popen[bytes]", given: bytes) -> bytes:
    """The output of a process, if it ended well and in time."""
    until = time.monotonic() + PATIENCE
    try:
        printed = _talk(process, given, until)
        if len(printed) > MOST_BYTES:
            raise KeyCommandError(setting, "printed more than a keyring can hold")
        status = process.wait(max(0.0, until - time.monotonic()))
    except (TimeoutError, subprocess.TimeoutExpired):
        raise KeyCommandError(setting, f"took longer than {PATIENCE:.0f} seconds") from None
    if status:
        raise KeyCommandError(setting, f"failed with exit status {status}")
    return printed


def _talk(process: "subprocess.Popen[bytes]", given: bytes, until: float) -> bytes:
    """Write to a process and read from it, no more than a keyring can have.

    It ends by its own clock: a child that left the process group is killed by nobody, and can hold
    the output open for ever.

    Raises:
        TimeoutError: if the output is still open at the end of the time.
    """
    assert process.stdin and process.stdout  # noqa: S101, PT018 - both are pipes
    printed = bytearray()
    with selectors.DefaultSelector() as pipes, process.stdin, process.stdout:
        for pipe, event in (
            (process.stdin, selectors.EVENT_WRITE),
            (process.stdout, selectors.EVENT_READ),
        ):
            os.set_blocking(pipe.fileno(), False)
            pipes.register(pipe, event)
        while len(printed) <= MOST_BYTES:
            ready = pipes.select(until - time.monotonic())
            if time.monotonic() >= until:
                raise TimeoutError
            for key, event in ready:
                if event == selectors.EVENT_WRITE:
                    given = _written(process.stdin, given)
                    if not given:
                        pipes.unregister(process.stdin)
                        process.stdin.close()
                elif more := os.read(key.fd, PAGE):
                    printed += more
                else:
                    return bytes(printed)
    return bytes(printed)


def _written(pipe: IO[bytes], given: bytes) -> bytes:
    """Write what a pipe takes now; gives the rest. To one that reads no more, there is none."""
    try:
        return given[os.write(pipe.fileno(), given[:PAGE]) :]
    except BrokenPipeError:
        return b""


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill whatever the command started in its process group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
