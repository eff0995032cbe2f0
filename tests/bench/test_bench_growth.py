"""The rules of the benchmark grow as it says, and its picture can be drawn."""

from bench.bench_growth import answer_sets
from support.bench.answer_rows import AS_OF, mixed
from support.bench.grown import copies
from support.bench.plot import plot
from support.oracles.slow_assessment import comparable, slow_assessment
from support.rulesets import shipped

from screening.core.results.assess import assess


def test_two_copies_of_the_rules_are_evaluated_like_any_others() -> None:
    rules = shipped.ruleset()
    twice = copies(rules, 2)
    assert len(twice.items) == 2 * len(rules.items)
    assert len(twice.consistency) == 2 * len(rules.consistency)
    sets = answer_sets(2, mixed(rules, 30))
    found = [assess(twice, answers, AS_OF, born) for answers, born in sets]
    assert any(each.contradictions for each in found)
    assert [comparable(each) for each in found] == [
        slow_assessment(twice, answers, AS_OF, born) for answers, born in sets
    ]


def test_a_picture_has_a_line_for_each_name() -> None:
    picture = plot("Growth", (1, 2, 4), {"a": [1, 2, 4], "<b>": [1, 4, 9]})
    assert picture.count("<polyline") == 3
    assert "&lt;b&gt;</text>" in picture
