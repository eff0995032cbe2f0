"""The difference between two rulesets in plain sentences, for any page or terminal."""

from collections.abc import Iterator, Mapping, Sequence

from screening.core.rules.condition import items_in
from screening.core.rules.consistency import BIRTH, Consistency, Order
from screening.core.rules.ruleset import Criterion, Ruleset
from screening.core.values.answer import Answer
from screening.core.values.wording import Audience
from screening.proof.comparison.alterations import Alteration, Aspect, Subject, texts, things
from screening.proof.comparison.diff import Difference, Transition
from screening.translation import Phrases, gettext, mark, ngettext
from screening.words.shared.answers import words_of_answers
from screening.words.shared.conditions import words_of_condition
from screening.words.shared.labels import TIER_WORDS
from screening.words.shared.lists import join_and

KIND_WORDS = Phrases(
    {
        Subject.CRITERION: "Criterion",
        Subject.QUESTION: "Question",
        Subject.OUTCOME: "Outcome",
        Subject.DOCTOR_QUESTION: "Question for the doctor",
        Subject.DISAGREEMENT: "Disagreement",
        Subject.SILENCE: "Gap in the sources",
        Subject.CONSISTENCY: "Rule of consistency",
        Subject.TERM: "Explained word",
        Subject.OPTION: "Option",
        Subject.WRITER: "Writer of a source",
        Subject.SOURCE: "Source",
        Subject.FILE: "File",
    }
)
ASPECT_WORDS = Phrases(
    {
        Aspect.MEANING: "meaning",
        Aspect.OPENNESS: "meaning while answers are missing",
        Aspect.REWRITTEN: "form but not meaning",
        Aspect.TIER: "tier",
        Aspect.STRENGTH: "strength",
        Aspect.ANSWERS: "answers",
        Aspect.ASK_IF: "gate",
        Aspect.WORSE: "worse answer",
        Aspect.ORDER: "place in the order",
        Aspect.FAVOURABLE: "being favourable",
        Aspect.WORDS: "words",
        Aspect.SOURCES: "sources",
        Aspect.OTHER: "other properties",
    }
)
AUDIENCE_WORDS = Phrases({Audience.NURSE: "the nurse", Audience.PATIENT: "the patient"})
CONTRADICTIONS = mark(
    "This applies to answers that do not contradict each other. Rules of consistency are compared"
    " only by their words, except for the order of dates. The patients shown may have answers that"
    " contradict each other."
)


def difference_lines(found: Difference, old: Ruleset, new: Ruleset) -> list[str]:
    """The differences between two rulesets: first in what they do, then in what they say."""
    lines = list(_verdict(found))
    if not found.identical and any(map(_forbids, (*old.consistency, *new.consistency))):
        lines.append(gettext(CONTRADICTIONS))
    lines += [_transition(each, found, old, new) for each in found.transitions]
    for alteration in found.alterations:
        lines += _alteration(alteration, old, new)
    return lines


def _forbids(rule: Consistency) -> bool:
    """True if a rule says more than the order of dates, which is all that is compared."""
    return not isinstance(rule.check, Order) or BIRTH in rule.check.dates


def _verdict(found: Difference) -> Iterator[str]:
    if found.identical:
        yield gettext("The two rulesets are identical in every word.")
    if found.equal:
        words = gettext(
            "they are equal on all complete answers and on all partial answers, in their outcomes"
            " and in their flags"
        )
        yield _proved(found, words)
        return
    same = _same(found.outcomes_equal, found.flags_equal)
    yield _proved(found, gettext("on all complete answers {same}", same=same))
    same = _same(found.outcomes_equal_partly, found.flags_equal_partly)
    yield _proved(found, gettext("on all partial answers {same}", same=same))


def _proved(found: Difference, words: str) -> str:
    if found.for_any_day:
        return gettext("Proved: {statement}.", statement=words)
    return gettext(
        "Proved for the screening date {day}: {statement}.",
        day=found.as_of.isoformat(),
        statement=words,
    )


def _same(outcomes: bool, flags: bool) -> str:  # noqa: FBT001  # two findings, in this order
    match outcomes, flags:
        case True, True:
            return gettext("outcomes and flags are equal")
        case True, False:
            return gettext("outcomes are equal, flags are not all equal")
        case False, True:
            return gettext("flags are equal, outcomes are not all equal")
        case _:
            return gettext("outcomes and flags are not all equal")


def _transition(each: Transition, found: Difference, old: Ruleset, new: Ruleset) -> str:
    return gettext(
        "“{before}” becomes “{after}”: {patient}.",
        before=_outcome(each.before, old),
        after=_outcome(each.after, new),
        patient=_patient(each, found, old, new),
    )


def _outcome(outcome_id: str, ruleset: Ruleset) -> str:
    names = {outcome.id: outcome.name for outcome in ruleset.results}
    return names[outcome_id] if outcome_id in names else gettext("The outcome is still open")


def _patient(each: Transition, found: Difference, old: Ruleset, new: Ruleset) -> str:
    """The simplest such patient: of many answers, only those that altered criteria read."""
    before = each.answers_before
    added = {key: a for key, a in each.answers_after.items() if before.get(key) != a}
    stated = len(before) + len(added)
    if not stated:
        return gettext("the simplest such patient has no answers")
    known = ngettext(
        "the simplest such patient has {count} answer",
        "the simplest such patient has {count} answers",
        stated,
    )
    read = _read(found, old) | _read(found, new)
    if stated <= _FEW or not read:
        return gettext(
            "{patient}: {answers}", patient=known, answers=_told(before, added, old, new)
        )
    telling = [{key: a for key, a in told.items() if key in read} for told in (before, added)]
    if any(telling):
        told = _told(telling[0], telling[1], old, new)
        return gettext("{patient}, among them {answers}", patient=known, answers=told)
    items = {**new.items, **old.items}
    names = ", ".join(items[key].name for key in sorted(read))
    return gettext("{patient}, none of them on {names}", patient=known, names=names)


