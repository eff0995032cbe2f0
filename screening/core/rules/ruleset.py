"""Rulesets: criteria with their sources, and the order of outcomes."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from screening.core.rules.condition import Condition, items_in
from screening.core.rules.consistency import Consistency
from screening.core.rules.item import Item, Section
from screening.core.rules.option import Option, Statement, Writer
from screening.core.rules.patient_path import PatientPath
from screening.core.rules.term import Term
from screening.core.values.citation import Basis, Citation, Source
from screening.core.values.truth import Truth
from screening.core.values.wording import Wording


class Tier(Enum):
    """The place of a criterion, which decides what its truth does to the outcome."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    EXCLUSION = "exclusion"
    REQUIRED = "required"
    DESCRIBED = "described"
    CAUTION = "caution"
    INFO = "info"

    @property
    def raises_flag_when(self) -> Truth:
        """The truth with which a criterion of this tier raises a flag and leads to an outcome."""
        return Truth.FALSE if self in (Tier.REQUIRED, Tier.DESCRIBED) else Truth.TRUE


GRAVE = (Tier.EMERGENCY, Tier.URGENT)
"""The tiers that come before all others."""


class Strength(Enum):
    """The source's own word for how binding a statement is.

    ``STATED`` is for a source that states it as a fact, without such a word. ``ABSOLUTE`` and
    ``RELATIVE`` are the headings of lists of contraindications.
    """

    MUST = "must"
    GOOD_CANDIDATES = "good-candidates"
    USUALLY = "usually"
    MORE_LIKELY = "more-likely"
    MAY = "may"
    NOT_USED = "not-used"
    USED = "used"
    CAN = "can"
    WILL = "will"
    NEED = "need"
    POSSIBLE = "possible"
    IN_GENERAL = "in-general"
    ABSOLUTE = "absolute"
    RELATIVE = "relative"
    STATED = "stated"


class Status(Enum):
    """The state of a ruleset in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One documented reason. It always has a citation.

    ``unmet`` is what is said when a required or described criterion does not hold. ``limit_of``
    names the criterion whose limit this one is the breaking of. ``implies`` names criteria that
    hold whenever this one does.
    """

    id: str
    ruleset: str
    tier: Tier
    condition: Condition
    strength: Strength
    say: Wording
    citations: tuple[Citation, ...]
    unmet: Wording | None = None
    limit_of: str | None = None
    implies: tuple[str, ...] = ()

    @property
    def flag_text(self) -> Wording:
        """The text of its flag: ``unmet`` where its tier raises one when it does not hold."""
        unmet = self.unmet if self.tier.raises_flag_when is Truth.FALSE else None
        return unmet or self.say


class Trigger(Enum):
    """The condition of an outcome."""

    ANY = "any"
    REQUIRED_IS_FALSE = "required is false"
    DESCRIBED_IS_FALSE = "described is false"
    OTHERWISE = "otherwise"
    OPEN = "open"
    CONTRADICTION = "contradiction"


APART = (Trigger.OPEN, Trigger.CONTRADICTION)
"""The triggers of results that are not in the decision list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A result that a ruleset can have. ``tier`` belongs to the trigger ``ANY`` alone.

    ``name`` is a short title for the nurse; ``say`` are sentences.
    """

    id: str
    name: str
    trigger: Trigger
    say: Wording
    tier: Tier | None = None

    @property
    def looks_at(self) -> Tier | None:
        """The tier whose criteria lead to it; none where it is left for the others."""
        return _UNMET.get(self.trigger, self.tier)


_UNMET = {
    Trigger.REQUIRED_IS_FALSE: Tier.REQUIRED,
    Trigger.DESCRIBED_IS_FALSE: Tier.DESCRIBED,
}


