"""Defects that a rule's author could make, each sown into the documented rules or a small file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from support.rulesets.builders import (
    at_least_number,
    at_most_number,
    choice,
    criterion,
    item,
    one_of,
    ruleset,
    within,
    yes,
)
from support.rulesets.builders import number as counted

from screening.core.rules.condition import (
    Condition,
    Not,
    all_of,
    any_of,
)
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Criterion, Ruleset, Tier

Sow = Callable[[Ruleset], Ruleset]


@dataclass(frozen=True)
class Defect:
    """What is done to sound rules, and which proof alone must fail, at which subjects."""

    name: str
    code: str
    subjects: frozenset[str]
    sow: Sow


def sound() -> Ruleset:
    """A small ruleset with one of everything, of which all is proved."""
    items = [
        item("numb", worse="yes"),
        item("fever", worse="yes"),
        item("lungs", worse="yes"),
        counted("levels", 1, 9),
        choice("cause", "abcd"),
        item("since", ItemType.DATE, worse="earlier"),
        choice("scans", "abcd", ItemType.CHOICES),
        item("allergy", worse="yes"),
    ]
    limit = all_of(yes("lungs"), Not(part=at_most_number("levels", 2)))
    criteria = [
        criterion("numbness", Tier.EMERGENCY, yes("numb")),
        criterion("hot", Tier.URGENT, any_of(yes("fever"), one_of("scans", "c"))),
        criterion("lung", Tier.CAUTION, yes("lungs")),
        replace(criterion("lung.limit", Tier.EXCLUSION, limit), limit_of="lung"),
        criterion("cause_fits", Tier.REQUIRED, one_of("cause", "a", "b")),
        criterion("recent", Tier.DESCRIBED, within("since", 2)),
        criterion("scanned", Tier.REQUIRED, one_of("scans", "a", "b")),
        criterion("reacts", Tier.INFO, yes("allergy")),
    ]
    return ruleset(items, criteria)


def when(name: str, change: Callable[[Condition], Condition]) -> Sow:
    """One criterion's condition changed."""

    def sow(rules: Ruleset) -> Ruleset:
        listed = [
            replace(each, condition=change(each.condition)) if each.id == name else each
            for each in rules.criteria
        ]
        return replace(rules, criteria=tuple(listed))

    return sow


def becomes(name: str, condition: Condition) -> Sow:
    return when(name, lambda _: condition)


def field(name: str, **changes: object) -> Sow:
    """One criterion's fields changed."""

    def sow(rules: Ruleset) -> Ruleset:
        listed = [
            replace(each, **changes) if each.id == name else each  # type: ignore[arg-type]  # by name
            for each in rules.criteria
        ]
        return replace(rules, criteria=tuple(listed))

    return sow


def with_criteria(*more: Criterion) -> Sow:
    return lambda rules: replace(rules, criteria=(*rules.criteria, *more))


def with_item(changed: Item) -> Sow:
    return lambda rules: replace(rules, items={**rules.items, changed.link_id: changed})


def worse(link_id: str, answer: str) -> Sow:
    return lambda rules: with_item(replace(rules.items[link_id], worse=answer))(rules)


def both(*sows: Sow) -> Sow:
    def sow(rules: Ruleset) -> Ruleset:
        for each in sows:
            rules = each(rules)
        return rules

    return sow


def ladder(*order: int) -> Sow:
    """The outcomes in another order, or without some; `best` follows."""

    def sow(rules: Ruleset) -> Ruleset:
        outcomes = tuple(rules.outcomes[place] for place in order)
        best = tuple(each.id for each in reversed(outcomes))
        return replace(rules, outcomes=outcomes, best=best)

    return sow


def without(name: str) -> Sow:
    return lambda rules: replace(
        rules, criteria=tuple(each for each in rules.criteria if each.id != name)
    )


def _defect(name: str, code: str, subjects: Sequence[str], sow: Sow) -> Defect:
    return Defect(name, code, frozenset(subjects), sow)


def _split(condition: Condition) -> Condition:
    """Two cases that make one, which Kleene's logic does not see."""
    halves = (all_of(condition, yes("fever")), all_of(condition, Not(part=yes("fever"))))
    return any_of(*halves)


_CLOTTING = item("clotting")

