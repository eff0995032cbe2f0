"""The differences between two rulesets, thing by thing and property by property."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum, auto
from typing import Any, cast

from screening.core.rules.ruleset import Ruleset
from screening.core.values.wording import Audience, Wording
from screening.proof.comparison.model_pair import ModelPair


class Subject(Enum):
    """The parts of a ruleset that can be added, removed or altered."""

    CRITERION = auto()
    QUESTION = auto()
    OUTCOME = auto()
    DOCTOR_QUESTION = auto()
    DISAGREEMENT = auto()
    SILENCE = auto()
    CONSISTENCY = auto()
    TERM = auto()
    OPTION = auto()
    WRITER = auto()
    SOURCE = auto()
    FILE = auto()


class Aspect(Enum):
    """The fate of a part, or the property of it that has changed."""

    ADDED = auto()
    REMOVED = auto()
    MEANING = auto()
    OPENNESS = auto()
    REWRITTEN = auto()
    TIER = auto()
    STRENGTH = auto()
    ANSWERS = auto()
    ASK_IF = auto()
    WORSE = auto()
    ORDER = auto()
    FAVOURABLE = auto()
    WORDS = auto()
    SOURCES = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """One thing that is not the same in both rulesets."""

    kind: Subject
    id: str
    aspects: tuple[Aspect, ...]


_FIELDS = {
    "tier": Aspect.TIER,
    "strength": Aspect.STRENGTH,
    "type": Aspect.ANSWERS,
    "unit": Aspect.ANSWERS,
    "minimum": Aspect.ANSWERS,
    "maximum": Aspect.ANSWERS,
    "ask_if": Aspect.ASK_IF,
    "worse": Aspect.WORSE,
    "trigger": Aspect.MEANING,
    "condition": Aspect.MEANING,
    "citations": Aspect.SOURCES,
    "sources": Aspect.SOURCES,
    **dict.fromkeys(
        (
            *("say", "unmet", "name", "ask", "why", "help", "title", "topic", "positions"),
            *("about", "like", "said_for", "said_against", "left_out"),
            *("wrote", "sells", "paid"),
            *("nurse", "patient", "forms"),
        ),
        Aspect.WORDS,
    ),
}
"""Fields to what their change is called; those of other names are other properties."""


def alterations(models: ModelPair, old: Ruleset, new: Ruleset) -> Iterator[Alteration]:
    """Everything that was added, removed or altered, kind by kind; time O(size of the rulesets).

    A criterion's meaning is its function: the same condition in another form does not count.

    Args:
        models: both rulesets, compiled.
        old: the older ruleset as it was read.
        new: the newer one.
    """
    for kind, one, other in things(old, new):
        for key in dict.fromkeys((*one, *other)):
            if key in one and key in other:
                how = set(_changed(one[key], other[key]))
                if kind is Subject.CRITERION:
                    how = how - {Aspect.MEANING} | set(_meant(models, key))
                if kind is Subject.OUTCOME:
                    how |= set(_ranked(old, new, key))
            else:
                how = {Aspect.REMOVED if key in one else Aspect.ADDED}
            if how:
                yield Alteration(
                    kind=kind, id=key, aspects=tuple(each for each in Aspect if each in how)
                )


def texts(thing: object) -> Iterator[tuple[str, str]]:
    """Every text of a thing that people read, with the field that holds it."""
    for field in fields(thing):  # type: ignore[arg-type]  # each kind of thing is a dataclass
        if _FIELDS.get(field.name) is Aspect.WORDS or field.name == "choices":
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
) -> Iterator[tuple[Subject, Mapping[str, Any], Mapping[str, Any]]]:
    """The things of each kind in both rulesets, by their ids."""

    def listed(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        one, other = getattr(old, name), getattr(new, name)
        return {each.id: each for each in one}, {each.id: each for each in other}

    yield Subject.CRITERION, *listed("criteria")
    yield Subject.QUESTION, old.items, new.items
    yield Subject.OUTCOME, _outcomes(old), _outcomes(new)
    yield Subject.DOCTOR_QUESTION, *listed("doctor_questions")
    yield Subject.DISAGREEMENT, *listed("disagreements")
    yield Subject.SILENCE, old.silent_on, new.silent_on
    yield Subject.CONSISTENCY, *listed("consistency")
    yield Subject.TERM, old.terms, new.terms
    yield Subject.OPTION, *listed("options")
    yield Subject.WRITER, *listed("writers")
    yield Subject.SOURCE, old.sources, new.sources
    yield Subject.FILE, *listed("parts")


def _outcomes(ruleset: Ruleset) -> dict[str, Any]:
    return {each.id: each for each in ruleset.results}


def _changed(one: Any, other: Any) -> Iterator[Aspect]:  # noqa: ANN401  # things of any kind
    """The names of the fields in which two things of one kind differ."""
    for field in fields(one):
        before, after = getattr(one, field.name), getattr(other, field.name)
        if field.name == "choices":
            yield from _rechosen(before, after)
        elif before != after:
            yield _FIELDS.get(field.name, Aspect.OTHER)


def _rechosen(one: Mapping[str, object], other: Mapping[str, object]) -> Iterator[Aspect]:
    """The changes of an item's codes, and of their words."""
    if list(one) != list(other):
        yield Aspect.ANSWERS
    if any(one[code] != other[code] for code in one if code in other):
        yield Aspect.WORDS


def _meant(models: ModelPair, criterion_id: str) -> Iterator[Aspect]:
    """The change of a criterion: another function, or the same one in another form."""
    old, new = models.old, models.new
    if old.exact[criterion_id] != new.exact[criterion_id]:
        yield Aspect.MEANING
    elif old.kleene[criterion_id] != new.kleene[criterion_id]:
        yield Aspect.OPENNESS
    elif (
        old.ruleset.criterion(criterion_id).condition
        != new.ruleset.criterion(criterion_id).condition
    ):
        yield Aspect.REWRITTEN


def _ranked(old: Ruleset, new: Ruleset, outcome_id: str) -> Iterator[Aspect]:
    """The change of an outcome: another place among those of both, or favourable in one alone."""
    for one, other in (
        ([each.id for each in old.outcomes], [each.id for each in new.outcomes]),
        (old.best, new.best),
    ):
        before = [each for each in one if each in other]
        after = [each for each in other if each in one]
        if outcome_id in before and before.index(outcome_id) != after.index(outcome_id):
            yield Aspect.ORDER
    if (outcome_id in old.favourable) != (outcome_id in new.favourable):
        yield Aspect.FAVOURABLE
