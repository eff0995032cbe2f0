"""Small suites on plain sets of points, where the smallest size is found by trying all."""

from collections.abc import Collection
from functools import cache
from itertools import combinations, product
from random import Random

from support.rulesets.seeds import rng_of

from screening.core.compiled.diagram import Diagram
from screening.core.values.truth import Truth
from screening.proof.examples.suites import smallest_suite

ARITIES = (2, 3, 2)
POINTS = list(product(*map(range, ARITIES)))
TRIALS = 150


def goal_of(diagram: Diagram, points: Collection[tuple[int, ...]]) -> int:
    """The function that holds at some points and at no others."""

    @cache
    def made(prefix: tuple[int, ...]) -> int:
        level = len(prefix)
        if level == len(ARITIES):
            return diagram.constant(Truth.of(value=prefix in points))
        return diagram.node(level, [made((*prefix, branch)) for branch in range(ARITIES[level])])

    return made(())


def random_goals(rng: Random, count: int) -> list[frozenset[tuple[int, ...]]]:
    return [frozenset(rng.sample(POINTS, rng.randint(1, 4))) for _ in range(count)]


def fewest(goals: list[frozenset[tuple[int, ...]]]) -> int:
    """The size of the smallest set of points that meets all goals."""
    for size in range(len(goals) + 1):
        for chosen in combinations(POINTS, size):
            if all(goal.intersection(chosen) for goal in goals):
                return size
    raise AssertionError(goals)


def test_sizes_lie_between_the_bound_and_little_more_than_the_smallest() -> None:
    rng = rng_of("suites")
    tight = 0
    for _ in range(TRIALS):
        diagram, goals = Diagram(ARITIES), random_goals(rng, rng.randint(1, 7))
        suite = smallest_suite(diagram, [goal_of(diagram, goal) for goal in goals], [])
        best = fewest(goals)
        assert len(suite.certificate) <= best <= suite.needed == len(suite.tests)
        tight += suite.needed == best
    assert tight > TRIALS * 0.95


def test_any_points_of_the_tests_meet_the_goals_and_the_first_ones_first() -> None:
    rng = rng_of("suites of two kinds")
    for _ in range(TRIALS):
        diagram = Diagram(ARITIES)
        first, then = random_goals(rng, 3), random_goals(rng, 3)
        firm, more = ([goal_of(diagram, goal) for goal in goals] for goals in (first, then))
        suite = smallest_suite(diagram, firm, more)
        found = [
            rng.choice([p for p in POINTS if diagram.at(test, p) is Truth.TRUE])
            for test in suite.tests
        ]
        assert all(goal.intersection(found[: suite.needed]) for goal in first)
        assert all(goal.intersection(found) for goal in (*first, *then))
        assert len(suite.certificate) <= len(suite.whole_certificate) <= len(suite.tests)


def test_nothing_to_show_takes_no_tests() -> None:
    suite = smallest_suite(Diagram(ARITIES), [], [])
    assert (suite.tests, suite.needed, suite.certificate) == ((), 0, ())
