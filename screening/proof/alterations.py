"""What is not the same in two rulesets, thing by thing and property by property."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum, auto
from typing import Any, cast

from screening.core.ruleset import Ruleset
from screening.core.wording import Audience, Wording
from screening.proof.space import Space


class Kind(Enum):
    """What can be added, removed or altered in a ruleset."""

    CRITERION = auto()
    QUESTION = auto()
    OUTCOME = auto()
    DOCTOR_QUESTION = auto()
    DISAGREEMENT = auto()
    SILENCE = auto()
    CONSISTENCY = auto()
    SOURCE = auto()
    FILE = auto()


class How(Enum):
    """What has become of it, or which of its properties has changed."""

    ADDED = auto()
    REMOVED = auto()
    MEANING = auto()
    OPENNESS = auto()
    REWRITTEN = auto()
    TIER = auto()
    STRENGTH = auto()
    ANSWERS = auto()
    GATE = auto()
    WORSE = auto()
    ORDER = auto()
    FAVOURABLE = auto()
    WORDS = auto()
    SOURCES = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """One thing that is not the same in both rulesets."""

    kind: Kind
    id: str
    how: tuple[How, ...]


_FIELDS = {
    "tier": How.TIER,
    "strength": How.STRENGTH,
    "type": How.ANSWERS,
    "unit": How.ANSWERS,
    "minimum": How.ANSWERS,
    "maximum": How.ANSWERS,
    "ask_if": How.GATE,
    "worse": How.WORSE,
    "trigger": How.MEANING,
    "condition": How.MEANING,
    "citations": How.SOURCES,
    "sources": How.SOURCES,
    **dict.fromkeys(
        (
            *("say", "unmet", "name", "ask", "why", "help", "title", "topic", "positions"),
            *("nurse", "patient"),
        ),
        How.WORDS,
    ),
}
"""Fields to what their change is called; those of other names are other properties."""


def alterations(space: Space, old: Ruleset, new: Ruleset) -> Iterator[Alteration]:
    """Everything that was added, removed or altered, kind by kind; time O(size of the rulesets).

    A criterion's meaning is its function: the same condition in another form does not count.

    Args:
        space: both rulesets, compiled.
        old: the older ruleset as it was read.
        new: the newer one.
    """
    for kind, one, other in things(old, new):
        for key in dict.fromkeys((*one, *other)):
            if key in one and key in other:
                how = set(_changed(one[key], other[key]))
                if kind is Kind.CRITERION:
                    how = how - {How.MEANING} | set(_meant(space, key))
                if kind is Kind.OUTCOME:
                    how |= set(_ranked(old, new, key))
            else:
                how = {How.REMOVED if key in one else How.ADDED}
            if how:
                yield Alteration(kind=kind, id=key, how=tuple(each for each in How if each in how))


def texts(thing: object) -> Iterator[tuple[str, str]]:
    """Every text of a thing that people read, with the field that it stands in."""
    for field in fields(thing):  # type: ignore[arg-type]  # each kind of thing is a dataclass
        if _FIELDS.get(field.name) is How.WORDS or field.name == "choices":
            yield from _texts(field.name, getattr(thing, field.name))


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  # of any kind
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Wording):
        for audience in Audience:
            yield f"{name} ({audience.value})", value.to(audience)
    elif isinstance(value, Mapping):
        for key, each in cast("Mapping[str, object]", value).items():
            yield from _texts(f"{name} {key}", each)
    elif isinstance(value, tuple):
        for number, each in enumerate(cast("tuple[object, ...]", value), 1):
            yield from _texts(f"{name} {number}", each)
    elif is_dataclass(value):
        for each, text in texts(value):
            yield f"{name}, {each}", text


def things(
    old: Ruleset, new: Ruleset
) -> Iterator[tuple[Kind, Mapping[str, Any], Mapping[str, Any]]]:
    """The things of each kind in both rulesets, by their ids."""

    def listed(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        one, other = getattr(old, name), getattr(new, name)
        return {each.id: each for each in one}, {each.id: each for each in other}

    yield Kind.CRITERION, *listed("criteria")
    yield Kind.QUESTION, old.items, new.items
    yield Kind.OUTCOME, _outcomes(old), _outcomes(new)
    yield Kind.DOCTOR_QUESTION, *listed("doctor_questions")
    yield Kind.DISAGREEMENT, *listed("disagreements")
    yield Kind.SILENCE, old.silent_on, new.silent_on
    yield Kind.CONSISTENCY, *listed("consistency")
    yield Kind.SOURCE, old.sources, new.sources
    yield Kind.FILE, *listed("parts")


def _outcomes(ruleset: Ruleset) -> dict[str, Any]:
    return {each.id: each for each in ruleset.results}


def _changed(one: Any, other: Any) -> Iterator[How]:  # noqa: ANN401  # things of any kind
    """What the fields in which two things of one kind differ are called."""
    for field in fields(one):
        before, after = getattr(one, field.name), getattr(other, field.name)
        if field.name == "choices":
            yield from _rechosen(before, after)
        elif before != after:
            yield _FIELDS.get(field.name, How.OTHER)


def _rechosen(one: Mapping[str, object], other: Mapping[str, object]) -> Iterator[How]:
    """Whether the codes of an item have changed, and whether their words have."""
    if list(one) != list(other):
        yield How.ANSWERS
    if any(one[code] != other[code] for code in one if code in other):
        yield How.WORDS


def _meant(space: Space, criterion_id: str) -> Iterator[How]:
    """Whether a criterion has another function, or the same one in another form."""
    old, new = space.old, space.new
    if old.exact[criterion_id] != new.exact[criterion_id]:
        yield How.MEANING
    elif old.kleene[criterion_id] != new.kleene[criterion_id]:
        yield How.OPENNESS
    elif (
        old.ruleset.criterion(criterion_id).condition
        != new.ruleset.criterion(criterion_id).condition
    ):
        yield How.REWRITTEN


def _ranked(old: Ruleset, new: Ruleset, outcome_id: str) -> Iterator[How]:
    """Whether an outcome has another place among those of both, or is favourable in one alone."""
    for one, other in (
        ([each.id for each in old.outcomes], [each.id for each in new.outcomes]),
        (old.best, new.best),
    ):
        before = [each for each in one if each in other]
        after = [each for each in other if each in one]
        if outcome_id in before and before.index(outcome_id) != after.index(outcome_id):
            yield How.ORDER
    if (outcome_id in old.favourable) != (outcome_id in new.favourable):
        yield How.FAVOURABLE
