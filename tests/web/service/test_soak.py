"""The short form of `make soak`."""

from pathlib import Path

from support.services.soak import MOST_GROWTH, soak


def test_a_nurses_requests_meet_no_error_and_memory_does_not_grow(tmp_path: Path) -> None:
    found = soak(tmp_path, 20)
    assert found.errors == []
    assert found.requests > 50
    assert found.grown < MOST_GROWTH