class Matter(Enum):
    """One of the things that may matter most to a patient."""

    PAIN = "pain"
    HOME = "home"
    HOSPITAL = "hospital"
    RISKS = "risks"
    OTHER_FIRST = "other_first"
    HOW_SOON = "how_soon"
    FAMILY = "family"
    DECIDING = "deciding"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorQuestion:
    """A question for the patient to ask the doctor, put where its condition holds.

    ``first`` is its rank on the patient's sheet: 1 comes first, one without a rank comes last.
    ``if_unknown`` are the patient's words while answers are missing that could make it hold.
    ``matters`` are the things that matter to a patient which it asks about.
    """

    id: str
    ruleset: str
    condition: Condition
    say: Wording
    citations: tuple[Citation, ...]
    first: int | None = None
    if_unknown: str = ""
    matters: tuple[Matter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The words of one or more sources on a topic."""

    say: Wording
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A topic on which sources differ. ``touches`` names criteria and doctor's questions."""

    id: str
    topic: Wording
    touches: frozenset[str]
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A gap in the sources. ``citations`` quote what ``say`` names as there all the same."""

    say: Wording
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The head of one rule file that took part in a ruleset."""

    id: str
    version: str
    title: Wording
    status: Status
    basis: Basis
    effective_from: dt.date
    review_by: dt.date
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ruleset:
    """Everything that one screening is judged by, the included files among it.

    Two that were read apart are two, however alike; ``digest`` says whether they hold the same.

    ``parts`` holds the head of every file, its own first. ``outcomes`` are in order of priority;
    those that are open or contradictory, if declared, stand apart. ``terms`` are words of the field
    that are explained to patients. ``digest`` is SHA-256 in hex over the canonical form of all that
    was loaded. ``original`` is the ruleset whose words these are in another language.
    """

    id: str
    version: str
    title: Wording
    parts: tuple[Part, ...]
    questions_version: str
    sections: tuple[Section, ...]
    items: Mapping[str, Item]
    sources: Mapping[str, Source]
    criteria: tuple[Criterion, ...]
    outcomes: tuple[Outcome, ...]
    open_outcome: Outcome | None
    best: tuple[str, ...]
    favourable: frozenset[str]
    doctor_questions: tuple[DoctorQuestion, ...]
    disagreements: tuple[Disagreement, ...]
    silent_on: Mapping[str, Silence] = field(default_factory=dict[str, Silence])
    consistency: tuple[Consistency, ...] = ()
    contradiction_outcome: Outcome | None = None
    terms: Mapping[str, Term] = field(default_factory=dict[str, Term])
    patient_path: PatientPath | None = None
    options: tuple[Option, ...] = ()
    writers: tuple[Writer, ...] = ()
    digest: str = ""
    original: "Ruleset | None" = None

    @property
    def logic(self) -> "Ruleset":
        """The ruleset that is compiled, proved and recorded: itself, or its original."""
        return self.original or self

    @property
    def results(self) -> tuple[Outcome, ...]:
        """Every outcome, those that are not in the decision list last."""
        apart = (self.open_outcome, self.contradiction_outcome)
        return (*self.outcomes, *(each for each in apart if each))

    def criterion(self, criterion_id: str) -> Criterion:
        """The criterion with an id.

        Raises:
            KeyError: if there is none.
        """
        for criterion in self.criteria:
            if criterion.id == criterion_id:
                return criterion
        raise KeyError(criterion_id)

    def items_of(self, tier: Tier) -> frozenset[str]:
        """The items that the criteria of a tier read."""
        listed = (items_in(each.condition) for each in self.criteria if each.tier is tier)
        return frozenset[str]().union(*listed)

    def readers(self, link_id: str) -> Iterator[Criterion]:
        """The criteria that read an item."""
        return (each for each in self.criteria if link_id in items_in(each.condition))

    def disagreements_on(self, statement: Statement) -> list[Disagreement]:
        """The disagreements in which a side rests on the same words of the same source."""
        quoted = {(each.source, each.quote) for each in statement.citations}
        return [
            topic
            for topic in self.disagreements
            if any(
                (citation.source, citation.quote) in quoted
                for position in topic.positions
                for citation in position.citations
            )
        ]
