"""Our Merkle tree against another's, and against every small tree."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from screening.records.ledger import merkle

SIZES = range(1, 34)


def entries(size: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(size)]


def leaves(size: int) -> list[bytes]:
    return [merkle.leaf(entry) for entry in entries(size)]


def peaks_of(leaves: Sequence[bytes]) -> merkle.Peaks:
    peaks = merkle.Peaks()
    for leaf in leaves:
        peaks.add(leaf)
    return peaks


def root(size: int) -> bytes:
    return peaks_of(leaves(size)).root()


def growth(old: int, leaves: Sequence[bytes]) -> list[bytes]:
    return merkle.prove_growth(peaks_of(leaves[:old]), len(leaves), leaves[old:])


def other(size: int) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries(size):
        tree.append_entry(entry)
    return tree


def test_the_tree_without_entries_has_the_documented_root() -> None:
    assert merkle.Peaks().root() == merkle.EMPTY == hashlib.sha256().digest()


@pytest.mark.parametrize("size", SIZES)
def test_another_implementation_finds_the_same_root(size: int) -> None:
    assert other(size).get_root() == root(size)


@pytest.mark.parametrize("size", SIZES)
def test_another_implementation_makes_the_same_inclusion_proofs(size: int) -> None:
    tree = other(size)
    for place in range(size):
        ours = merkle.prove_inclusion(place, size, leaves(size))
        theirs = tree.prove_inclusion(place + 1, size)
        verify_inclusion(leaves(size)[place], root(size), theirs)
        assert ours == list(theirs.path[1:])
        assert merkle.verify_inclusion(leaves(size)[place], place, size, ours, root(size))


@pytest.mark.parametrize("size", SIZES)
def test_another_implementation_agrees_on_consistency(size: int) -> None:
    tree = other(size)
    for old in range(1, size + 1):
        verify_consistency(root(old), root(size), tree.prove_consistency(old, size))
        ours = growth(old, leaves(size))
        assert merkle.verify_consistency(old, root(old), size, root(size), ours)


@given(st.integers(1, 70), st.data())
def test_a_proof_with_any_change_proves_nothing(size: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, size - 1))
    proof = merkle.prove_inclusion(place, size, leaves(size))
    wrong = data.draw(st.integers(0, size - 1).filter(lambda each: each != place) | st.just(-1))
    leaf, whole = leaves(size)[place], root(size)
    assert not merkle.verify_inclusion(leaf, wrong, size, proof, whole)
    assert not merkle.verify_inclusion(leaf, place, size, [*proof, b"\0" * 32], whole)
    for number in range(len(proof)):
        changed = [*proof]
        changed[number] = bytes([changed[number][0] ^ 1]) + changed[number][1:]
        assert not merkle.verify_inclusion(leaf, place, size, changed, whole)
        assert not merkle.verify_inclusion(leaf, place, size, proof[:number], whole)


@given(st.integers(2, 70), st.data())
def test_a_rewritten_past_has_no_proof(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    forged = data.draw(st.integers(0, old - 1))
    changed = leaves(size)
    changed[forged] = merkle.leaf(b"another")
    proof = growth(old, changed)
    assert not merkle.verify_consistency(old, root(old), size, peaks_of(changed).root(), proof)


@pytest.mark.parametrize(("place", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_a_place_outside(place: int, size: int) -> None:
    with pytest.raises(IndexError):
        merkle.inclusion_ranges(place, size)
    assert not merkle.verify_inclusion(b"", place, size, [], b"")


@pytest.mark.parametrize("old", [0, 4])
def test_there_is_no_proof_of_a_tree_that_is_no_beginning(old: int) -> None:
    with pytest.raises(IndexError):
        merkle.consistency_ranges(old, 3)
    assert not merkle.verify_consistency(old, b"", 3, b"", [])


def test_peaks_go_on_from_their_nodes() -> None:
    peaks = merkle.Peaks()
    for number in range(13):
        peaks.add(merkle.leaf(bytes([number])))
    again = merkle.Peaks.of(peaks.size, peaks.nodes())
    for each in (peaks, again):
        each.add(merkle.leaf(b"next"))
    assert again.root() == peaks.root()
    with pytest.raises(ValueError, match="12"):
        merkle.Peaks.of(12, peaks.nodes())
