"""Targets of signed heads besides their file: the log, syslog, and a witness elsewhere."""

import http.client
import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from logging.handlers import SysLogHandler

from screening.errors import ScreeningError
from screening.records.ledger.merkle import Peaks, prove_growth
from screening.records.ledger.signed_head import Head, read_heads
from screening.records.ledger.tree import LedgerTree, leaves
from screening.records.storage.database import Database
from screening.records.witness.head_file import PAGE

log = logging.getLogger("screening.heads")
TIMEOUT = 10
RETRY = 60.0
MOST_BYTES = 2 * PAGE
MOST_PAGES = 256


class WitnessError(ScreeningError):
    """The witness cannot be asked, or refuses a head."""


def log_head(head: Head, _: LedgerTree) -> None:
    """Write a line with the head."""
    log.info("head", extra={"told": {"head": head.write()}})


def syslog_target(address: str) -> Callable[[Head, LedgerTree], None]:
    """Sends heads to syslog, at ``HOST:PORT`` by UDP or at a socket's path."""
    host, _, port = address.rpartition(":")
    place: str | tuple[str, int] = address if address.startswith("/") else (host, int(port))
    sender = logging.getLogger("screening.syslog")
    sender.handlers, sender.propagate = [SysLogHandler(place)], False
    sender.setLevel(logging.INFO)

    def send(head: Head, _: LedgerTree) -> None:
        sender.info("screening: %s", json.dumps(head.write()))

    return send


@dataclass(slots=True)
class WitnessSender:
    """Sends heads to a witness, each with the proof that it goes on from the last one there."""

    database: Database
    url: str
    known: Peaks | None = None
    pending: tuple[Head, Peaks] | None = None
    failing: str = ""
    tried: float = 0.0

    def __call__(self, head: Head, tree: LedgerTree) -> None:
        """Send a head. If that fails, it is said once, and the newest one is sent later."""
        self.pending = head, tree.peaks.copy()
        self._try()

    def retry(self) -> None:
        """Send what could not be sent, after a while."""
        if self.pending and time.monotonic() - self.tried > RETRY:
            self._try()

    def _try(self) -> None:
        self.tried = time.monotonic()
        try:
            self._send()
        except WitnessError as error:
            if str(error) != self.failing:
                log.error("%s", error)  # noqa: TRY400 - nothing of ours failed
            self.failing = str(error)
        else:
            self.failing = ""

    def _send(self) -> None:
        assert self.pending is not None  # noqa: S101 - tells the type checker
        head, peaks = self.pending
        known = self.known or self._ask()
        if known.size > head.size:
            raise _lacking(known.size, head.size)
        self.known = None  # until it is known that the witness took the head
        with self.database.reading() as session:
            added = leaves(session, known.size, head.size)
            proof = prove_growth(known, head.size, added) if known.size else []
        body = {"head": head.write(), "proof": [node.hex() for node in proof]}
        fetch(f"{self.url}/heads", json.dumps(body).encode())
        self.known, self.pending = peaks, None

    def _ask(self) -> Peaks:
        """The tree up to the last head that the witness has."""
        kept = read_heads(fetch(f"{self.url}/heads/last"), self.url)
        peaks = Peaks()
        with self.database.reading() as session:
            for leaf in leaves(session, 0, kept[-1].size if kept else 0):
                peaks.add(leaf)
        if kept and peaks.size < kept[-1].size:
            raise _lacking(kept[-1].size, peaks.size)
        if kept and (peaks.size, peaks.root().hex()) != (kept[-1].size, kept[-1].root):
            raise WitnessError(
                f"the witness has seen a different ledger up to event {kept[-1].size}. Run"
                " `screening ledger verify`; after a restore, `screening ledger head"
                " --after-restore REASON`"
            )
        return peaks


def _lacking(seen: int, left: int) -> WitnessError:
    return WitnessError(
        f"the witness has seen {seen} events, but the ledger has only {left}: the newest were cut"
        " off, or an older backup was restored. Run `screening ledger verify`; after a restore,"
        " `screening ledger head --after-restore REASON`"
    )


def fetch_heads(url: str) -> list[Head]:
    """Every head that a witness keeps, read page by page.

    Raises:
        WitnessError: if it cannot be asked.
        HeadError: if it says something else.
    """
    heads: list[Head] = []
    start = 0
    for _ in range(MOST_PAGES):
        page = fetch(f"{url}/heads/{start}")
        if not page:
            return heads
        heads += read_heads(page, url)
        start += len(page.encode())
    raise WitnessError("the witness sends more heads than can be read")


def fetch(url: str, body: bytes | None = None) -> str:
    """The answer of a witness.

    Raises:
        WitnessError: if it cannot be asked, or refuses.
    """
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - checked by the settings
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - the same
            return str(answer.read(MOST_BYTES).decode("utf-8", errors="replace"))
    except urllib.error.HTTPError as error:
        said = error.read(1000).decode("utf-8", errors="replace").strip()
        raise WitnessError(f"the witness refused the head: {said}") from None
    except (OSError, http.client.HTTPException, ValueError):
        raise WitnessError("the witness does not answer") from None
