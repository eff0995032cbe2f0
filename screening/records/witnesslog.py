"""The heads that a witness keeps of a ledger on another machine.

The witness never sees an event. It refuses a head if the proof that comes with it does not show
that it continues from the last one: then that ledger was cut off or rewritten.

Source: RFC 9162, section 2.1.4 (consistency proofs).
"""

import json
import threading
from collections.abc import Sequence
from pathlib import Path

from screening.errors import ScreeningError
from screening.records import merkle
from screening.records.headfile import HeadFile
from screening.records.witness import Head, HeadError, Verifier, read_head

MOST_PROOF = 128


class RefusedHeadError(ScreeningError):
    """A head is not taken."""


class WitnessLog:
    """The heads that were taken, in a file."""

    def __init__(self, path: Path, verifier: Verifier) -> None:
        """Read the heads.

        Raises:
            HeadError: if the file holds something else, or cannot be written.
        """
        self.file = HeadFile(path)
        self.file.make()
        self.verifier = verifier
        self.last = next(reversed(self.file.read()), None)
        self._lock = threading.Lock()

    def take(self, head: Head, proof: Sequence[bytes]) -> None:
        """Keep a head, unless it says nothing new: everybody can read the heads and repeat them.

        Raises:
            RefusedHeadError: if its signature is not good, or it does not go on from the last one.
        """
        if not self.verifier.accepts(head):
            raise RefusedHeadError("its signature is wrong")
        with self._lock:
            if self.last is not None:
                _check_extends(self.last, head, proof)
                if head.size == self.last.size and head.at <= self.last.at:
                    return
            self.file.append(head)
            self.last = head


def read_offer(text: bytes) -> tuple[Head, list[bytes]]:
    """A head and its proof, as they are sent.

    Raises:
        HeadError: if they are none.
    """
    try:
        data = json.loads(text)
        proof = [bytes.fromhex(node) for node in data["proof"]]
        head = read_head(json.dumps(data["head"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise HeadError("send a head with its proof") from None
    if len(proof) > MOST_PROOF:
        raise HeadError("send a head with its proof")
    return head, proof


def _check_extends(last: Head, head: Head, proof: Sequence[bytes]) -> None:
    if head.size < last.size:
        raise RefusedHeadError(f"it has {head.size} events, but the last head had {last.size}")
    if head.size == last.size:
        goes_on = (head.root, head.last) == (last.root, last.last)
    else:
        roots = bytes.fromhex(last.root), bytes.fromhex(head.root)
        goes_on = merkle.consistent(last.size, roots[0], head.size, roots[1], proof)
    if not goes_on:
        raise RefusedHeadError(f"it does not continue from the last head, of {last.size} events")