DEFECTS = (
    _defect(
        "a favourable outcome stands above an urgent one",
        "unsafe-outcome",
        ["hot", "cause_fits", "recent", "scanned"],
        ladder(0, 5, 1, 2, 3, 4, 6),
    ),
    _defect(
        "no outcome is left for unmet requirements",
        "unsafe-outcome",
        ["cause_fits", "scanned"],
        ladder(0, 1, 2, 4, 5, 6),
    ),
    _defect(
        "no outcome is left for descriptions that do not fit",
        "unsafe-outcome",
        ["recent"],
        ladder(0, 1, 2, 3, 5, 6),
    ),
    _defect(
        "a broken limit is a caution",
        "broken-limit",
        ["lung.limit"],
        field("lung.limit", tier=Tier.CAUTION),
    ),
    _defect(
        "the limit acts as preparation",
        "broken-limit",
        ["lung.limit"],
        field("lung.limit", tier=Tier.INFO),
    ),
    _defect(
        "urgent stands above emergency", "hidden-sign", ["numbness"], ladder(1, 0, 2, 3, 4, 5, 6)
    ),
    _defect(
        "an emergency sign is negated",
        "worse-is-better",
        ["numb"],
        when("numbness", lambda c: Not(part=c)),
    ),
    _defect("worse names the better answer", "worse-is-better", ["since"], worse("since", "later")),
    _defect("worse names a code that fits", "worse-is-better", ["cause"], worse("cause", "a")),
    _defect("worse names a scan that helps", "worse-is-better", ["scans"], worse("scans", "a")),
    _defect(
        "a requirement asks for the opposite",
        "worse-is-better",
        ["since"],
        when("recent", lambda c: Not(part=c)),
    ),
    _defect("a rule is split into cases", "not-exact", ["numbness"], when("numbness", _split)),
    _defect(
        "no outcome is for the others",
        "no-outcome",
        ["met_with_cautions"],
        ladder(0, 1, 2, 3, 4, 5),
    ),
    _defect(
        "an outcome is never reached",
        "unreachable",
        ["met_with_cautions"],
        both(without("lung"), field("lung.limit", limit_of=None)),
    ),
    _defect(
        "parts contradict each other",
        "stuck-criterion",
        ["hot"],
        becomes("hot", all_of(yes("fever"), Not(part=yes("fever")))),
    ),
    _defect(
        "one part or its opposite always holds",
        "stuck-criterion",
        ["reacts"],
        becomes("reacts", any_of(yes("allergy"), Not(part=yes("allergy")))),
    ),
    _defect(
        "a threshold lies outside of the bounds",
        "idle-threshold",
        ["levels"],
        becomes("reacts", any_of(yes("allergy"), at_least_number("levels", 12))),
    ),
    _defect(
        "a question is read and idle",
        "idle-item",
        ["clotting"],
        both(
            with_item(_CLOTTING),
            becomes("reacts", any_of(yes("allergy"), all_of(yes("clotting"), yes("allergy")))),
        ),
    ),
    _defect(
        "a criterion occurs twice",
        "same-criterion",
        ["again"],
        with_criteria(criterion("again", Tier.INFO, yes("allergy"))),
    ),
    _defect(
        "an implied criterion is not declared",
        "same-criterion",
        ["one_cause"],
        with_criteria(criterion("one_cause", Tier.INFO, one_of("cause", "a"))),
    ),
    _defect(
        "an implication is declared and wrong",
        "same-criterion",
        ["reacts"],
        field("reacts", implies=("cause_fits",)),
    ),
    _defect(
        "a branch is subsumed",
        "dead-branch",
        ["recent"],
        becomes("recent", any_of(within("since", 2), within("since", 1))),
    ),
    _defect(
        "an or was written as an and",
        "dead-branch",
        ["scanned"],
        becomes(
            "scanned",
            all_of(one_of("scans", "a", "b"), any_of(one_of("scans", "a"), one_of("scans", "b"))),
        ),
    ),
    _defect(
        "a wrong threshold leaves a limit without effect",
        "stuck-criterion",
        ["lung.limit"],
        becomes("lung.limit", all_of(yes("lungs"), Not(part=at_most_number("levels", 9)))),
    ),
)
"""For each what the proof must name; other proofs may fail beside it where the defect causes it."""
