"""Wherever a missing answer is read as "no" instead of "unknown", a law of assessment breaks.

Each test breaks the core at one place and expects the laws, on random rulesets, to see it.
"""

import ast
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from support.oracles.day_laws import DAY_LAWS, Case, cases
from support.oracles.laws import LAWS
from support.oracles.mutants import Mutant, mutants, replace_everywhere
from support.rulesets.strategies import Scenario, scenarios

from screening.core.compiled import functions, model, program, representatives
from screening.core.compiled.variable import Variable
from screening.core.results import assess, evaluation, needs, result
from screening.core.rules import finding
from screening.core.rules.condition import Test
from screening.core.rules.finding import Finding
from screening.core.rules.item import Item, ItemType
from screening.core.values import truth
from screening.core.values.answer import Answer, Value
from screening.core.values.truth import Truth
from screening.words.shared import labels

CORE = (truth, finding, functions, model, assess, result, needs, labels)
quick = settings(
    max_examples=600,  # far fewer are made: the first that breaks a law ends the search
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)

longer = settings(quick, max_examples=6_000)
few = settings(quick, max_examples=240)


def unknown_becomes_false(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Attribute) and ast.unparse(node) == "Truth.UNKNOWN":
        yield ast.parse("Truth.FALSE", mode="eval").body


MENTIONS = [mutant for module in CORE for mutant in mutants(module, unknown_becomes_false)]


def broken_law(search: settings = quick) -> str:
    """The name of the first law that some scenario breaks, if any does."""
    broken: list[str] = []

    def check(scenario: Scenario) -> None:
        for law in LAWS:
            try:
                law(scenario)
            except Exception:
                broken.append(law.__name__)
                raise

    def check_days(case: Case) -> None:
        for law in DAY_LAWS:
            try:
                law(case)
            except Exception:
                broken.append(law.__name__)
                raise

    try:
        search(given(scenarios())(check))()
        few(given(cases())(check_days))()
    except Exception:  # noqa: BLE001 - a broken core may fail in any way
        assert broken
    return broken[0] if broken else ""


def some_law_is_broken() -> bool:
    """Whether a search finds one; a scenario that shows it may be rare, so a longer one follows."""
    return any(broken_law(search) for search in (quick, longer))


def test_the_unbroken_core_keeps_every_law() -> None:
    assert broken_law() == ""


def test_every_place_that_makes_or_reads_unknown_is_found() -> None:
    assert {(mutant.module, mutant.name) for mutant in MENTIONS} >= {
        (truth, "_OPPOSITE"),
        (truth, "at_least"),
        (finding, "_test"),
        (finding, "_gather"),
        (functions, "truth_in"),
        (functions, "common_truth"),
    }


@pytest.mark.parametrize("mutant", MENTIONS, ids=str)
def test_false_instead_of_unknown_breaks_a_law(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant.apply(monkeypatch)
    assert some_law_is_broken()


real_test, real_at_least, real_truths = finding._test, truth.at_least, program._truths  # noqa: SLF001
real_union, real_values = model._union, representatives.representatives  # noqa: SLF001


def left_out_is_false(test: Test, answer: Answer | None, as_of: dt.date) -> Finding:
    if answer is None:
        return Finding(condition=test, truth=Truth.FALSE)
    return real_test(test, answer, as_of)


def absent_is_false(test: Test, answer: Answer | None, as_of: dt.date) -> Finding:
    if answer is not None and answer.value is None:
        return Finding(condition=test, truth=Truth.FALSE, answer=answer)
    return real_test(test, answer, as_of)


def unknown_counts_as_false(count: int, truths: Iterable[Truth]) -> Truth:
    return real_at_least(count, (Truth.of(value=each is Truth.TRUE) for each in truths))


def missing_is_false_in_steps(variable: Variable, test: Test) -> Iterator[int]:
    *known, _ = real_truths(variable, test)
    yield from (*known, program.FALSE)


def completed_with_no(item: Item, tests: Sequence[Test], as_of: dt.date) -> list[Value]:
    values = real_values(item, tests, as_of)
    return [False] if item.type is ItemType.YES_NO else values


def completed_in_one_way(_one: model.Possible, other: model.Possible) -> model.Possible:
    return other


@pytest.mark.parametrize(
    ("original", "broken"),
    [
        (real_test, left_out_is_false),
        (real_test, absent_is_false),
        (real_at_least, unknown_counts_as_false),
        (real_truths, missing_is_false_in_steps),
        (real_values, completed_with_no),
        (real_union, completed_in_one_way),
    ],
    ids=lambda function: function.__name__,
)
def test_reading_a_missing_answer_as_no_breaks_a_law(
    original: Callable[..., object],
    broken: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replace_everywhere(monkeypatch, original, broken)
    assert some_law_is_broken()


def test_a_question_that_may_be_called_for_is_not_set_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evaluation, "FALSE", program.UNKNOWN)
    assert some_law_is_broken()
