"""Finished papers, so that none is laid out at each view; sealed, so that none can be read here.

A paper is found and opened by the whole text that it was made of. Who may see a letter has its
text made again for them; nobody else can open the PDF, and nobody at all once the case is erased.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from threading import Lock

from screening.records.sealing.vault import DataKey, token

MOST = 64
LARGEST = 256 * 1024
"""In bytes; a larger paper is laid out again each time."""


class PaperShelf:
    """At most so many papers; the one that was unused for longest goes."""

    def __init__(self, most: int = MOST) -> None:
        """Begin empty."""
        self._most, self._secret = most, secrets.token_bytes(32)
        self.papers: OrderedDict[str, bytes] = OrderedDict()  # sealed, by name
        self._lock = Lock()

    def get(self, text: str) -> bytes | None:
        """The paper that was made of a text, if it is here."""
        key = self._key_of(text)
        name = token(key, "paper", "name")
        with self._lock:
            sealed = self.papers.get(name)
            if sealed is None:
                return None
            self.papers.move_to_end(name)
        return key.unseal(sealed, "paper", name)

    def put(self, text: str, paper: bytes) -> None:
        """Keep the paper that was made of a text."""
        if len(paper) > LARGEST:
            return
        key = self._key_of(text)
        name = token(key, "paper", "name")
        sealed = key.seal(paper, "paper", name)
        with self._lock:
            self.papers[name] = sealed
            while len(self.papers) > self._most:
                self.papers.popitem(last=False)

    def clear(self) -> None:
        """Keep none."""
        with self._lock:
            self.papers.clear()

    def __len__(self) -> int:
        """The number of papers."""
        return len(self.papers)

    def _key_of(self, text: str) -> DataKey:
        made = hmac.new(self._secret, text.encode(), hashlib.sha256).digest()
        return DataKey("paper", made)
