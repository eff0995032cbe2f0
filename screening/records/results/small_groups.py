"""Counts of people that are shown without showing a small group, not even by subtraction.

A group of 1 to 4 is not shown. Where the sizes of the others and of the whole would give it away,
others are left out as well: complementary suppression. That nobody is in a group is shown.

The sizes are those of one moment. Who compares two moments can see what came in between; that is
why every reading is an event of the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SMALLEST = 5
"""The smallest group that is shown."""
Counts = Sequence[int]


@dataclass(frozen=True, slots=True)
class SafeCounts:
    """The groups of one whole as they may be shown; None is not shown."""

    groups: tuple[int | None, ...]
    total: int | None

    @classmethod
    def all_hidden(cls, groups: int) -> "SafeCounts":
        """So many groups, none of which is shown."""
        return cls((None,) * groups, None)


def show_whole(counts: Counts) -> SafeCounts:
    """The groups of a whole, and its size, as far as they may be shown."""
    hidden = hidden_groups(counts)
    if hidden is None:
        return SafeCounts.all_hidden(len(counts))
    groups = tuple(None if at in hidden else count for at, count in enumerate(counts))
    return SafeCounts(groups, sum(counts))


def show_part(table: Sequence[Counts], part: int) -> SafeCounts:
    """The same for one part of several, beside which the other parts and the whole can be seen.

    Args:
        table: for each group its size in each part.
        part: which of the parts.
    """
    whole = hidden_groups([sum(group) for group in table])
    sizes = [sum(column) for column in zip(*table, strict=True)]
    small_parts = hidden_groups(sizes)
    if whole is None or small_parts is None or part in small_parts:
        return SafeCounts.all_hidden(len(table))
    hidden = _hidden_in_parts(table, whole, small_parts)
    groups = tuple(None if at in hidden else group[part] for at, group in enumerate(table))
    return SafeCounts(groups, sizes[part])


def hidden_groups(counts: Counts) -> frozenset[int] | None:
    """Which groups of a whole are not shown, by their places; None if the whole is not either."""
    hidden = {at for at, count in enumerate(counts) if _small(count)}
    for size in sorted({count for count in counts if count >= SMALLEST}):
        if _safe(counts, hidden):
            break
        # Of groups of one size all or none: which one was taken would tell who the small one is.
        hidden |= {at for at, count in enumerate(counts) if count == size}
    return frozenset(hidden) if _safe(counts, hidden) else None


def _small(count: int) -> bool:
    return 0 < count < SMALLEST


def _safe(counts: Counts, hidden: set[int]) -> bool:
    """True if what is left of the whole gives no hidden group away, to no reader of the rules."""
    if not hidden:
        return True
    left = sum(counts[at] for at in hidden)
    if len(hidden) == 1 or left < SMALLEST:
        return False
    # So many that all have one person, or all have four, could be told by their sum.
    return len(hidden) < left != len(hidden) * (SMALLEST - 1)


def _hidden_in_parts(
    table: Sequence[Counts], whole: frozenset[int], small_parts: frozenset[int]
) -> set[int]:
    """The groups that are shown in no part. Parts that are not shown count together."""
    columns = [list(column) for column in zip(*table, strict=True)]
    seen = [column for at, column in enumerate(columns) if at not in small_parts]
    if small_parts:
        rest = [columns[at] for at in sorted(small_parts)]
        seen.append([sum(group) for group in zip(*rest, strict=True)])
    hidden = whole | {at for at in range(len(table)) if any(_small(each[at]) for each in seen)}
    sizes = [sum(group) for group in table]
    found = set(hidden)
    for size in sorted({each for each in sizes if each}):
        if all(_safe(column, found) for column in seen):
            break
        found |= {at for at, each in enumerate(sizes) if each == size}
    return found