def _told(
    before: Mapping[str, Answer], added: Mapping[str, Answer], old: Ruleset, new: Ruleset
) -> str:
    """Answers to the older questions, then those to the newer ones alone."""
    words = [words_of_answers(before, old.items), words_of_answers(added, new.items)]
    if added.keys() & old.items.keys():
        words[1] = gettext("as newly asked, {answers}", answers=words[1])
    return "; ".join(filter(None, words))


_FEW = 4


def _read(found: Difference, ruleset: Ruleset) -> frozenset[str]:
    """The items that altered criteria of a ruleset read."""
    altered = {each.id for each in found.alterations if each.kind is Subject.CRITERION}
    conditions = (each.condition for each in ruleset.criteria if each.id in altered)
    return frozenset(link_id for condition in conditions for link_id in items_in(condition))


def _alteration(alteration: Alteration, old: Ruleset, new: Ruleset) -> Iterator[str]:
    kind, key, how = alteration.kind, alteration.id, alteration.aspects
    thing = gettext("{kind} `{id}`", kind=KIND_WORDS[kind], id=key)
    if Aspect.ADDED in how:
        yield _added(thing, alteration, new)
    elif Aspect.REMOVED in how:
        yield _removed(thing, alteration, old)
    else:
        yield gettext("{thing}: changed {properties}.", thing=thing, properties=_have(how))
        if kind is Subject.CRITERION:
            yield from _criterion(old.criterion(key), new.criterion(key), (old, new), how)
        elif Aspect.WORDS in how:
            one, other = next((a[key], b[key]) for each, a, b in things(old, new) if each is kind)
            yield from _reworded(dict(texts(one)), dict(texts(other)))


def _reworded(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Each text that is another one now."""
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name, ""), after.get(name, "")
        if was != now:
            yield gettext(
                "Its {field} said: “{was}”; it says: “{now}”.", field=name, was=was, now=now
            )


def _have(how: Sequence[Aspect]) -> str:
    words = [ASPECT_WORDS[each] for each in how]
    return join_and([*filter(None, [", ".join(words[:-1])]), words[-1]])


def _added(thing: str, alteration: Alteration, ruleset: Ruleset) -> str:
    """The sentence on an added thing; of a criterion or a question with what it says."""
    if alteration.kind is Subject.CRITERION:
        facts = _criterion_facts(alteration.id, ruleset)
        return gettext("{thing} was added ({tier}): {condition}.", thing=thing, **facts)
    if alteration.kind is Subject.QUESTION:
        question = _question(alteration.id, ruleset)
        return gettext("{thing} was added: {question}.", thing=thing, question=question)
    return gettext("{thing} was added.", thing=thing)


def _removed(thing: str, alteration: Alteration, ruleset: Ruleset) -> str:
    """The sentence on a removed thing; of a criterion or a question with what it said."""
    if alteration.kind is Subject.CRITERION:
        facts = _criterion_facts(alteration.id, ruleset)
        return gettext("{thing} was removed ({tier}): {condition}.", thing=thing, **facts)
    if alteration.kind is Subject.QUESTION:
        question = _question(alteration.id, ruleset)
        return gettext("{thing} was removed: {question}.", thing=thing, question=question)
    return gettext("{thing} was removed.", thing=thing)


def _criterion_facts(criterion_id: str, ruleset: Ruleset) -> dict[str, str]:
    criterion = ruleset.criterion(criterion_id)
    return {"tier": TIER_WORDS[criterion.tier], "condition": _condition(criterion, ruleset)}


def _question(link_id: str, ruleset: Ruleset) -> str:
    return ruleset.items[link_id].ask.nurse.rstrip("?.")


def _condition(criterion: Criterion, ruleset: Ruleset) -> str:
    return words_of_condition(criterion.condition, ruleset.items, Audience.NURSE)


def _criterion(
    one: Criterion, other: Criterion, rulesets: tuple[Ruleset, Ruleset], how: Sequence[Aspect]
) -> Iterator[str]:
    """An altered criterion before and after."""
    old, new = rulesets
    if {Aspect.MEANING, Aspect.OPENNESS, Aspect.REWRITTEN} & set(how):
        yield gettext(
            "Its condition was: {was}; it is: {now}.",
            was=_condition(one, old),
            now=_condition(other, new),
        )
    if Aspect.TIER in how:
        was, now = TIER_WORDS[one.tier], TIER_WORDS[other.tier]
        yield gettext("It was: {was}; it is: {now}.", was=was, now=now)
    for before, after in ((one.say, other.say), (one.unmet, other.unmet)):
        for audience in Audience:
            was, now = (words.to(audience) if words else "" for words in (before, after))
            if was != now:
                yield gettext(
                    "For {audience} it said: “{was}”; it says: “{now}”.",
                    audience=AUDIENCE_WORDS[audience],
                    was=was,
                    now=now,
                )
    for quote in (each.quote for each in one.citations if each not in other.citations):
        yield gettext("It no longer cites: “{quote}”.", quote=quote)
    for quote in (each.quote for each in other.citations if each not in one.citations):
        yield gettext("It now cites: “{quote}”.", quote=quote)
