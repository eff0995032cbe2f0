"""Nobody who sees the numbers, and knows how they are made, can work out a small group."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import product

import pytest

from screening.records.results.small_groups import SMALLEST, SafeCounts, show_part, show_whole

Counts = tuple[int, ...]
Table = tuple[Counts, ...]


def wholes(groups: int, most: int) -> Iterator[Counts]:
    """Every way to spread up to so many people over groups."""
    if groups == 0:
        yield ()
        return
    for first in range(most + 1):
        for rest in wholes(groups - 1, most - first):
            yield (first, *rest)


def worked_out(possible: list[Counts]) -> list[int]:
    """The places at which all possible counts are the same small one."""
    values = [set(column) for column in zip(*possible, strict=True)]
    return [at for at, v in enumerate(values) if len(v) == 1 and 0 < min(v) < SMALLEST]


def given_away(shown: Callable[[Counts], object], all_counts: Iterator[Counts]) -> list[Counts]:
    """Of every set of counts that look alike, one in which a small group can be worked out."""
    alike: dict[object, list[Counts]] = defaultdict(list)
    for counts in all_counts:
        alike[shown(counts)].append(counts)
    return [possible[0] for possible in alike.values() if worked_out(possible)]


@pytest.mark.parametrize(("groups", "most"), [(1, 30), (2, 40), (3, 30), (4, 22), (5, 16)])
def test_no_small_group_of_a_whole_is_shown_or_worked_out(groups: int, most: int) -> None:
    assert given_away(show_whole, wholes(groups, most)) == []


@pytest.mark.parametrize(("groups", "parts", "most"), [(2, 2, 22), (3, 2, 15), (2, 3, 15)])
def test_no_small_group_of_a_part_is_worked_out_from_the_others_and_the_whole(
    groups: int, parts: int, most: int
) -> None:
    def shown(counts: Counts) -> tuple[SafeCounts, ...]:
        table = folded(counts, groups, parts)
        whole = show_whole([sum(group) for group in table])
        return (whole, *(show_part(table, part) for part in range(parts)))

    assert given_away(shown, wholes(groups * parts, most)) == []


def folded(counts: Counts, groups: int, parts: int) -> Table:
    return tuple(counts[at * parts : (at + 1) * parts] for at in range(groups))


def test_with_hiding_alone_a_subtraction_would_give_a_small_group_away() -> None:
    def shown(counts: Counts) -> object:
        return [c if c == 0 or c >= SMALLEST else None for c in counts].__repr__(), sum(counts)

    assert given_away(shown, wholes(3, 20)) != []


def test_what_is_large_is_shown() -> None:
    assert show_whole((12, 0, 30)) == SafeCounts((12, 0, 30), 42)
    assert show_whole((12, 3, 30)) == SafeCounts((None, None, 30), 45)
    assert show_whole((0, 3)) == SafeCounts((None, None), None)
    for part, expected in product(range(2), [(10, 9)]):
        assert show_part(((10, 10), (9, 9)), part).groups == expected
