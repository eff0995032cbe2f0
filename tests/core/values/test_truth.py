"""Kleene's strong logic, by its whole truth tables."""

from itertools import product

import pytest

from screening.core.values.truth import Truth, at_least

F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE


@pytest.mark.parametrize(
    ("one", "other", "both", "either"),
    [
        (F, F, F, F),
        (F, U, F, U),
        (F, T, F, T),
        (U, F, F, U),
        (U, U, U, U),
        (U, T, U, T),
        (T, F, F, T),
        (T, U, U, T),
        (T, T, T, T),
    ],
)
def test_and_is_the_weaker_and_or_the_stronger(
    one: Truth, other: Truth, both: Truth, either: Truth
) -> None:
    assert one & other is both
    assert one | other is either


@pytest.mark.parametrize(("one", "opposite"), [(F, T), (U, U), (T, F)])
def test_not_turns_true_and_false_round_and_keeps_unknown(one: Truth, opposite: Truth) -> None:
    assert ~one is opposite


@pytest.mark.parametrize(("one", "other"), list(product(Truth, Truth)))
def test_de_morgan(one: Truth, other: Truth) -> None:
    assert ~(one & other) is ~one | ~other
    assert ~(one | other) is ~one & ~other


@pytest.mark.parametrize("truth", Truth)
def test_a_truth_is_never_read_as_yes_or_no(truth: Truth) -> None:
    with pytest.raises(TypeError, match="may be unknown"):
        bool(truth)


def test_a_known_answer_is_true_or_false() -> None:
    assert Truth.of(value=True) is T
    assert Truth.of(value=False) is F


@pytest.mark.parametrize("truths", [t for n in range(5) for t in product(Truth, repeat=n)])
def test_at_least_is_what_every_way_to_know_the_unknown_agrees_on(
    truths: tuple[Truth, ...],
) -> None:
    for count in range(len(truths) + 2):
        ways = product(*[(F, T) if each is U else (each,) for each in truths])
        held = {way.count(T) >= count for way in ways}
        expected = U if len(held) > 1 else Truth.of(value=held.pop())
        assert at_least(count, iter(truths)) is expected


def test_at_least_none_always_holds_and_more_than_there_are_never() -> None:
    assert at_least(0, ()) is T
    assert at_least(0, (F,)) is T
    assert at_least(1, ()) is F
    assert at_least(2, (T,)) is F
