"""Keys that a timer destroys: a clock that is far ahead makes every key look old."""

from pathlib import Path

import pytest
from support.storage.databases import clock
from support.storage.forgery import tamper

from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.operation import rotation, unused_keys


def work_for(records: Records, days: int, *, every: int = 1) -> None:
    """Let somebody sign in every few days."""
    for _ in range(0, days, every):
        clock(records).advance(days=every)
        record_event(records, 1, EventKind.SIGNED_IN)


@pytest.fixture
def old(kept: Records, keyring_file: Path) -> str:
    """A key that another one replaced just now."""
    name = kept.keyring().newest
    rotation.rotate(kept, 0, keyring_file)
    return name


def unused(records: Records, days: int) -> list[tuple[str, bool]]:
    found = unused_keys.unused_for(records, days)
    return [(each.use.name, each.is_doubtful) for each in found]


def test_a_key_that_was_replaced_long_ago_is_unused(kept: Records, old: str) -> None:
    work_for(kept, 61)
    assert unused(kept, 60) == [(old, False)]
    assert unused(kept, 62) == []


def test_a_clock_that_is_far_ahead_makes_the_age_of_a_key_doubtful(kept: Records, old: str) -> None:
    work_for(kept, 10)
    clock(kept).advance(days=100)
    assert unused(kept, 60) == [(old, True)]
    work_for(kept, 5)  # with the wrong clock
    assert unused(kept, 60) == [(old, True)]
    work_for(kept, 46)
    assert unused(kept, 60) == [(old, False)]


def test_a_clock_that_was_far_behind_at_the_rotation_makes_it_doubtful_too(
    kept: Records, keyring_file: Path
) -> None:
    clock(kept).advance(days=-3000)
    name = kept.keyring().newest
    rotation.rotate(kept, 0, keyring_file)
    clock(kept).advance(days=3000)
    work_for(kept, 3)
    assert unused(kept, 60) == [(name, True)]


def test_a_week_without_work_is_usual(kept: Records, old: str) -> None:
    work_for(kept, 63, every=7)
    assert unused(kept, 60) == [(old, False)]


def test_a_key_that_may_go_at_once_is_never_doubtful(kept: Records, old: str) -> None:
    clock(kept).advance(days=100)
    assert unused(kept, 0) == [(old, False)]


def test_a_day_that_cannot_be_read_counts_as_one_without_events(kept: Records, old: str) -> None:
    work_for(kept, 61)
    tamper(kept, "UPDATE events SET at = '2026-13-45T' WHERE kind = 'signed-in'")
    assert unused(kept, 60) == [(old, True)]
