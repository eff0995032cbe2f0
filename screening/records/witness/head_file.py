"""The file of signed heads: one a line, and lines are only added.

What it proves depends on where it is: somebody who can change both the database and this file can
cut off both. A second file beside it keeps how far the tree was read, for the next start.
"""

import datetime as dt
import json
import os
from dataclasses import dataclass
from pathlib import Path

from screening.records.ledger.merkle import Peaks
from screening.records.ledger.signed_head import Head, HeadError, Verifier, read_head, read_heads
from screening.records.ledger.tree import LedgerTree

_OWNER_ONLY = 0o600
_TAIL = 4096
PAGE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class HeadFile:
    """A place where heads are kept."""

    path: Path

    def read(self) -> list[Head]:
        """Every head; a last line without its end was never kept.

        Raises:
            HeadError: if a line is none.
        """
        if not self.path.exists():
            return []
        whole = self.path.read_text("utf-8", errors="replace").rpartition("\n")[0]
        return read_heads(whole, str(self.path))

    def page(self, start: int) -> str:
        """The whole lines from a byte on, as many as fit into a page; none at the end."""
        with self.path.open("rb") as file:
            file.seek(start)
            whole, end, _ = file.read(PAGE).rpartition(b"\n")
        return (whole + end).decode("utf-8", errors="replace")

    def make(self) -> None:
        """Make the file if there is none, so that it is known that heads can be kept.

        Raises:
            HeadError: if it cannot be written.
        """
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, _OWNER_ONLY))
        except OSError as error:
            raise HeadError(f"cannot keep heads in {self.path}: {error.strerror}") from None

    def last(self) -> Head | None:
        """The newest head, without a look at those before it.

        Raises:
            HeadError: if it is none.
        """
        if not self.path.exists():
            return None
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - _TAIL))
            lines = file.read().decode("utf-8", errors="replace").split("\n")[:-1]
        return read_head(lines[-1]) if lines else None

    def append(self, head: Head) -> None:
        """Keep a head, for good."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        with os.fdopen(os.open(self.path, flags, _OWNER_ONLY), "r+b") as file:
            _cut_unfinished(file.fileno())
            file.write(json.dumps(head.write()).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def set_aside(self, at: dt.datetime) -> Path | None:
        """Give the file another name, as when another ledger begins; gives that, if there was one.

        A keeper of heads elsewhere keeps them: there, the other ledger contradicts.
        """
        if not self.path.exists():
            return None
        aside = self.path.with_name(f"{self.path.stem}-until-{at:%Y%m%dT%H%M%SZ}{self.path.suffix}")
        return self.path.rename(aside)

    def keep_tree(self, tree: LedgerTree) -> None:
        """Keep how far the tree was read. If it gets lost, the tree is read again."""
        nodes = [node.hex() for node in tree.peaks.nodes()]
        part = self._tree.with_suffix(".part")
        part.unlink(missing_ok=True)  # one of before may be readable by everybody
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, _OWNER_ONLY), "w") as file:
            json.dump({"size": tree.size, "last": tree.last, "nodes": nodes}, file)
        part.replace(self._tree)

    def resume(self, verifier: Verifier) -> LedgerTree:
        """The tree that the last head was signed for; an empty one if that cannot be shown."""
        try:
            said, head = json.loads(self._tree.read_text("utf-8")), self.last()
            nodes = [bytes.fromhex(node) for node in said["nodes"]]
            tree = LedgerTree(Peaks.of(said["size"], nodes), said["last"])
        except (OSError, ValueError, KeyError, TypeError):
            return LedgerTree()
        signed = head is not None and verifier.accepts(head)
        same = head and (head.size, head.last, head.root) == (
            tree.size,
            tree.last,
            tree.peaks.root().hex(),
        )
        return tree if signed and same else LedgerTree()

    @property
    def _tree(self) -> Path:
        return self.path.with_suffix(".tree")


def _cut_unfinished(file: int) -> None:
    """Cut off a last line that a power cut left without its end."""
    size = os.fstat(file).st_size
    start = max(0, size - _TAIL)
    tail = os.pread(file, _TAIL, start)
    if tail and not tail.endswith(b"\n"):
        os.ftruncate(file, start + tail.rfind(b"\n") + 1)
