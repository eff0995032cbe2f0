"""A Merkle tree over a stream of entries, in memory that grows with the logarithm of their number.

No node is stored: a root or a proof is worked out by reading the entries once. Ranges of entries
are half-open, counted from 0.

Source: RFC 9162, section 2.1.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

Range = tuple[int, int]

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without entries."""


def leaf(entry: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


class Peaks:
    """The root of all leaves so far: a stack of the full subtrees that they make up."""

    def __init__(self) -> None:
        self._stack: list[bytes] = []
        self.size = 0

    def add(self, leaf_hash: bytes) -> None:
        """Take the next leaf."""
        self.size += 1
        node, count = leaf_hash, self.size
        while count % 2 == 0:
            node = _node(self._stack.pop(), node)
            count //= 2
        self._stack.append(node)

    @classmethod
    def of(cls, size: int, nodes: Sequence[bytes]) -> "Peaks":
        """The peaks that ``nodes`` gave.

        Raises:
            ValueError: if so many leaves have another number of peaks.
        """
        if size < 0 or size.bit_count() != len(nodes):
            raise ValueError(size)
        peaks = cls()
        peaks._stack, peaks.size = list(nodes), size
        return peaks

    def nodes(self) -> list[bytes]:
        """The roots of the full subtrees, the largest first."""
        return list(self._stack)

    def copy(self) -> "Peaks":
        """The same peaks, to be kept while these grow."""
        return Peaks.of(self.size, self._stack)

    def ranges(self) -> list[Range]:
        """The ranges of the full subtrees, the largest first."""
        found, start = [], 0
        for bit in range(self.size.bit_length() - 1, -1, -1):
            if self.size >> bit & 1:
                found.append((start, start + (1 << bit)))
                start += 1 << bit
        return found

    def root(self) -> bytes:
        """The root of the leaves so far."""
        if not self._stack:
            return EMPTY
        node = self._stack[-1]
        for left in reversed(self._stack[:-1]):
            node = _node(left, node)
        return node


def roots_of(
    ranges: Iterable[Range], leaves: Iterable[bytes], first: int = 0
) -> dict[Range, bytes]:
    """The roots of ranges that do not overlap, from one reading of the leaves.

    Args:
        ranges: none of which begins before ``first``.
        leaves: from the place ``first`` on.
        first: a place of the tree.
    """
    roots: dict[Range, bytes] = {}
    following = iter(leaves)
    at = first
    for start, end in sorted(ranges):
        peaks = Peaks()
        for place, leaf_hash in enumerate(following, start=at):
            at = place + 1
            if place >= start:
                peaks.add(leaf_hash)
            if at == end:
                break
        roots[start, end] = peaks.root()
    return roots


def inclusion_ranges(place: int, size: int) -> list[Range]:
    """The subtrees whose roots prove that an entry is in a tree of a size, nearest first."""
    if not 0 <= place < size:
        raise IndexError(place)
    return list(_inclusion(place, 0, size))


def consistency_ranges(old: int, size: int) -> list[Range]:
    """The subtrees whose roots prove that a tree begins with an older one, in RFC 9162's order."""
    if not 0 < old <= size:
        raise IndexError(old)
    return list(_consistency(old, 0, size, whole=True))


def prove_inclusion(place: int, size: int, leaves: Iterable[bytes]) -> list[bytes]:
    """The proof that the entry at a place is in the tree of the first ``size`` leaves."""
    ranges = inclusion_ranges(place, size)
    roots = roots_of(ranges, leaves)
    return [roots[each] for each in ranges]


def prove_growth(old: Peaks, size: int, added: Iterable[bytes]) -> list[bytes]:
    """The proof that a tree of ``size`` leaves begins with an older one.

    Args:
        old: the peaks of the older tree; its leaves are not needed.
        size: the number of leaves of the newer tree.
        added: the leaves from the older tree's size on.

    Returns:
        The proof in RFC 9162's order.
    """
    known = dict(zip(old.ranges(), old.nodes(), strict=True))
    ranges = consistency_ranges(old.size, size)
    new = roots_of([each for each in ranges if each not in known], added, old.size)
    return [known[each] if each in known else new[each] for each in ranges]


def verify_inclusion(
    leaf_hash: bytes, place: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """True if a proof shows that a leaf is at a place of the tree with this size and root."""
    if not 0 <= place < size:
        return False
    ranges = inclusion_ranges(place, size)
    if len(ranges) != len(proof):
        return False
    node = leaf_hash
    for (start, _), sibling in zip(ranges, proof, strict=True):
        node = _node(node, sibling) if start > place else _node(sibling, node)
    return node == root


def verify_consistency(
    old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> bool:
    """True if a proof shows that a tree begins with an older one."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not proof and old_root == root
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    earlier, later = old - 1, size - 1
    while earlier % 2:
        earlier, later = earlier // 2, later // 2
    old_node = node = path[0]
    for sibling in path[1:]:
        if later == 0:
            return False
        if earlier % 2 or earlier == later:
            old_node, node = _node(sibling, old_node), _node(sibling, node)
            while earlier % 2 == 0 and earlier:
                earlier, later = earlier // 2, later // 2
        else:
            node = _node(node, sibling)
        earlier, later = earlier // 2, later // 2
    return later == 0 and old_node == old_root and node == root


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(start: int, end: int) -> int:
    """The size of a tree's left part: the largest power of two below its size."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def _inclusion(place: int, start: int, end: int) -> Iterator[Range]:
    if end - start == 1:
        return
    middle = _split(start, end)
    if place < middle:
        yield from _inclusion(place, start, middle)
        yield middle, end
    else:
        yield from _inclusion(place, middle, end)
        yield start, middle


def _consistency(old: int, start: int, end: int, *, whole: bool) -> Iterator[Range]:
    """RFC 9162's SUBPROOF; ``whole`` as long as the older tree is one that its owner knows."""
    if old == end:
        if not whole:
            yield start, end
        return
    middle = _split(start, end)
    if old <= middle:
        yield from _consistency(old, start, middle, whole=whole)
        yield middle, end
    else:
        yield from _consistency(old, middle, end, whole=False)
        yield start, middle
