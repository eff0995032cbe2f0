"""Simulated patients are asked at most half of all questions on average."""

from bench.simulate_questions import simulate


def test_at_most_half_of_the_questions_are_asked_on_average() -> None:
    asked = simulate(100)
    assert len(asked.counts) == 100
    assert min(asked.counts) >= 1
    assert asked.share <= 0.5
