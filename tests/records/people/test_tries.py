"""The counts behind the limits, on both databases."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from support.storage import databases

from screening.records.ledger.records import Records
from screening.records.people.tries import (
    Limit,
    Rate,
    TooOftenError,
    count_try,
    forget_tries,
    withdraw,
)
from screening.records.storage.tables import TryRow

ONE, OTHER = "1" * 64, "2" * 64
HOUR = dt.timedelta(hours=1)
AT_ONCE = 8


def few(key: str = ONE, most: int = 3) -> Limit:
    return Limit(key, (Rate(most, HOUR),))


def admitted(records: Records, *limits: Limit, times: int = 5) -> int:
    """How many of several tries are counted."""
    counted = 0
    for _ in range(times):
        try:
            count_try(records, limits)
        except TooOftenError:
            continue
        counted += 1
    return counted


def counted(records: Records) -> int:
    with records.database.reading() as session:
        return session.scalar(select(func.count()).select_from(TryRow)) or 0


def test_in_no_hour_are_there_more_tries_than_the_limit(records: Records) -> None:
    clock, moments = databases.clock(records), []
    for _ in range(60):
        if admitted(records, few(), times=1):
            moments.append(clock.moment)
        clock.advance(minutes=7)
    assert all(later - first >= HOUR for first, later in zip(moments, moments[3:], strict=False))
    assert len(moments) >= 18


def test_it_says_how_long_to_wait(records: Records) -> None:
    clock = databases.clock(records)
    limit = Limit(ONE, (Rate(2, HOUR), Rate(3, 24 * HOUR)))
    for _ in range(2):
        count_try(records, [limit])
        clock.advance(minutes=10)
    with pytest.raises(TooOftenError) as refused:
        count_try(records, [limit])
    assert refused.value.wait.total_seconds() == pytest.approx(40 * 60, abs=1)
    clock.advance(seconds=refused.value.wait.total_seconds())
    count_try(records, [limit])
    with pytest.raises(TooOftenError) as refused:
        count_try(records, [limit])
    assert refused.value.wait.total_seconds() == pytest.approx(23 * 3600, abs=1)


def test_a_try_that_is_refused_is_counted_nowhere(records: Records) -> None:
    assert admitted(records, few(), few(OTHER, 9)) == 3
    assert counted(records) == 6
    assert admitted(records, few(OTHER, 9), times=9) == 6


def test_a_try_that_was_right_counts_no_longer(records: Records) -> None:
    for _ in range(9):
        withdraw(records, count_try(records, [few(), few(OTHER)]))
    assert counted(records) == 0
    assert admitted(records, few()) == 3


def test_what_is_forgotten_under_one_key_counts_under_the_other(records: Records) -> None:
    assert admitted(records, few(), few(OTHER)) == 3
    forget_tries(records, [ONE])
    assert admitted(records, few()) == 3
    assert admitted(records, few(OTHER)) == 0


@pytest.mark.parametrize("jump", [25, -25])
def test_after_a_day_and_after_a_clock_that_was_a_day_ahead_nothing_is_left(
    records: Records, jump: int
) -> None:
    assert admitted(records, few()) == 3
    databases.clock(records).advance(hours=jump)
    assert admitted(records, few()) == 3
    assert counted(records) == 3


def test_many_at_once_are_no_way_around_a_limit(records: Records) -> None:
    start = Barrier(AT_ONCE)

    def work(_: int) -> int:
        start.wait()
        return admitted(records, few(most=10), few(OTHER, 99), times=4)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert sum(pool.map(work, range(AT_ONCE))) == 10
