"""Keys from an operator's own key store, by a command that prints the keyring.

The command runs without a shell, and its output is kept in memory for ``KEPT`` seconds. So every
process sees a new keyring after that time at the latest, and a change of the keyring waits that
long before it counts. If the store cannot be reached then, nothing is opened: an older keyring
could seal with a key that was destroyed. Nothing repeats the output of the commands, because it may
be a key.
"""

import os
import shlex
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock, Timer

from screening.records.vault import Keyring, KeyringError

KEPT = 30.0
PATIENCE = 10.0
MOST_BYTES = 1024 * 1024
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
        self._lock = Lock()

    def __call__(self) -> Keyring:
        """The keyring as the command printed it lately.

        Raises:
            KeyringError: if the command fails, takes too long, or prints no keyring.
        """
        with self._lock:
            if self._read is None or time.monotonic() - self._read[0] >= KEPT:
                self._read = None
                self._read = (time.monotonic(), self._ask())
            return self._read[1]

    @property
    def stores(self) -> bool:
        """Whether there is a command that stores."""
        return self._store is not None

    def settle(self) -> None:
        """Wait until no process works with what the command printed before now."""
        time.sleep(KEPT)
        with self._lock:
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
        with self._lock:
            self._read = None
            if self._ask() != ring:
                raise KeyCommandError(STORE, f"succeeded, but {READ} prints a different keyring")
            self._read = (time.monotonic(), ring)

    def _ask(self) -> Keyring:
        printed = _run(READ, self._command)
        try:
            return Keyring.read(printed.decode("utf-8"))
        except (KeyringError, UnicodeDecodeError):
            says = "did not print a keyring in the format of `screening keys make`"
            raise KeyCommandError(READ, says) from None


@dataclass(slots=True)
class _Run:
    """One run of a command, which is ended with all that it started when it takes too long."""

    process: "subprocess.Popen[bytes]"
    late: bool = field(default=False)

    def end(self) -> None:
        self.late = True
        self.kill()

    def kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _run(setting: str, command: str, given: bytes = b"") -> bytes:
    """What a command prints, when it gets some bytes on standard input."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the operator's own command, without a shell
            shlex.split(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a command"
        raise KeyCommandError(setting, f"cannot be run: {reason}") from None
    run = _Run(process)
    timer = Timer(PATIENCE, run.end)
    timer.start()
    try:
        printed = _talk(process, given)
        status = process.wait()
    finally:
        timer.cancel()
        run.kill()
        process.wait()
    if run.late:
        raise KeyCommandError(setting, f"took longer than {PATIENCE:.0f} seconds")
    if len(printed) > MOST_BYTES:
        raise KeyCommandError(setting, "printed more than a keyring can hold")
    if status:
        raise KeyCommandError(setting, f"failed with exit status {status}")
    return printed


def _talk(process: "subprocess.Popen[bytes]", given: bytes) -> bytes:
    """Write to a process and read from it, no more than a keyring can have."""
    assert process.stdin and process.stdout  # noqa: S101, PT018 - both are pipes
    with process.stdin, process.stdout:
        with suppress(BrokenPipeError):
            process.stdin.write(given)
            process.stdin.close()
        return process.stdout.read(MOST_BYTES + 1)
