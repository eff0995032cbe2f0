"""The heads that a witness keeps of a ledger on another machine.

The witness never sees an event. It refuses a head if the proof that comes with it does not show
that it continues from the last one: then that ledger was cut off or rewritten, or an older backup
of it was restored. Only a person at the witness can tell which, and make it start again.

Source: RFC 9162, section 2.1.4 (consistency proofs).
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from screening.errors import ScreeningError
from screening.records.ledger import merkle
from screening.records.ledger.signed_head import Head, HeadError, Restart, Verifier, read_head
from screening.records.witness.head_file import HeadFile

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
        self.file.read()
        self.verifier = verifier
        self._lock = threading.Lock()

    @property
    def last(self) -> Head | None:
        """The newest head, as the file has it now: somebody may have let the witness start again.

        Raises:
            HeadError: if it is none.
        """
        return self.file.last()

    def take(self, head: Head, proof: Sequence[bytes]) -> None:
        """Keep a head, unless it says nothing new: everybody can read the heads and repeat them.

        Raises:
            RefusedHeadError: if its signature is not good, or it does not go on from the last one.
        """
        if not self.verifier.accepts(head):
            raise RefusedHeadError(self.verifier.refusal(head))
        with self._lock:
            last = self.last
            if last is not None:
                _check_extends(last, head, proof)
                if head.size == last.size and head.at <= last.at:
                    return
            self.file.append(head)

    def start_again(self, head: Head, restart: Restart) -> None:
        """Keep a head that does not continue from the last one. The heads before stay in the file.

        Nothing that comes over the network gets here: the person at the witness asked for it.

        Raises:
            RefusedHeadError: if its signature is not good, it is older than the last one, or it
                has fewer events than are to be kept.
        """
        if not self.verifier.accepts(head):
            raise RefusedHeadError(self.verifier.refusal(head))
        last = self.last
        if last is None or head.at <= last.at:
            raise RefusedHeadError("it is not newer than the last head; make one on the server now")
        if not 0 < restart.kept <= min(last.size, head.size):
            says = f"the backup had {restart.kept} events, but the last head {last.size}"
            raise RefusedHeadError(f"{says} and the new one {head.size}")
        self.file.append(replace(head, restart=restart))


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
    if len(proof) > MOST_PROOF or head.restart:  # which only the witness itself may add
        raise HeadError("send a head with its proof")
    return head, proof


def _check_extends(last: Head, head: Head, proof: Sequence[bytes]) -> None:
    if head.size < last.size:
        raise RefusedHeadError(f"it has {head.size} events, but the last head had {last.size}")
    if head.size == last.size:
        goes_on = (head.root, head.last) == (last.root, last.last)
    else:
        roots = bytes.fromhex(last.root), bytes.fromhex(head.root)
        goes_on = merkle.verify_consistency(last.size, roots[0], head.size, roots[1], proof)
    if not goes_on:
        raise RefusedHeadError(f"it does not continue from the last head, of {last.size} events")
