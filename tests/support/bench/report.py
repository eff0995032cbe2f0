"""The frame of every benchmark: CPU time in rounds, and ratios to a baseline of the same run.

    table = Table("One answer set")
    table.time("plain if/else", lambda: [judge(row) for row in rows], per=len(rows))
    table.time("assess", lambda: [assess(rules, each, day) for each in some], per=len(some))
    sys.exit(table.show("plain if/else", at_most={"assess": 12}))

All works of a table take turns in each round, so that a busy minute falls on all of them alike. The
output is Markdown; `support.bench.run` gathers it from all scripts into one report.
"""

import gc
import resource
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROUNDS = 7
LEAST = 0.02
"""Seconds that a work runs in one round, so that the clock is exact enough."""
FOLDER = Path(__file__).parents[3] / "benchmarks"
"""For what a run writes: the report, and pictures that it shows. Git-ignored."""
_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


class DisagreementError(Exception):
    """Two ways that must give the same give different results: their times say nothing."""


class Work(NamedTuple):
    """A work to be timed, and the number of equal parts that it does in one call."""

    call: Callable[[], object]
    per: int


class Table:
    """Times by name, measured when first shown."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.seconds: dict[str, list[float]] = {}
        """Of one part, in each round."""
        self._works: dict[str, Work] = {}

    def time(self, name: str, call: Callable[[], object], *, per: int = 1) -> None:
        """Have the CPU time of a call measured, divided by ``per``; with its child processes."""
        self.seconds[name] = []
        self._works[name] = Work(call, per)

    def add(self, name: str, seconds: Sequence[float]) -> None:
        """Take times that were measured elsewhere."""
        self.seconds[name] = list(seconds)

    def median(self, name: str) -> float:
        self._measure()
        return statistics.median(self.seconds[name])

    def ratio(self, name: str, baseline: str) -> float:
        return self.median(name) / self.median(baseline)

    def show(
        self,
        baseline: str,
        at_most: Mapping[str, float] | None = None,
        names: Sequence[str] | None = None,
    ) -> int:
        """Print the table; gives 1 if a ratio is above its goal.

        Args:
            baseline: the name that all others are compared with.
            at_most: the goals: name to the highest ratio.
            names: the rows, if not all.
        """
        goals = at_most or {}
        title = f"{self.title}: beside {baseline}" if names else self.title
        print(f"\n### {title}\n\n| | CPU, median | spread | x {baseline} | goal |")
        print("|---|---:|---:|---:|---|")
        for name in names or self.seconds:
            ratio, goal = self.ratio(name, baseline), goals.get(name)
            cells = (name, _said(self.median(name)), self.spread(name), f"{ratio:,.2f}")
            print("|", *(f"{cell} |" for cell in cells), f"{_judged(ratio, goal)} |")
        return int(any(self.ratio(name, baseline) > goal for name, goal in goals.items()))

    def spread(self, name: str) -> str:
        """Half of the distance between the quartiles, in parts of the median."""
        if len(self.seconds[name]) < 2:
            return ""
        low, middle, high = statistics.quantiles(self.seconds[name], n=4, method="inclusive")
        return f"± {(high - low) / 2 / middle:.0%}"

    def _measure(self) -> None:
        works, self._works = self._works, {}
        repeats = {name: _enough(work.call) for name, work in works.items()}
        gc.collect()
        gc.freeze()  # what the benchmark itself holds is not searched for garbage meanwhile
        for _ in range(ROUNDS if works else 0):
            for name, work in works.items():
                took = spent(work.call, repeats[name])
                self.seconds[name].append(took / repeats[name] / work.per)
        gc.unfreeze()


def show_beside(
    title: str,
    heads: tuple[str, str],
    pairs: Mapping[str, tuple[Callable[[], object], Callable[[], object]]],
    at_most: float,
) -> int:
    """Measure pairs of works, each against its own baseline; gives 1 if a ratio is above the goal.

    Args:
        title: of the table.
        heads: what the first and the second of each pair are.
        pairs: by name, the baseline and what is compared with it.
        at_most: the goal of every pair.
    """
    print(f"\n### {title}\n\n| | {heads[0]} | {heads[1]} | spread | ratio | goal |")
    print("|---|---:|---:|---:|---:|---|")
    worst = 0.0
    for name, (plain, whole) in pairs.items():
        table = Table(name)
        table.time(heads[0], plain)
        table.time(heads[1], whole)
        ratio = table.ratio(heads[1], heads[0])
        worst = max(worst, ratio)
        cells = [name, *(_said(table.median(head)) for head in heads), table.spread(heads[1])]
        print("|", *(f"{cell} |" for cell in (*cells, f"{ratio:,.2f}", _judged(ratio, at_most))))
    return int(worst > at_most)


def spent(call: Callable[[], object], repeats: int = 1) -> float:
    """The CPU seconds of some calls, child processes that ended in them included."""
    began = _clock()
    for _ in range(repeats):
        call()
    return _clock() - began


def agree(name: str, pairs: Iterable[tuple[object, object]]) -> None:
    """Print on how many results a way agrees with what is wanted.

    Raises:
        DisagreementError: if it differs in any.
    """
    listed = list(pairs)
    wrong = [pair for pair in listed if pair[0] != pair[1]]
    if wrong:
        raise DisagreementError(name, len(wrong), len(listed), wrong[0])
    print(f"- {name}: agrees on {len(listed):,} of {len(listed):,}")


def _clock() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _enough(call: Callable[[], object]) -> int:
    """How often to call in one round; the first call, which loads, is left out."""
    call()
    once = max(spent(call), 1e-7)
    return max(1, round(LEAST / once)) if ROUNDS > 1 else 1


def _said(seconds: float) -> str:
    size, unit = next((each for each in _UNITS if seconds >= each[0]), _UNITS[-1])
    return f"{seconds / size:,.3g} {unit}" if seconds < 1000 else f"{seconds:,.0f} s"


def _judged(ratio: float, goal: float | None) -> str:
    if goal is None:
        return ""
    return f"≤ {goal:.3g} {'met' if ratio <= goal else '**not met**'}"
