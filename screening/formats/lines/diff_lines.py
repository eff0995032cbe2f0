"""The difference between two rulesets in plain sentences, for any page or terminal."""

from collections.abc import Iterator, Mapping, Sequence

from screening.core.answer import Answer
from screening.core.condition import items_in
from screening.core.consistency import BIRTH, Consistency, Order
from screening.core.ruleset import Criterion, Ruleset
from screening.core.wording import Audience
from screening.proof.alterations import Alteration, How, Kind, texts, things
from screening.proof.diff import Difference, Transition
from screening.words.shared.answers import words_of_answers
from screening.words.shared.conditions import words_of_condition
from screening.words.shared.labels import TIER_WORDS

CONTRADICTIONS = (
    "This applies to answers that do not contradict each other. Rules of consistency are compared"
    " only by their words, except for the order of dates. A nearest patient may have answers that"
    " contradict each other."
)


def difference_lines(found: Difference, old: Ruleset, new: Ruleset) -> list[str]:
    """What two rulesets have and have not in common: first what they do, then what they say."""
    lines = list(_verdict(found))
    if not found.identical and any(map(_forbids, (*old.consistency, *new.consistency))):
        lines.append(CONTRADICTIONS)
    lines += [_transition(each, found, old, new) for each in found.transitions]
    for alteration in found.alterations:
        lines += _alteration(alteration, old, new)
    return lines


def _forbids(rule: Consistency) -> bool:
    """Whether a rule says more than the order of dates, which is all that is compared."""
    return not isinstance(rule.check, Order) or BIRTH in rule.check.dates


def _verdict(found: Difference) -> Iterator[str]:
    days = "" if found.for_any_day else f" for the screening date {found.as_of.isoformat()}"
    if found.identical:
        yield "The two rulesets are identical in every word."
    if found.equal:
        yield (
            f"Proved{days}: they are equal on all complete answers and on all partial answers, in"
            " their outcomes and in their flags."
        )
        return
    yield f"Proved{days}: on all complete answers {_same(found.outcomes_equal, found.flags_equal)}."
    yield (
        f"Proved{days}: on all partial answers"
        f" {_same(found.outcomes_equal_partly, found.flags_equal_partly)}."
    )


def _same(outcomes: bool, flags: bool) -> str:  # noqa: FBT001  # two findings, in this order
    if outcomes == flags:
        return f"outcomes and flags are {'equal' if outcomes else 'not all equal'}"
    equal, other = ("outcomes", "flags") if outcomes else ("flags", "outcomes")
    return f"{equal} are equal, {other} are not all equal"


def _transition(each: Transition, found: Difference, old: Ruleset, new: Ruleset) -> str:
    before, after = _outcome(each.before, old), _outcome(each.after, new)
    return f"{before} becomes {after}: {_patient(each, found, old, new)}."


def _outcome(outcome_id: str, ruleset: Ruleset) -> str:
    names = {outcome.id: outcome.name for outcome in ruleset.results}
    return f"“{names.get(outcome_id, 'Still open')}”"


def _patient(each: Transition, found: Difference, old: Ruleset, new: Ruleset) -> str:
    """The nearest patient: of many answers, only those that altered criteria read."""
    before = each.answers_before
    added = {key: a for key, a in each.answers_after.items() if before.get(key) != a}
    stated = len(before) + len(added)
    if not stated:
        return "the nearest patient is one of whom nothing is known"
    count = f"the nearest patient is known by {stated} answer{'s' * (stated > 1)}"
    read = _read(found, old) | _read(found, new)
    if stated <= _FEW or not read:
        return f"{count}: {_told(before, added, old, new)}"
    telling = [{key: a for key, a in told.items() if key in read} for told in (before, added)]
    if any(telling):
        return f"{count}, among them {_told(telling[0], telling[1], old, new)}"
    items = {**new.items, **old.items}
    return f"{count}, none of them on {', '.join(items[key].name for key in sorted(read))}"


def _told(
    before: Mapping[str, Answer], added: Mapping[str, Answer], old: Ruleset, new: Ruleset
) -> str:
    """Answers to the older questions, then those to the newer ones alone."""
    words = [words_of_answers(before, old.items), words_of_answers(added, new.items)]
    if added.keys() & old.items.keys():
        words[1] = f"as newly asked, {words[1]}"
    return "; ".join(filter(None, words))


_FEW = 4


def _read(found: Difference, ruleset: Ruleset) -> frozenset[str]:
    """The items that altered criteria of a ruleset read."""
    altered = {each.id for each in found.alterations if each.kind is Kind.CRITERION}
    conditions = (each.condition for each in ruleset.criteria if each.id in altered)
    return frozenset(link_id for condition in conditions for link_id in items_in(condition))


def _alteration(alteration: Alteration, old: Ruleset, new: Ruleset) -> Iterator[str]:
    kind, key, how = alteration.kind, alteration.id, alteration.how
    thing = f"{kind.value.capitalize()} `{key}`"
    if How.ADDED in how or How.REMOVED in how:
        yield f"{thing} was {how[0].value}{_content(alteration, new if How.ADDED in how else old)}."
        return
    yield f"{thing}: changed {_have(how)}."
    if kind is Kind.CRITERION:
        yield from _criterion(old.criterion(key), new.criterion(key), (old, new), how)
    elif How.WORDS in how:
        one, other = next((a[key], b[key]) for each, a, b in things(old, new) if each is kind)
        yield from _reworded(dict(texts(one)), dict(texts(other)))


def _reworded(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Each text that is another one now."""
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name, ""), after.get(name, "")
        if was != now:
            yield f"Its {name} said: “{was}”; it says: “{now}”."


def _have(how: Sequence[How]) -> str:
    words = [each.value for each in how]
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _content(alteration: Alteration, ruleset: Ruleset) -> str:
    """What an added or removed criterion or question says."""
    if alteration.kind is Kind.CRITERION:
        criterion = ruleset.criterion(alteration.id)
        return f" ({TIER_WORDS[criterion.tier]}): {_condition(criterion, ruleset)}"
    if alteration.kind is Kind.QUESTION:
        return f": {ruleset.items[alteration.id].ask.nurse}".rstrip("?.")
    return ""


def _condition(criterion: Criterion, ruleset: Ruleset) -> str:
    return words_of_condition(criterion.condition, ruleset.items, Audience.NURSE)


def _criterion(
    one: Criterion, other: Criterion, rulesets: tuple[Ruleset, Ruleset], how: Sequence[How]
) -> Iterator[str]:
    """What an altered criterion was and what it is."""
    old, new = rulesets
    if {How.MEANING, How.OPENNESS, How.REWRITTEN} & set(how):
        yield f"Its condition was: {_condition(one, old)}; it is: {_condition(other, new)}."
    if How.TIER in how:
        yield f"It was: {TIER_WORDS[one.tier]}; it is: {TIER_WORDS[other.tier]}."
    for before, after in ((one.say, other.say), (one.unmet, other.unmet)):
        for audience in Audience:
            was, now = (words.to(audience) if words else "" for words in (before, after))
            if was != now:
                yield f"For the {audience.value} it said: “{was}”; it says: “{now}”."
    for quote in (each.quote for each in one.citations if each not in other.citations):
        yield f"It no longer cites: “{quote}”."
    for quote in (each.quote for each in other.citations if each not in one.citations):
        yield f"It now cites: “{quote}”."
